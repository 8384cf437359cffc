"""Who is told of what happens: addresses of other programs, what each wants to hear, and how it answers.

The address and the secrets are encrypted: an address may hold a token, and whoever has a secret can sign as we do.
"""

import re
import secrets as random_secrets
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import ColumnElement, Row, delete, select, update

from store.engine import Database
from store.secrets import SecretKeys
from store.tables import outgoing_events, receivers, send_attempts, sendings

NAME = re.compile(r"^[a-z][a-z0-9_-]{0,63}\Z")
"""What a receiver may be called."""
OLD_SECRET_FOR = timedelta(hours=24)
"""So long a secret that was rotated signs beside the new one."""


class ReceiverState(StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    """Nothing is sent; what happens meanwhile waits."""


@dataclass(frozen=True, slots=True)
class Wants:
    """What a receiver hears of; an empty list stands for all."""

    kinds: Sequence[str] = ()
    connections: Sequence[str] = ()
    properties: Sequence[str] = ()
    """The PMS's ids."""


@dataclass(frozen=True, slots=True)
class Receiver:
    """A row, and what is encrypted in it."""

    id: str
    name: str
    wants: Wants
    url: str = field(repr=False)
    secrets: Sequence[str] = field(repr=False)
    """That sign now: the newest first."""
    state: ReceiverState = ReceiverState.ACTIVE
    state_reason: str = ""
    failures: int = 0
    """In a row."""
    failing_since: datetime | None = None
    rests_until: datetime | None = None
    """Nothing is sent before: it has failed several times in a row."""
    organisation: str = ""
    """Whose it is: it hears of the connections of this one only. Empty: of the whole service."""

    @property
    def host(self) -> str:
        """What may be shown of its address."""
        return urlsplit(self.url).hostname or ""


class Receivers:
    """Queries and writes. Raises `StoreFailed`, and `SecretsUnreadable` where the keys do not fit."""

    def __init__(self, store: Database, keys: SecretKeys):
        self._store = store
        self._keys = keys

    def all(self, now: datetime) -> list[Receiver]:
        """By name. `now`: which secrets sign (UTC)."""
        return [self._receiver(row, now) for row in self._store.rows(select(receivers).order_by(receivers.c.name))]

    def get(self, name: str, now: datetime) -> Receiver | None:
        return self._found(receivers.c.name == name, now)

    def of_id(self, receiver_id: str, now: datetime) -> Receiver | None:
        """Never by a name, which may be whatever somebody else has chosen."""
        return self._found(receivers.c.id == receiver_id, now)

    def add(self, name: str, url: str, wants: Wants, now: datetime, organisation: str = "") -> Receiver | None:
        """A new one, with a secret of its own; None where there is one of that name, whosever it is."""
        sealed = {"url": url, "secrets": [[_new_secret(), None]]}
        values = {
            "id": f"rcv_{uuid4().hex[:20]}",
            "name": name,
            "organisation": organisation,
            **_columns(wants),
            "secrets": self._keys.encrypt(sealed),
            "state": ReceiverState.ACTIVE,
            "state_reason": "",
            "failures": 0,
            "created_at": now,
        }
        with self._store.writing() as db:
            statement = self._store.upsert(receivers).values(**values)
            made = statement.on_conflict_do_nothing(index_elements=["name"]).returning(receivers.c.id)
            if db.execute(made).first() is None:
                return None
        return self.get(name, now)

    def set(self, one: Receiver, *, url: str | None = None, wants: Wants | None = None) -> None:
        """Another address, or other wishes; what waits already is sent all the same."""
        values: dict[str, Any] = _columns(wants) if wants is not None else {}
        with self._store.writing() as db:
            if url is not None:
                kept = self._sealed_secrets(db.execute(_sealed(one.id)).scalar_one())
                values["secrets"] = self._keys.encrypt({"url": url, "secrets": kept})
                values |= {"failures": 0, "failing_since": None, "rests_until": None}
            if values:
                db.execute(update(receivers).where(receivers.c.id == one.id).values(**values))

    def pause(self, one: Receiver, reason: str) -> None:
        """Nothing is sent from now on; what happens meanwhile waits."""
        values = {"state": ReceiverState.PAUSED, "state_reason": reason, "rests_until": None}
        self._store.write(update(receivers).where(receivers.c.id == one.id).values(**values))

    def resume(self, one: Receiver, now: datetime) -> None:
        """It is tried at once, and what has waited is tried as long as if it had happened now."""
        values = {"state": ReceiverState.ACTIVE, "state_reason": "", "rests_until": None}
        waits = (sendings.c.receiver_id == one.id, sendings.c.state == "waiting")
        with self._store.writing() as db:
            db.execute(update(receivers).where(receivers.c.id == one.id).values(**values))
            db.execute(update(sendings).where(*waits).values(replayed_at=now, not_before=now))

    def rotate(self, one: Receiver, now: datetime) -> str:
        """A new secret, which is returned; the old one signs beside it for a day."""
        new, until = _new_secret(), (now + OLD_SECRET_FOR).isoformat()
        with self._store.writing() as db:
            kept = self._sealed_secrets(db.execute(_sealed(one.id)).scalar_one())
            sealed = [[new, None], *([secret, end or until] for secret, end in kept if _signs(end, now))]
            values = {"secrets": self._keys.encrypt({"url": one.url, "secrets": sealed})}
            db.execute(update(receivers).where(receivers.c.id == one.id).values(**values))
        return new

    def remove(self, one: Receiver) -> None:
        """With all that waits for it; events that nobody else is told of go as well."""
        with self._store.writing() as db:
            for table in (send_attempts, sendings):
                db.execute(delete(table).where(table.c.receiver_id == one.id))
            db.execute(delete(receivers).where(receivers.c.id == one.id))
            others = select(sendings.c.event_id).where(sendings.c.event_id == outgoing_events.c.id).exists()
            db.execute(delete(outgoing_events).where(~others))

    def answered(self, one: Receiver) -> None:
        """It took something."""
        values = {"failures": 0, "failing_since": None, "rests_until": None}
        self._store.write(update(receivers).where(receivers.c.id == one.id, receivers.c.failures > 0).values(**values))

    def failed(self, one: Receiver, rests_until: datetime | None, now: datetime) -> None:
        """It did not; `rests_until`: nothing is sent before."""
        values = {
            "failures": receivers.c.failures + 1,
            "failing_since": one.failing_since or now,
            "rests_until": rests_until,
        }
        self._store.write(update(receivers).where(receivers.c.id == one.id).values(**values))

    def encrypt_anew(self) -> int:
        """Encrypts all with the first key; returns how many there are."""
        with self._store.writing() as db:
            rows = db.execute(select(receivers.c.id, receivers.c.secrets).with_for_update()).all()
            for row in rows:
                values = {"secrets": self._keys.encrypt_anew(row.secrets)}
                db.execute(update(receivers).where(receivers.c.id == row.id).values(**values))
        return len(rows)

    def _found(self, condition: ColumnElement[bool], now: datetime) -> Receiver | None:
        row = self._store.row(select(receivers).where(condition))
        return None if row is None else self._receiver(row, now)

    def _sealed_secrets(self, text: str) -> list[tuple[str, str | None]]:
        return [(secret, until) for secret, until in self._keys.decrypt(text)["secrets"]]

    def _receiver(self, row: Row[Any], now: datetime) -> Receiver:
        sealed: Mapping[str, Any] = self._keys.decrypt(row.secrets)
        return Receiver(
            row.id,
            row.name,
            Wants(tuple(row.kinds), tuple(row.connections), tuple(row.properties)),
            sealed["url"],
            [secret for secret, until in sealed["secrets"] if _signs(until, now)],
            ReceiverState(row.state),
            row.state_reason,
            row.failures,
            row.failing_since,
            row.rests_until,
            row.organisation,
        )


def _sealed(receiver_id: str) -> Any:
    return select(receivers.c.secrets).where(receivers.c.id == receiver_id).with_for_update()


def _columns(wants: Wants) -> dict[str, Any]:
    return {"kinds": list(wants.kinds), "connections": list(wants.connections), "properties": list(wants.properties)}


def _signs(until: str | None, now: datetime) -> bool:
    return until is None or datetime.fromisoformat(until) > now


def _new_secret() -> str:
    """As Standard Webhooks writes them: 24 to 64 bytes in base64 behind `whsec_`."""
    return f"whsec_{b64encode(random_secrets.token_bytes(32)).decode()}"
