"""Cards that were encoded here, or were to be: for whom, at which encoder, by whom, and what came of it. Never a card's
number."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update

from store.engine import ConnectionRepository
from store.tables import card_encodings as table

KEEP = timedelta(days=90)
TAKES_AT_MOST = timedelta(minutes=2)
"""An order to an encoder of which nobody has heard any more for so long is not under way."""
MOST = 20
"""Of one booking, that are shown."""


class EncoderBusy(Exception):
    """Another card is being encoded there."""


class CardBusy(Exception):
    """The same card is being encoded already."""

    def __init__(self, encoder: str):
        super().__init__(encoder)
        self.encoder = encoder
        """The name of the encoder."""


@dataclass(frozen=True, slots=True)
class CardEncoding:
    """One order to an encoder."""

    id: int
    connection: str
    property_id: str
    booking_id: str
    key: str
    """The grant's, without its generation."""
    seam_id: str
    """Of the grant."""
    method_id: str
    """Seam's id of the access method that the card is for."""
    room: str
    encoder_id: str
    encoder: str
    """Its name."""
    who: str
    asked_at: datetime
    """UTC, as the next one."""
    attempt_id: str | None = None
    """Seam's id of the order."""
    ended_at: datetime | None = None
    outcome: str | None = None
    """`written`, `failed` or `unknown`; None while it is under way."""
    error: str | None = None
    """Seam's word for why it failed."""
    why: str | None = None
    """The same in Seam's words."""

    @property
    def is_written(self) -> bool:
        return self.outcome == "written"


class CardEncodings(ConnectionRepository):
    """Those of one connection. Raises `StoreFailed`."""

    def begin(self, one: CardEncoding) -> int:
        """Notes an order before it is sent (its `id` does not count); returns its id. Raises `EncoderBusy` where
        another one is under way at the encoder, or may be: whoever laid a card there would get somebody else's.
        Raises `CardBusy` where this card is under way at another one: there would be two of it."""
        is_old = table.c.asked_at <= one.asked_at - TAKES_AT_MOST
        values = {name: getattr(one, name) for name in CardEncoding.__dataclass_fields__ if name != "id"}
        values["taken"] = one.encoder_id
        with self._store.writing() as db:
            lost = is_old & table.c.ended_at.is_(None) & (table.c.encoder_id == one.encoder_id)
            db.execute(update(table).where(lost).values(ended_at=one.asked_at, outcome="unknown"))
            db.execute(update(table).where(is_old, table.c.taken == one.encoder_id).values(taken=None))
            putting = self._store.upsert(table).values(values).on_conflict_do_nothing().returning(table.c.id)
            made = db.execute(putting).scalar()
        if made is None:
            raise EncoderBusy
        # Only now: of two that are noted at one time, one at least sees the other, and nobody sends anything before.
        same = (table.c.method_id == one.method_id, table.c.connection == self._connection)
        with self._store.writing() as db:
            asked = select(table.c.encoder).where(*same, table.c.taken.is_not(None), ~is_old, table.c.id != made)
            elsewhere: str | None = db.execute(asked.limit(1)).scalar()
            if elsewhere is not None:
                db.execute(delete(table).where(*self._one(int(made))))
        if elsewhere is not None:
            raise CardBusy(elsewhere)
        return int(made)

    def sent(self, id: int, attempt_id: str) -> None:
        self._store.write(update(table).where(*self._one(id)).values(attempt_id=attempt_id))

    def end(self, id: int, outcome: str, now: datetime, error: str = "", why: str = "") -> bool:
        """What came of it; False where that was noted before. Where nobody knows that, the encoder may still wait for
        a card: no other order has it before `TAKES_AT_MOST`."""
        with self._store.writing() as db:
            wanted = (*self._one(id), table.c.ended_at.is_(None))
            values = {
                "outcome": outcome,
                "ended_at": now,
                "error": error[:80] or None,
                "why": why or None,
            }
            if outcome != "unknown":
                values["taken"] = None
            return db.execute(update(table).where(*wanted).values(values)).rowcount == 1

    def get(self, id: int) -> CardEncoding | None:
        return next(iter(self._where(*self._one(id))), None)

    def of_booking(self, booking_id: str) -> Sequence[CardEncoding]:
        """The newest first."""
        return self._where(table.c.connection == self._connection, table.c.booking_id == booking_id)

    def last_encoder_of(self, property_id: str, who: str) -> str | None:
        """The encoder that this user had a card written at last in this property, or else whoever did; None where
        nobody has."""
        here = (table.c.connection == self._connection, table.c.property_id == property_id)
        found = self._where(*here, table.c.who == who) or self._where(*here)
        return found[0].encoder_id if found else None

    def forget_old(self, now: datetime) -> None:
        self._store.write(delete(table).where(table.c.connection == self._connection, table.c.asked_at <= now - KEEP))

    def _where(self, *wanted: Any) -> list[CardEncoding]:
        asked = _SELECT.where(*wanted).order_by(table.c.id.desc()).limit(MOST)
        return [CardEncoding(**row._mapping) for row in self._store.rows(asked)]

    def _one(self, id: int) -> tuple[Any, ...]:
        return table.c.connection == self._connection, table.c.id == id


_SELECT = select(*(table.c[name] for name in CardEncoding.__dataclass_fields__))
