"""Who may do what: users, API tokens, and the log of what they did. Passwords and tokens are kept as hashes only."""

import hashlib
import secrets as random_secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.engine import Database
from store.tables import audit_log, secrets, tokens, users

TOKEN_PREFIX = "np_"  # noqa: S105 - what tokens begin with, so that scanners recognise a leaked one

LINK_LASTS = timedelta(minutes=10)


class Role(StrEnum):
    """What somebody may do; each may all that the one before may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    def may(self, needed: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class User:
    name: str
    role: Role
    password_hash: str
    disabled: bool
    generation: int
    """Sessions of an older generation are void: it grows when the password changes."""


@dataclass(frozen=True, slots=True)
class Token:
    name: str
    role: Role
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """A line of the audit log."""

    at: datetime
    who: str
    action: str
    connection: str | None
    target: str | None
    note: str | None


class AlreadyThere(Exception):
    """Somebody, or something, of that name exists."""


class People:
    """Users, tokens, and the audit log. Hashing passwords is the caller's: argon2 is no matter of the database."""

    def __init__(self, store: Database):
        self._store = store

    # --- users ------------------------------------------------------------------------------------------------------

    def add_user(self, name: str, role: Role, password_hash: str, now: datetime) -> None:
        """Raises `AlreadyThere`."""
        if self.user(name) is not None:
            raise AlreadyThere(name)
        with self._store.writing() as db:
            db.execute(insert(users).values(name=name, role=role, password_hash=password_hash, created_at=now))

    def user(self, name: str) -> User | None:
        with self._store.reading() as db:
            row = db.execute(select(users).where(users.c.name == name)).one_or_none()
        return User(row.name, Role(row.role), row.password_hash, bool(row.disabled), row.generation) if row else None

    def users(self) -> list[User]:
        with self._store.reading() as db:
            rows = db.execute(select(users).order_by(users.c.name))
            return [
                User(row.name, Role(row.role), row.password_hash, bool(row.disabled), row.generation) for row in rows
            ]

    def change_user(
        self,
        name: str,
        *,
        role: Role | None = None,
        password_hash: str | None = None,
        disabled: bool | None = None,
    ) -> bool:
        """Changes what is given; a new password or a disabling ends all sessions. False where there is no such user."""
        values: dict[str, object] = {}
        if role is not None:
            values["role"] = role
        if disabled is not None:
            values["disabled"] = disabled
        if password_hash is not None:
            values["password_hash"] = password_hash
        if password_hash is not None or disabled:
            values["generation"] = users.c.generation + 1
        with self._store.writing() as db:
            return bool(db.execute(update(users).where(users.c.name == name).values(**values)).rowcount)

    # --- API tokens -------------------------------------------------------------------------------------------------

    def make_token(self, name: str, role: Role, now: datetime) -> str:
        """A new token, shown this once: only its digest is kept. Raises `AlreadyThere`."""
        token = TOKEN_PREFIX + random_secrets.token_urlsafe(32)
        try:
            with self._store.writing() as db:
                taken = db.execute(select(tokens.c.name).where(tokens.c.name == name)).first()
                if taken is not None:
                    raise AlreadyThere(name)
                db.execute(insert(tokens).values(name=name, digest=_digest(token), role=role, created_at=now))
        except IntegrityError:
            raise AlreadyThere(name) from None
        return token

    def token(self, text: str, now: datetime) -> Token | None:
        """The valid token of that text. Random and 256 bits long, so a plain digest keeps it as safe as a slow one."""
        with self._store.reading() as db:
            row = db.execute(
                _tokens.where(tokens.c.digest == _digest(text), tokens.c.revoked_at.is_(None))
            ).one_or_none()
        if row is None:
            return None
        if row.used_at is None or (now - row.used_at).total_seconds() > 3600:
            with self._store.writing() as db:
                db.execute(update(tokens).where(tokens.c.name == row.name).values(used_at=now))
        return Token(row.name, Role(row.role), row.created_at, row.used_at, row.revoked_at)

    def tokens(self) -> list[Token]:
        with self._store.reading() as db:
            rows = db.execute(_tokens.order_by(tokens.c.name))
            return [Token(row.name, Role(row.role), row.created_at, row.used_at, row.revoked_at) for row in rows]

    def revoke_token(self, name: str, now: datetime) -> bool:
        with self._store.writing() as db:
            gone = db.execute(
                update(tokens).where(tokens.c.name == name, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
            )
            return bool(gone.rowcount)

    # --- the audit log ----------------------------------------------------------------------------------------------

    def note(
        self,
        who: str,
        action: str,
        now: datetime,
        *,
        connection: str | None = None,
        target: str | None = None,
        note: str | None = None,
    ) -> None:
        """Writes a line into the audit log."""
        with self._store.writing() as db:
            db.execute(
                insert(audit_log).values(
                    at=now, who=who[:80], action=action, connection=connection, target=(target or "")[:255], note=note
                )
            )

    def audit_entries(self, limit: int = 200, target: str | None = None) -> list[AuditEntry]:
        """The newest first."""
        statement = select(*(audit_log.c[name] for name in AuditEntry.__dataclass_fields__)).order_by(
            audit_log.c.id.desc()
        )
        if target is not None:
            statement = statement.where(audit_log.c.target == target)
        with self._store.reading() as db:
            return [AuditEntry(*row) for row in db.execute(statement.limit(limit))]

    # --- links that sign in once ------------------------------------------------------------------------------------

    def make_link(self, name: str, now: datetime) -> str:
        """A secret that signs a user in, once, within ten minutes."""
        link = random_secrets.token_urlsafe(32)
        value = f"{int((now + LINK_LASTS).timestamp())} {name}"
        with self._store.writing() as db:
            db.execute(insert(secrets).values(name=f"link:{_digest(link)[:48]}", value=value))
        return link

    def link_is_good(self, link: str, now: datetime) -> bool:
        """Whether a link would sign somebody in; it is not used up."""
        with self._store.reading() as db:
            value = db.execute(select(secrets.c.value).where(secrets.c.name == f"link:{_digest(link)[:48]}")).scalar()
        return value is not None and int(value.partition(" ")[0]) >= now.timestamp()

    def use_link(self, link: str, now: datetime) -> str | None:
        """The user whom a link signs in; None when it is none, or was used, or is too old."""
        name = f"link:{_digest(link)[:48]}"
        with self._store.writing() as db:
            value = db.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar()
            used = db.execute(delete(secrets).where(secrets.c.name == name)).rowcount
        if value is None or not used:
            return None
        until, _, user = value.partition(" ")
        return user if int(until) >= now.timestamp() else None

    # --- sessions ---------------------------------------------------------------------------------------------------

    def begin_session(self, user: User, until: datetime, now: datetime) -> str:
        """A secret that stands for a signed-in user until then, or until the session is ended; those that are over are
        forgotten on the way."""
        session = random_secrets.token_urlsafe(32)
        with self._store.writing() as db:
            for name, value in db.execute(select(secrets.c.name, secrets.c.value).where(_IS_SESSION)).all():
                if int(value.partition(" ")[0]) < now.timestamp():
                    db.execute(delete(secrets).where(secrets.c.name == name))
            value = f"{int(until.timestamp())} {user.generation} {user.name}"
            db.execute(insert(secrets).values(name=_session(session), value=value))
        return session

    def session(self, session: str, now: datetime) -> User | None:
        """Who is signed in by that secret; None when the session has ended, by time, by her or with her password."""
        with self._store.reading() as db:
            value = db.execute(select(secrets.c.value).where(secrets.c.name == _session(session))).scalar()
        if value is None:
            return None
        until, generation, name = value.split(" ", 2)
        user = self.user(name)
        if user is None or user.disabled or user.generation != int(generation) or int(until) < now.timestamp():
            return None
        return user

    def end_session(self, session: str) -> None:
        """Ends a session for whoever has its secret."""
        with self._store.writing() as db:
            db.execute(delete(secrets).where(secrets.c.name == _session(session)))

    # --- our own secret ---------------------------------------------------------------------------------------------

    def secret(self, name: str) -> str:
        """A random secret that is made once and stays: every process of this database has the same."""
        with self._store.writing() as db:
            db.execute(
                self._store.upsert(secrets)
                .values(name=name, value=random_secrets.token_hex(32))
                .on_conflict_do_nothing(index_elements=["name"])
            )
            return str(db.execute(select(secrets.c.value).where(secrets.c.name == name)).scalar_one())


_tokens = select(tokens.c.name, tokens.c.role, tokens.c.created_at, tokens.c.used_at, tokens.c.revoked_at)


_IS_SESSION = secrets.c.name.like("session:%")


def _session(session: str) -> str:
    return f"session:{_digest(session)[:48]}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
