"""What a person does by hand beside the runs: connecting lock systems, taking them up, deciding about locks.

One person at a time for each connection, in a turn of its own: a run of an hour holds nobody up, and whoever was held
up herself (a laptop that slept) changes nothing any more after somebody else has gone on.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from mappers.sentences import Said, say
from seam_workspace.workspace import Workspace
from store.engine import Database, StoreFailed
from store.turns import TurnTaken, take


class DeskTaken(StoreFailed):
    """Somebody else is at it. `why`: so, and what to do."""

    def __init__(self, why: Said):
        super().__init__(why)
        self.why = why


@contextmanager
def by_hand(store: Database, workspace: Workspace, connection: str) -> Iterator[Database]:
    """The store to write by: it and every change in Seam by this thread are refused once the turn is over (`TurnLost`).

    Raises `DeskTaken` while somebody else is at it, and `StoreFailed`.
    """
    try:
        turn = take(store, f"desk {connection}")
    except TurnTaken:
        raise DeskTaken(
            say(
                "{connection}: somebody else is working on its locks and lock systems at this moment, so nothing was "
                "changed: try again in a minute",
                connection=connection,
            )
        ) from None
    try:
        with workspace.guarded(turn.check):
            yield store.fenced(turn)
    finally:
        turn.release()
