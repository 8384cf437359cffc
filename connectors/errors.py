"""What can go wrong with a PMS, by what the caller should do about it.

Messages are sentences for operations staff: no tokens, no guests' data, no bodies, no query strings.
"""

from typing import Self

from mappers.sentences import Value, say


class PmsError(Exception):
    """Any failure on the PMS side. `sentence`: its message, as pages say it in the reader's language."""

    def __init__(self, message: str, *, operation: str = "", status: int | None = None, request_id: str | None = None):
        super().__init__(message)
        self.sentence = message
        self.operation = operation
        self.status = status
        self.request_id = request_id

    @classmethod
    def saying(cls, message: str, *, operation: str = "", status: int | None = None, **values: Value) -> Self:
        """The error with the sentence of a message, in which `{operation}` is a value like the others."""
        return cls(say(message, operation=operation, **values), operation=operation, status=status)

    def refusing(self, message: str, **values: Value) -> "PmsRefused":
        """What to do about a refusal of this operation: in a message, `{why}` is the sentence of now, and `{operation}`
        and `{status}` are what they were."""
        told = say(message, why=self.sentence, operation=self.operation, status=f"{self.status}", **values)
        return PmsRefused(told, operation=self.operation, status=self.status, request_id=self.request_id)


class PmsUnreachable(PmsError):
    """No usable answer after all retries: down, overloaded, unplugged, or not the PMS. Safe to try again later."""


class PmsRefused(PmsError):
    """The PMS says no (400, 401, 403, 404): a person has to change something first."""
