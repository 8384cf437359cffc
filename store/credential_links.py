"""Links by which somebody without an account puts new credentials of one connection in: once, within some days.

Of a link only its digest is kept, and whose connection it is for. It opens nothing else, and shows nothing.
"""

import hashlib
import secrets as random_secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, insert, select

from store.engine import Repository
from store.tables import secrets

LINK_LASTS = timedelta(days=7)
"""A hotel's manager answers within a week, or asks again."""
_IS_LINK = secrets.c.name.like("credentials:%")


class CredentialLinks(Repository):
    """Raises `StoreFailed`. Times are aware UTC."""

    def make(self, connection: str, now: datetime) -> str:
        """The secret of a new link, shown this once. Those that are over are forgotten on the way."""
        link = random_secrets.token_urlsafe(32)
        value = f"{int((now + LINK_LASTS).timestamp())} {connection}"
        with self._store.writing() as db:
            for name, other in db.execute(select(secrets.c.name, secrets.c.value).where(_IS_LINK)).all():
                if int(other.partition(" ")[0]) < now.timestamp():
                    db.execute(delete(secrets).where(secrets.c.name == name))
            db.execute(insert(secrets).values(name=_name(link), value=value))
        return link

    def connection_of(self, link: str, now: datetime) -> str | None:
        """For which connection a link is; None where it is none, was used, or is too old."""
        value = self._store.value(select(secrets.c.value).where(secrets.c.name == _name(link)))
        if value is None:
            return None
        until, _, connection = value.partition(" ")
        return connection if datetime.fromtimestamp(int(until), UTC) >= now else None

    def use_up(self, link: str) -> bool:
        """Ends a link; False where somebody else has used it meanwhile."""
        return bool(self._store.write(delete(secrets).where(secrets.c.name == _name(link))))


def _name(link: str) -> str:
    return f"credentials:{hashlib.sha256(link.encode()).hexdigest()[:48]}"
