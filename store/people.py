"""Who may do what: users, API tokens, and the log of what they did. Passwords and tokens are kept as hashes only."""

import hashlib
import secrets as random_secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from mappers.sentences import keep_together, kept
from store.engine import Repository
from store.tables import audit_log, memberships, secrets, sessions, stays, tokens, users

TOKEN_PREFIX = "np_"  # noqa: S105 - what tokens begin with, so that scanners recognise a leaked one

NAME = r"[A-Za-z0-9._@+-]{1,64}"
"""Of users and tokens, as a pattern of the whole."""
LINK_LASTS = timedelta(minutes=10)
INVITATION_LASTS = timedelta(hours=24)
SEEN_EVERY = timedelta(minutes=1)
"""So often it is noted that a session goes on."""


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
    second_factor: str | None = field(default=None, repr=False)
    """The secret of an app that shows codes, encrypted."""
    subject: str | None = None
    """Digest of who she is at the sign-in provider; None: she signs in here."""
    language: str | None = None
    """Of the pages, as she has chosen; None: as her browser asks for."""

    @property
    def by_provider(self) -> bool:
        """She signs in at the provider, which says what she may do, and has no password here."""
        return self.subject is not None

    @property
    def has_password(self) -> bool:
        """Whoever was invited chooses one after the first sign-in."""
        return bool(self.password_hash)


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in."""

    began_at: datetime
    seen_at: datetime


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
    id: int = 0
    said: Any = field(default=None, repr=False)
    """What the note was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "note")


class AlreadyThere(Exception):
    """Somebody, or something, of that name exists."""


class People(Repository):
    """Users, tokens, and the audit log. Hashing passwords is the caller's: argon2 is no matter of the database."""

    # --- users ------------------------------------------------------------------------------------------------------

    def add_user(self, name: str, role: Role, password_hash: str, now: datetime) -> None:
        """Raises `AlreadyThere`."""
        if self.user(name) is not None:
            raise AlreadyThere(name)
        self._store.write(insert(users).values(name=name, role=role, password_hash=password_hash, created_at=now))

    def user(self, name: str) -> User | None:
        row = self._store.row(select(users).where(users.c.name == name))
        return _user(row) if row else None

    def users(self) -> list[User]:
        return [_user(row) for row in self._store.rows(select(users).order_by(users.c.name))]

    def is_last_admin(self, name: str) -> bool:
        """Whether without this user nobody could change everything: admins of a part only cannot."""
        of_a_part = set(self._store.values(select(memberships.c.who)))
        admins = {one.name for one in self.users() if one.role is Role.ADMIN and not one.disabled}
        return admins - of_a_part == {name}

    def change_user(
        self,
        name: str,
        *,
        role: Role | None = None,
        password_hash: str | None = None,
        disabled: bool | None = None,
        language: str | None = None,
    ) -> bool:
        """Changes what is given (an empty language: none is chosen); a new password or a disabling ends all sessions,
        and links that sign in. False where there is no such user."""
        values: dict[str, object] = {}
        if role is not None:
            values["role"] = role
        if disabled is not None:
            values["disabled"] = disabled
        if language is not None:
            values["language"] = language or None
        if password_hash is not None:
            values["password_hash"] = password_hash
        if password_hash is not None or disabled:
            values["generation"] = users.c.generation + 1
        with self._store.writing() as db:
            if "generation" in values:
                _forget_links(db, name)
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
        row = self._store.row(_tokens.where(tokens.c.digest == _digest(text), tokens.c.revoked_at.is_(None)))
        if row is None:
            return None
        if row.used_at is None or (now - row.used_at).total_seconds() > 3600:
            self._store.write(update(tokens).where(tokens.c.name == row.name).values(used_at=now))
        return Token(row.name, Role(row.role), row.created_at, row.used_at, row.revoked_at)

    def tokens(self) -> list[Token]:
        rows = self._store.rows(_tokens.order_by(tokens.c.name))
        return [Token(row.name, Role(row.role), row.created_at, row.used_at, row.revoked_at) for row in rows]

    def revoke_token(self, name: str, now: datetime) -> bool:
        gone = self._store.write(
            update(tokens).where(tokens.c.name == name, tokens.c.revoked_at.is_(None)).values(revoked_at=now)
        )
        return bool(gone)

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
        self._store.write(
            insert(audit_log).values(
                at=now,
                who=who[:80],
                action=action,
                connection=connection,
                target=(target or "")[:255],
                note=note,
                said=kept(note) if note else None,
            )
        )

    def audit_entries(
        self,
        limit: int = 200,
        target: str | None = None,
        *,
        who: str | None = None,
        action: str | None = None,
        connection: str | None = None,
        property_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
    ) -> list[AuditEntry]:
        """The newest first. `action`: or a part of it; `property_id`: about that, or a booking of it; `since`, `until`:
        written between; `before`: written before that one (its id)."""
        statement = select(*(audit_log.c[name] for name in AuditEntry.__dataclass_fields__)).order_by(
            audit_log.c.id.desc()
        )
        wanted = {"target": target, "who": who, "connection": connection}
        statement = statement.where(
            *(audit_log.c[name] == value for name, value in wanted.items() if value is not None)
        )
        if action:
            statement = statement.where(audit_log.c.action.icontains(action, autoescape=True))
        if property_id:
            of_booking = (stays.c.connection == audit_log.c.connection, stays.c.booking_id == audit_log.c.target)
            there = select(stays.c.booking_id).where(*of_booking, stays.c.property_id == property_id).exists()
            statement = statement.where(or_(audit_log.c.target == property_id, there))
        if since is not None:
            statement = statement.where(audit_log.c.at >= since)
        if until is not None:
            statement = statement.where(audit_log.c.at < until)
        if before is not None:
            statement = statement.where(audit_log.c.id < before)
        return [AuditEntry(*row) for row in self._store.rows(statement.limit(limit))]

    # --- links that sign in once ------------------------------------------------------------------------------------

    def make_link(self, name: str, now: datetime, lasts: timedelta = LINK_LASTS) -> str:
        """A secret that signs a user in, once, within ten minutes or as long as is said; until another one is made, or
        her password changes. Links that are over are forgotten on the way."""
        link = random_secrets.token_urlsafe(32)
        value = f"{int((now + lasts).timestamp())} {name}"
        with self._store.writing() as db:
            _forget_links(db, name)
            db.execute(delete(secrets).where(_is_link, secrets.c.value < str(int(now.timestamp()))))
            db.execute(insert(secrets).values(name=f"link:{_digest(link)[:48]}", value=value))
        return link

    def link_is_good(self, link: str, now: datetime) -> bool:
        """Whether a link would sign somebody in; it is not used up."""
        value = self._store.value(select(secrets.c.value).where(secrets.c.name == f"link:{_digest(link)[:48]}"))
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
        secret = random_secrets.token_urlsafe(32)
        values = {"user": user.name, "generation": user.generation, "began_at": now, "until": until, "seen_at": now}
        with self._store.writing() as db:
            db.execute(delete(sessions).where(sessions.c.until < now))
            db.execute(insert(sessions).values(digest=_digest(secret), **values))
        return secret

    def session(
        self, secret: str, now: datetime, idle: timedelta | None = None, by_itself: bool = False
    ) -> User | None:
        """Who is signed in by that secret; None when the session has ended, by time, by her or with her password.
        `idle`: it also ends when nothing was asked for so long; what a page asks `by_itself` is no use of it."""
        mine = sessions.c.digest == _digest(secret)
        row = self._store.row(select(sessions).where(mine))
        if row is None or row.until < now or (idle is not None and row.seen_at < now - idle):
            return None
        user = self.user(row.user)
        if user is None or user.disabled or user.generation != row.generation:
            return None
        if not by_itself and now - row.seen_at >= SEEN_EVERY:
            self._store.write(update(sessions).where(mine).values(seen_at=now))
        return user

    def sessions(self, now: datetime) -> dict[str, list[Session]]:
        """Those that go on, by user, the newest first."""
        found: dict[str, list[Session]] = {}
        generations = {one.name: one.generation for one in self.users()}
        statement = select(sessions).where(sessions.c.until >= now).order_by(sessions.c.began_at.desc())
        for row in self._store.rows(statement):
            if generations.get(row.user) == row.generation:
                found.setdefault(row.user, []).append(Session(row.began_at, row.seen_at))
        return found

    def end_session(self, secret: str) -> None:
        """Ends a session for whoever has its secret."""
        self._store.write(delete(sessions).where(sessions.c.digest == _digest(secret)))

    def end_sessions(self, name: str, but: str | None = None) -> int:
        """Ends all sessions of a user and her links that sign in; or all but the session of this secret. Returns how
        many sessions."""
        mine = sessions.c.user == name
        if but is not None:
            mine = mine & (sessions.c.digest != _digest(but))
        with self._store.writing() as db:
            _forget_links(db, name)
            return db.execute(delete(sessions).where(mine)).rowcount

    # --- the second factor ------------------------------------------------------------------------------------------

    def set_second_factor(self, name: str, sealed: str | None) -> None:
        """The encrypted secret of a user's app; None: the password is enough."""
        self._store.write(update(users).where(users.c.name == name).values(second_factor=sealed, second_factor_step=0))

    def use_code(self, name: str, step: int) -> bool:
        """Notes that the code of this step was used; False where it, or a later one, was used before."""
        unused = (users.c.name == name, users.c.second_factor_step < step)
        return bool(self._store.write(update(users).where(*unused).values(second_factor_step=step)))

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


def _user(row: Row[Any]) -> User:
    return User(
        row.name,
        Role(row.role),
        row.password_hash,
        bool(row.disabled),
        row.generation,
        row.second_factor,
        row.subject,
        row.language,
    )


_tokens = select(tokens.c.name, tokens.c.role, tokens.c.created_at, tokens.c.used_at, tokens.c.revoked_at)


_is_link = secrets.c.name.startswith("link:", autoescape=True)


def _forget_links(db: Connection, name: str) -> None:
    """The links that would sign a user in."""
    db.execute(delete(secrets).where(_is_link, secrets.c.value.endswith(f" {name}", autoescape=True)))


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
