"""What became of an order: Seam answers with an action attempt, which is `pending` until the device has answered."""

from collections.abc import Callable
from typing import Any, TypeVar

from seam_workspace.calls import Calls

T = TypeVar("T")


class Attempts(Calls):
    """Followed by their ids."""

    def _attempt(self, attempt_id: str, read: Callable[[Any], T]) -> T:
        """How an action attempt stands now. Raises `SeamError`.

        Contract: `/action_attempts/get`.
        """
        return self._call(
            "action_attempts/get",
            lambda: read(self._seam.action_attempts.get(action_attempt_id=attempt_id, wait_for_action_attempt=False)),
        )
