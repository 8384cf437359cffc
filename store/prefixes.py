"""Which connection makes keys with which prefix: whatever settings files there are, one workspace has one of each."""

import re
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, delete, or_, select, text, update

from store.engine import Repository
from store.tables import key_prefixes

STILL = timedelta(hours=1)
"""A connection that has not run for so long may have been renamed or removed: its prefix is free."""
AGAIN = timedelta(minutes=10)
"""So often it is noted that a prefix is in use."""


class PrefixTaken(Exception):
    """Another connection has this prefix, or one that it overlaps; the message says what to do."""


class KeyPrefixes(Repository):
    """The prefixes of all connections that use this database."""

    def others(self, connection: str, prefix: str, workspace: str = "") -> tuple[tuple[str, str], ...]:
        """The other connections of that Seam workspace whose keys may begin as those of this one do, with its own
        prefix, and their prefixes."""
        of = {"of": connection, "in": workspace, "beginning": _beginning(prefix)}
        rows = self._store.rows(_OTHERS, of)
        return tuple((row.connection, row.prefix) for row in rows)

    def claim(self, connection: str, prefix: str, now: datetime, workspace: str = "") -> None:
        """Notes that the connection makes its keys with this prefix. Raises `PrefixTaken`.

        Of two connections of one workspace without any prefix the second is refused; beside others, one without goes
        on, and its records that read as theirs are refused one by one.
        """
        seen_at = self._store.seen_prefixes.get((connection, prefix, workspace))
        if seen_at is not None and timedelta(0) <= now - seen_at < AGAIN:
            return
        known = self._store.row(_MINE, {"of": connection})
        if known is not None and (known.prefix, known.workspace) == (prefix, workspace) and now - known.seen_at < AGAIN:
            self._store.seen_prefixes[connection, prefix, workspace] = known.seen_at
            return
        if known is not None and (known.prefix, known.workspace) == (prefix, workspace):
            # Whoever had taken it meanwhile would have deleted it: as long as it is there, nobody else has to be asked.
            with self._store.writing() as db:
                if db.execute(_STILL_MINE, {"of": connection, "was": prefix, "in": workspace, "now": now}).rowcount:
                    return
        with self._store.writing() as db:
            if not self._store.is_sqlite:
                db.execute(text("LOCK TABLE key_prefixes IN SHARE ROW EXCLUSIVE MODE"))
            for row in db.execute(*_meeting(connection, prefix, workspace)).all():
                if now - row.seen_at < STILL:
                    raise PrefixTaken(
                        f"connection {row.connection} makes its keys with {row.prefix!r} in this database, and "
                        f"{connection} with {prefix!r} would make the same: give each a key_prefix of its own. (If it "
                        "was only renamed: an hour after its last run the prefix is free.)"
                    )
                db.execute(delete(key_prefixes).where(key_prefixes.c.connection == row.connection))
            statement = self._store.upsert(key_prefixes).values(
                connection=connection, workspace=workspace, prefix=prefix, folded=prefix.casefold(), seen_at=now
            )
            values = {name: statement.excluded[name] for name in ("workspace", "prefix", "folded", "seen_at")}
            db.execute(statement.on_conflict_do_update(index_elements=["connection"], set_=values))


_BESIDE = (key_prefixes.c.connection != bindparam("of"), key_prefixes.c.workspace == bindparam("in"))
_GOES_ON = key_prefixes.c.folded.like(bindparam("beginning"), escape="/")
_ROWS = select(key_prefixes.c.connection, key_prefixes.c.prefix, key_prefixes.c.seen_at).where(*_BESIDE)
_BARE = _ROWS.where(key_prefixes.c.folded == "")
_MEETING = _ROWS.where(or_(_GOES_ON, key_prefixes.c.folded.in_(bindparam("shorter"))))
_OTHERS = select(key_prefixes.c.connection, key_prefixes.c.prefix).where(*_BESIDE, _GOES_ON).order_by("connection")
_MINE = select(key_prefixes.c.prefix, key_prefixes.c.workspace, key_prefixes.c.seen_at).where(
    key_prefixes.c.connection == bindparam("of")
)
_STILL_MINE = (
    update(key_prefixes)
    .where(
        key_prefixes.c.connection == bindparam("of"),
        key_prefixes.c.prefix == bindparam("was"),
        key_prefixes.c.workspace == bindparam("in"),
    )
    .values(seen_at=bindparam("now"))
)


def _beginning(prefix: str) -> str:
    """The pattern of what begins as this one does."""
    return re.sub(r"([/%_])", r"/\1", prefix.casefold()) + "%"


def _meeting(connection: str, prefix: str, workspace: str = "") -> tuple[Select[Any], dict[str, Any]]:
    """The query for those with which two connections could make the same key, as one is the beginning of the other in
    whatever letter case, and its values. One without any meets only another such. The database looks for them: each
    connection of thousands would read all others."""
    of = {"of": connection, "in": workspace}
    if not prefix:
        return _BARE, of
    folded = prefix.casefold()
    shorter = [folded[:length] for length in range(1, len(folded))]
    return _MEETING, of | {"beginning": _beginning(prefix), "shorter": shorter}
