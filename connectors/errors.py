"""What can go wrong with a PMS, by what the caller should do about it.

Messages are sentences for operations staff: no tokens, no guests' data, no bodies, no query strings.
"""


class PmsError(Exception):
    """Any failure on the PMS side. `sentence`: its message, as pages say it in the reader's language."""

    def __init__(self, message: str, *, operation: str = "", status: int | None = None, request_id: str | None = None):
        super().__init__(message)
        self.sentence = message
        self.operation = operation
        self.status = status
        self.request_id = request_id


class PmsUnreachable(PmsError):
    """No usable answer after all retries: down, overloaded, unplugged, or not the PMS. Safe to try again later."""


class PmsRefused(PmsError):
    """The PMS says no (400, 401, 403, 404): a person has to change something first."""
