"""What is written for people is kept with what it was put together from, wherever it is written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import update

from mappers.outcomes import Action, Kind, Outcome
from mappers.sentences import Said, say
from store.check_ins import CheckIn, CheckInBook
from store.door_codes import DoorCodeRecord, DoorCodeRecords
from store.engine import Database
from store.history import History
from store.inbox import Inbox
from store.jobs import JobBook
from store.people import People
from store.runs import OutcomeRow, Runs
from store.status import StatusBook
from store.tables import runs
from tests.builders import NOW

WHY = say("{of}: {words}", of="alpen", words=say("the PMS could not be read"))


def of_a_run(store: Database) -> str | None:
    Runs(store).begin("r1", "alpen", "full", NOW)
    Runs(store).finish("r1", "full", NOW, 1, {}, WHY)
    found = Runs(store).get("r1")
    return found and found.broken_off


def of_what_a_run_does(store: Database) -> str | None:
    Runs(store).begin("r1", "alpen", "full", NOW, phase="begins")
    Runs(store).note_progress("r1", WHY, 0, None)
    (found,) = History(store).running()
    return found.phase


def of_a_connection(store: Database) -> str | None:
    of_a_run(store)
    found = StatusBook(store).all()["alpen"]
    assert found.trouble is not None
    assert isinstance(found.trouble, Said)
    return found.sweep_trouble


def of_an_outcome(store: Database) -> str | None:
    Runs(store).begin("r1", "alpen", "full", NOW)
    row = OutcomeRow(Kind.SPACE, "k", Action.READ, Outcome.FAILED, "words of others", WHY)
    Runs(store).record("r1", "alpen", [row], NOW)
    (found,) = Runs(store).outcomes_of("r1")
    assert found.reason == "words of others"
    return found.error


def of_a_delivery(store: Database) -> str | None:
    inbox = Inbox(store)
    inbox.put("pms", "e1", "changed", {}, NOW, connection="alpen")
    (waiting,) = inbox.take("alpen", NOW, "me")
    inbox.put_off([waiting], NOW, NOW + timedelta(minutes=1), WHY, failed=False)
    (found,), (attempt,) = inbox.page(), inbox.attempts(waiting.id)
    assert isinstance(attempt.note, Said)
    return found.note


def of_a_job(store: Database) -> str | None:
    JobBook(store).ended(None, "alpen", "", "full", NOW, WHY)
    found = JobBook(store).get("alpen", "", "full")
    return found and found.trouble


def of_a_check_in(store: Database) -> str | None:
    CheckInBook(store, "alpen").note(CheckIn("alpen", "b1", None, WHY, None, NOW))
    return CheckInBook(store, "alpen").of(["b1"])["b1"].trouble


def of_a_door_code(store: Database) -> str | None:
    records = DoorCodeRecords(store, "alpen")
    records.note([DoorCodeRecord("b1", "p", "b1", None, WHY, NOW)])
    (found,) = records.of_bookings(["b1"]).values()
    records.note([replace(found, trouble=None)])
    assert records.of_bookings(["b1"])["b1"].said is None
    return found.trouble


def of_the_audit_log(store: Database) -> str | None:
    People(store).note("jana", "approved", NOW, note=WHY)
    (found,) = People(store).audit_entries()
    return found.note


EVERYWHERE = (
    *(of_a_run, of_what_a_run_does, of_a_connection, of_an_outcome, of_a_delivery, of_a_job, of_a_check_in),
    *(of_a_door_code, of_the_audit_log),
)


@pytest.mark.parametrize("written", EVERYWHERE)
def test_a_sentence_comes_back_with_its_message_and_its_values(
    store: Database, written: Callable[[Database], str | None]
) -> None:
    found = written(store)
    assert isinstance(found, Said)
    assert (found, found.message) == (WHY, WHY.message)
    assert isinstance(found.values["words"], Said)


def test_what_an_older_version_wrote_is_shown_as_it_is(store: Database) -> None:
    of_a_run(store)
    with store.writing() as db:
        db.execute(update(runs).values(broken_off="the PMS is away", said=None))
    found = Runs(store).get("r1")
    assert found is not None
    assert (found.broken_off, type(found.broken_off)) == ("the PMS is away", str)
