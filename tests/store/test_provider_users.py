"""Users who sign in at a provider: one account is one user, whatever its name, and a name is nobody else's."""

import pytest

from store.engine import Database
from store.memberships import Membership, Memberships
from store.people import AlreadyThere, People, Role
from store.provider_users import ProviderUsers, subject_of
from tests.world import START

ANNA, BEN = subject_of("https://login.example", "1"), subject_of("https://login.example", "2")
OPERATOR = [Membership(Role.OPERATOR)]


def test_an_account_is_one_user_whatever_its_name_becomes(store: Database) -> None:
    book = ProviderUsers(store)
    first, is_new = book.admit(ANNA, "anna", OPERATOR, START)
    assert (first.name, first.role, first.has_password, first.by_provider, is_new) == (
        "anna",
        Role.OPERATOR,
        False,
        True,
        True,
    )
    again, is_new = book.admit(ANNA, "anna.married", [Membership(Role.VIEWER)], START)
    assert (again.name, again.role, is_new) == ("anna", Role.VIEWER, False)
    assert [one.name for one in People(store).users()] == ["anna"]


def test_a_name_that_is_somebody_elses_is_not_given_again(store: Database) -> None:
    book = ProviderUsers(store)
    People(store).add_user("boss", Role.ADMIN, "a hash", START)
    book.admit(ANNA, "anna", OPERATOR, START)
    for name in ("boss", "anna"):
        with pytest.raises(AlreadyThere):
            book.admit(BEN, name, OPERATOR, START)
    boss = People(store).user("boss")
    assert boss is not None
    assert (boss.role, boss.by_provider, boss.password_hash) == (Role.ADMIN, False, "a hash")
    assert book.known(BEN) is None


def test_roles_over_parts_are_those_of_this_sign_in_and_the_highest_counts(store: Database) -> None:
    book, memberships = ProviderUsers(store), Memberships(store)
    south = Membership(Role.VIEWER, organisation="south")
    room = Membership(Role.OPERATOR, connection="alpen", property_id="p1")
    user, _ = book.admit(ANNA, "anna", [south, Membership(Role.ADMIN, organisation="south"), south, room], START)
    assert user.role is Role.VIEWER
    assert set(memberships.of("anna")) == {Membership(Role.ADMIN, organisation="south"), room}
    book.admit(ANNA, "anna", [south], START)
    assert memberships.of("anna") == [south]
    user, _ = book.admit(ANNA, "anna", [south, Membership(Role.OPERATOR), Membership(Role.VIEWER)], START)
    assert (user.role, memberships.of("anna")) == (Role.OPERATOR, [])


def test_of_a_disabled_user_nothing_is_changed(store: Database) -> None:
    book = ProviderUsers(store)
    book.admit(ANNA, "anna", [Membership(Role.VIEWER)], START)
    People(store).change_user("anna", disabled=True)
    user, _ = book.admit(ANNA, "anna", [Membership(Role.ADMIN)], START)
    assert (user.disabled, user.role) == (True, Role.VIEWER)


def test_a_user_who_is_handed_over_belongs_to_the_first_account_of_her_name(store: Database) -> None:
    book, people = ProviderUsers(store), People(store)
    people.add_user("anna", Role.VIEWER, "a hash", START)
    before = people.user("anna")
    assert before is not None
    secret = people.begin_session(before, START.replace(year=START.year + 1), START)
    assert book.hand_over("anna")
    assert people.session(secret, START) is None
    user, is_new = book.admit(ANNA, "anna", OPERATOR, START)
    assert (user.subject, user.has_password, user.role, is_new) == (ANNA, False, Role.OPERATOR, False)
    with pytest.raises(AlreadyThere):
        book.admit(BEN, "anna", OPERATOR, START)
    assert not book.hand_over("nobody")
