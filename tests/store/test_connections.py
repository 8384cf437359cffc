"""Connections, policies and Seam workspaces in the database, in SQLite and in PostgreSQL alike."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from store.connections import REMOVED_FOR, ConnectionBook, Stale, Standing, State
from store.engine import Database
from store.people import People
from store.runs import OutcomeRow, Runs
from store.secrets import SecretKeys, SecretsUnreadable
from store.tables import connections, metadata, outcomes, runs, workspaces

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
KEY = Fernet.generate_key().decode()
SECRET = {"mews.access_token": "access-0123456789"}


@pytest.fixture
def book(store: Database) -> ConnectionBook:
    return ConnectionBook(store, SecretKeys(KEY))


def add(book: ConnectionBook, name: str = "alpen", now: datetime = NOW) -> None:
    book.add(name, "mews", {"connector": "mews", "mews": {}}, SECRET, Standing(), now)


def test_every_change_has_a_number_that_rises_and_only_what_is_new_is_read(book: ConnectionBook) -> None:
    assert book.change() == 0
    add(book)
    add(book, "isar")
    seen = book.change()
    assert [one.name for one in book.connections(after=0)] == ["alpen", "isar"]
    assert book.connections(after=seen) == []
    book.put_policy("house", 0, {"check_in": "16:00"}, NOW)
    book.stand("isar", 1, Standing(State.PAUSED, "pipes", "jana", until=NOW + timedelta(days=2)), NOW)
    assert book.change() == seen + 2
    assert [one.name for one in book.connections(after=seen)] == ["isar"]
    assert [one.name for one in book.policies(after=seen)] == ["house"]


def test_whoever_changes_what_she_has_not_seen_is_told(book: ConnectionBook) -> None:
    add(book)
    book.put("alpen", 1, {"connector": "mews", "mews": {"base_url": "x"}}, SECRET, Standing(), NOW)
    for change in (
        lambda: book.put("alpen", 1, {}, {}, Standing(), NOW),
        lambda: book.stand("alpen", 1, Standing(State.PAUSED), NOW),
        lambda: add(book),
    ):
        number = book.change()
        with pytest.raises(Stale):
            change()
        assert book.change() == number
    book.put_policy("house", 0, {}, NOW)
    for version in (0, 2):
        with pytest.raises(Stale):
            book.put_policy("house", version, {}, NOW)
    found = book.connection("alpen")
    assert found is not None
    assert (found.settings["mews"], found.secrets, found.version) == ({"base_url": "x"}, SECRET, 2)


def test_a_pause_ends_by_itself(book: ConnectionBook) -> None:
    add(book)
    book.stand("alpen", 1, Standing(State.PAUSED, "pipes", "jana", until=NOW + timedelta(days=2)), NOW)
    found = book.connection("alpen")
    assert found is not None
    assert [found.standing.at(NOW + timedelta(days=days)) for days in (1, 2)] == [State.PAUSED, State.ACTIVE]


def test_credentials_are_refused_once_and_accepted_once(book: ConnectionBook) -> None:
    add(book)
    assert book.find_refused("alpen", "401", NOW)
    number = book.change()
    assert not book.find_refused("alpen", "401", NOW)
    assert book.change() == number
    assert book.find_accepted("alpen", NOW)
    assert not book.find_accepted("alpen", NOW)
    book.stand("alpen", 3, Standing(State.WATCH), NOW)
    assert not book.find_refused("alpen", "401", NOW)


def test_what_was_removed_is_forgotten_after_a_month_with_its_rows(book: ConnectionBook, store: Database) -> None:
    for name in ("alpen", "isar"):
        add(book, name)
        Runs(store).begin(f"run-{name}", name, "full", NOW)
        Runs(store).record(f"run-{name}", name, [OutcomeRow("access_grant", "b1", "create", "done", "new")], NOW)
    People(store).note("jana", "removed", NOW, connection="alpen")
    book.stand("alpen", 1, Standing(State.REMOVED, by="jana"), NOW)
    assert book.forget_removed(NOW + REMOVED_FOR) == []
    assert book.forget_removed(NOW + REMOVED_FOR + timedelta(minutes=1)) == ["alpen"]
    assert book.names() == {"isar"}
    with store.reading() as db:
        assert set(db.execute(select(runs.c.connection)).scalars()) == {"isar"}
        assert set(db.execute(select(outcomes.c.run_id)).scalars()) == {"run-isar"}
        for table in metadata.sorted_tables:
            if "connection" in table.c and table.name != "audit_log":
                assert db.execute(select(table).where(table.c.connection == "alpen")).first() is None
    assert len(People(store).audit_entries()) == 1


def test_one_that_was_removed_is_taken_up_again(book: ConnectionBook) -> None:
    add(book)
    book.stand("alpen", 1, Standing(State.REMOVED), NOW)
    add(book, now=NOW + timedelta(days=3))
    found = book.connection("alpen")
    assert found is not None
    assert (found.standing.state, found.version, found.created_at) == (State.ACTIVE, 3, NOW)


def test_secrets_are_encrypted_by_the_first_key_and_read_by_all(store: Database) -> None:
    old, new = KEY, Fernet.generate_key().decode()
    add(ConnectionBook(store, SecretKeys(old)))
    with store.reading() as db:
        assert "access" not in db.execute(select(connections.c.secrets)).scalar_one()
    with pytest.raises(SecretsUnreadable):
        ConnectionBook(store, SecretKeys(new)).try_keys()
    both = ConnectionBook(store, SecretKeys(f"{new}, {old}"))
    both.try_keys()
    assert both.encrypt_anew() == 1
    ConnectionBook(store, SecretKeys(new)).try_keys()
    with pytest.raises(SecretsUnreadable):
        ConnectionBook(store, SecretKeys(old)).connections()
    with pytest.raises(SecretsUnreadable) as caught:
        SecretKeys(f"{old},nonsense")
    assert "nonsense" not in str(caught.value)
    assert old not in repr(SecretKeys(old))


def test_a_workspace_is_kept_with_its_key_encrypted_and_forgotten_with_it(store: Database) -> None:
    old, new = KEY, Fernet.generate_key().decode()
    book = ConnectionBook(store, SecretKeys(old))
    book.put_workspace("south", 0, "https://seam.example", {"api_key": "seam_south_0"}, NOW)
    seen = book.change()
    for version in (0, 2):
        with pytest.raises(Stale):
            book.put_workspace("south", version, "https://seam.example", {"api_key": "seam_other_0"}, NOW)
    assert book.change() == seen
    book.put_workspace("south", 1, "https://seam.example", {"api_key": "seam_south_1", "webhook_secret": "w"}, NOW)
    assert book.change() > seen, "or no process would take it up"
    with store.reading() as db:
        assert "seam_south" not in db.execute(select(workspaces.c.secrets)).scalar_one()
    assert book.encrypt_anew() == 1
    assert ConnectionBook(store, SecretKeys(f"{new},{old}")).encrypt_anew() == 1
    with pytest.raises(SecretsUnreadable):
        book.try_keys()
    (found,) = ConnectionBook(store, SecretKeys(new)).workspaces()
    assert (found.name, found.endpoint, found.version) == ("south", "https://seam.example", 2)
    assert found.secrets == {"api_key": "seam_south_1", "webhook_secret": "w"}
    assert "seam_south" not in repr(found)
    seen = book.change()
    book.remove_workspace("south")
    assert book.workspaces() == []
    assert book.change() > seen
