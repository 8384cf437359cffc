"""Users who sign in at an OpenID Connect provider: who they are there, and what they may do here.

A user is known by the provider's own number for her, never by her name: a name may be given to somebody else there, and
must not bring what another user may do here. What is kept is a digest of the two.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from store.engine import Repository
from store.memberships import Membership
from store.people import AlreadyThere, People, Role, User
from store.tables import memberships, sessions, users


def subject_of(issuer: str, number: str) -> str:
    """What stands for an account of a provider: `number` is its `sub`, unique within the issuer (OpenID Connect Core
    1.0, section 2)."""
    return hashlib.sha256(f"{issuer}\0{number}".encode()).hexdigest()


class ProviderUsers(Repository):
    """Raises `StoreFailed`."""

    def admit(self, subject: str, name: str, roles: Sequence[Membership], now: datetime) -> tuple[User, bool]:
        """The user of an account, with the roles that it has today, and whether she is new; of a disabled one nothing
        is changed. `roles`: at least one; without a place it is over everything.

        Whoever has signed in before keeps her name here. Raises `AlreadyThere` where the name is somebody else's.
        """
        try:
            with self._store.writing() as db:
                known, is_new = self._find(db, subject, name, now)
                if known is not None:
                    _set_roles(db, known, roles, now)
        except IntegrityError:
            raise AlreadyThere(name) from None
        user = self.known(subject)
        if user is None:
            raise AlreadyThere(name)
        return user, is_new

    def _find(self, db: Connection, subject: str, name: str, now: datetime) -> tuple[str | None, bool]:
        """The name of the user to whom the roles are to be given; None where she is disabled."""
        row = db.execute(select(users.c.name, users.c.disabled).where(users.c.subject == subject)).one_or_none()
        if row is not None:
            return (None if row.disabled else row.name), False
        there = db.execute(select(users.c.subject, users.c.disabled).where(users.c.name == name)).one_or_none()
        if there is None:
            values = {"role": Role.VIEWER, "password_hash": "", "created_at": now}
            db.execute(insert(users).values(name=name, subject=subject, **values))
            return name, True
        if there.subject != _handed_over(name) or there.disabled:
            raise AlreadyThere(name)
        db.execute(update(users).where(users.c.name == name).values(subject=subject))
        return name, False

    def known(self, subject: str) -> User | None:
        """The user of an account."""
        name = self._store.value(select(users.c.name).where(users.c.subject == subject))
        return People(self._store).user(name) if name is not None else None

    def hand_over(self, name: str) -> bool:
        """From now on a user signs in at the provider: the next account of that name there is hers. Her password,
        second factor and sessions end. False where there is no such user."""
        values = {
            "subject": _handed_over(name),
            "password_hash": "",
            "second_factor": None,
            "generation": users.c.generation + 1,
        }
        with self._store.writing() as db:
            db.execute(delete(sessions).where(sessions.c.user == name))
            return bool(db.execute(update(users).where(users.c.name == name).values(**values)).rowcount)


def _handed_over(name: str) -> str:
    """Stands for the account that is not known yet: no issuer is empty."""
    return subject_of("", name)


def _set_roles(db: Connection, name: str, roles: Sequence[Membership], now: datetime) -> None:
    everywhere = [one.role for one in roles if not one.organisation and not one.connection]
    # Of whoever has roles over some only, this one counts nowhere: it is the lowest, should they ever be lost.
    role = max(everywhere, key=list(Role).index, default=Role.VIEWER)
    db.execute(update(users).where(users.c.name == name).values(role=role))
    db.execute(delete(memberships).where(memberships.c.who == name))
    if everywhere:
        return
    best: dict[tuple[str, str, str], Role] = {}
    for one in roles:
        place = (one.organisation, one.connection, one.property_id)
        best[place] = max(one.role, best.get(place, one.role), key=list(Role).index)
    for (organisation, connection, property_id), highest in best.items():
        db.execute(
            insert(memberships).values(
                who=name,
                organisation=organisation,
                place=connection,
                property_of_place=property_id,
                role=highest,
                created_at=now,
            )
        )
