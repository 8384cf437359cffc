"""What the pages and their JSON show, put together from the database: one shape for both."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from mappers.outcomes import Kind, Outcome
from mappers.sentences import message, messages, say, say_number, together
from mappers.stay_window import local, zone
from reconciler.lock_placement import locks_summaries
from reconciler.readiness import STILL_THERE, Arrival, DoorState
from store.alerts import Alert, AlertBook, AlertKind
from store.history import History
from store.holds import Holds
from store.inbox import Delivery, Inbox
from store.locks import LocksSummary
from store.properties import KnownProperty, Properties, common_zone
from store.queue import Queue, TaskKind
from store.run_days import CHANGES, RunDay, RunDays
from store.runs import OutcomeRow, Runs, StoredRun
from store.status import Status, StatusBook
from web.context import WebContext
from web.picture import guests_now

CHART_DAYS = 14
LONGEST_RUN = timedelta(hours=1)
"""A run that is under way for longer was cut off, more likely than not."""


@dataclass(slots=True)
class PropertyNow:
    """One property at this moment."""

    property: KnownProperty
    last_run: StoredRun | None
    running: StoredRun | None
    today: list[Arrival]
    tomorrow: list[Arrival]
    in_house: list[Arrival]
    """Those of the guests in the house for whom something does not work."""
    locks: LocksSummary

    def count(self, state: str) -> int:
        return sum(one.state == state for one in (*self.today, *self.tomorrow))


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs a person."""

    at: datetime
    """By when: the arrival; for the rest, since when."""
    what: str
    why: str
    kind: str
    connection: str
    booking_id: str | None = None
    time_zone: str = "UTC"
    state: str = "broken"
    run_id: str | None = None
    outcome: str = Outcome.FAILED
    """Which lines of that run."""


@dataclass(slots=True)
class Now:
    """Is everything in step?"""

    at: datetime
    properties: list[PropertyNow]
    needs: list[Need]
    held: int
    waiting_deliveries: int
    scheduler_alive: bool | None
    never_ran: list[str] = field(default_factory=list)

    @property
    def in_step(self) -> bool:
        return not self.needs and not self.never_ran and self.scheduler_alive is not False


def now_view(context: WebContext, known: Sequence[KnownProperty], connections: Collection[str]) -> Now:
    """Everything of these properties, and what is wrong with these connections as a whole, for programs."""
    now = context.clock()
    running = {run.connection: run for run in History(context.store).running()}
    of_page = {one.connection for one in known}
    book = StatusBook(context.store)
    statuses = book.all(names=of_page | set(connections))
    told_here = {name: status for name, status in statuses.items() if name in connections}
    last = Runs(context.store).of_ids({statuses[name].last_run for name in of_page if name in statuses})
    guests = guests_now(context, known, now)
    locks = locks_summaries_of(context, known)
    properties = []
    needs: list[Need] = []
    shown: set[str] = set()
    for one in known:
        mine = guests[one.connection, one.property_id]
        status = statuses.get(one.connection)
        properties.append(
            PropertyNow(
                one,
                last.get(status.last_run) if status is not None else None,
                running.get(one.connection),
                mine.today,
                mine.tomorrow,
                mine.in_house,
                locks[one.connection, one.property_id],
            )
        )
        needs.extend(_need(each, one) for each in mine.in_trouble)
        shown |= {each.stay.booking_id for each in (*mine.today, *mine.tomorrow, *mine.in_house)}
    needing = {need.booking_id for need in needs if need.booking_id is not None}
    needs.extend(of_runs(context, told_here, shown, needing))
    alerts = AlertBook(context.store).open(kinds=WORDS_OF_ALERTS, names=connections)
    told = {alert.connection for alert in alerts if alert.kind == "connection"}
    needs.extend(each for each in not_kept(context, told_here, running) if each.connection not in told)
    needs.sort(key=lambda need: (need.at, need.what))
    needs = [*_needs_of_alerts(alerts, {one.connection for one in needs if one.kind == "booking"}), *needs]
    fully_run = book.fully_run()
    return Now(
        now,
        properties,
        needs,
        sum(Holds(context.store).numbers_waiting().values()),
        Inbox(context.store).backlog()[0],
        context.scheduler_alive() if context.scheduler_alive is not None else None,
        [name for name in context.connections if name not in fully_run],
    )


def locks_summaries_of(context: WebContext, known: Iterable[KnownProperty]) -> dict[tuple[str, str], LocksSummary]:
    """How far these properties are with their locks, by connection and property."""
    of = context.connections
    return locks_summaries(context.store, [(one, of[one.connection].keys, of[one.connection].policy) for one in known])


def not_kept(context: WebContext, statuses: Mapping[str, Status], running: Mapping[str, StoredRun]) -> list[Need]:
    """Connections of which nothing good was heard for long: what the page says of their guests may be out of date."""
    found, now = [], context.clock()
    places: dict[str, list[KnownProperty]] = {}
    put_back = Queue(context.store).put_back(TaskKind.INCREMENTAL)
    for name, connection in context.connections.items():
        run = running.get(name)
        if run is not None and now - run.started_at < LONGEST_RUN:
            continue
        status = statuses.get(name)
        if status is None:
            continue
        if status.good_ended_at is None:
            if status.trouble is None:
                continue
            at, why = status.last_started_at, status.trouble
        else:
            at = status.good_ended_at
            if not connection.is_late(now, at, put_back.get(name)):
                continue
            told = message("the last good run was {at} ({zone}), and what this page says is as old: {why}")
            trouble = status.trouble or say("is Night Porter running?")
            for one in () if places else Properties(context.store).known():
                places.setdefault(one.connection, []).append(one)
            time_zone = common_zone(places.get(name, ()))
            why = say(told, at=local(at, time_zone, now), zone=time_zone, why=trouble)
        found.append(Need(at, NOT_KEPT, why, "connection", name))
    return found


def of_runs(
    context: WebContext, statuses: Mapping[str, Status], shown: Collection[str], needing: Collection[str]
) -> list[Need]:
    """What the last full runs have found that no list of guests shows: records of the PMS that cannot be used (and are
    not of the bookings `shown`), and what a person is asked to look at though it changes nobody's access (but for the
    bookings of `needing`, which are listed for a graver reason)."""
    full = {
        status.full_run: (name, status.full_started_at)
        for name in context.connections
        if (status := statuses.get(name)) is not None and status.full_run and status.full_started_at
    }
    leave_out = {None, *needing}
    lines: dict[tuple[str, str], list[OutcomeRow]] = {}
    for run_id, line in History(context.store).that_last(list(full)):
        if line.outcome == Outcome.FAILED and (line.booking_id is None or line.booking_id not in shown):
            lines.setdefault((run_id, Outcome.FAILED), []).append(line)
        elif line.outcome == Outcome.ALERT and line.kind == Kind.ACCESS_GRANT and line.booking_id not in leave_out:
            lines.setdefault((run_id, Outcome.ALERT), []).append(line)
    found = []
    for (run_id, outcome), several in lines.items():
        connection, at = full[run_id]
        first, number = several[0], len(several)
        if outcome == Outcome.FAILED:
            what = say_number(number, "{number} record cannot be used", "{number} records cannot be used")
            why = first.error or first.reason
        else:
            what = say_number(number, "{number} booking asks for a review", "{number} bookings ask for a review")
            why = first.reason
        said: str = say("{of}: {words}", of=first.label or first.key, words=why)
        if number > 1:
            said = say("{these}; and {more} more", these=said, more=number - 1)
        found.append(Need(at, what, said, "run", connection, run_id=run_id, state="waiting", outcome=outcome))
    return found


def _need(each: Arrival, of: KnownProperty) -> Need:
    stay = each.stay
    assert stay.starts_at is not None
    state = DoorState.BROKEN if each.cause == STILL_THERE else each.state
    return Need(stay.starts_at, stay.label, each.why, "booking", stay.connection, stay.booking_id, of.time_zone, state)


NOT_KEPT = say("Not kept in step")
WORDS_OF_ALERTS: dict[str, str] = {
    AlertKind.CONNECTION: NOT_KEPT,
    AlertKind.FULL: say("Full runs"),
    AlertKind.NIGHT_AUDIT: say("Night audit"),
    AlertKind.HELD: say("Revocations held"),
    AlertKind.BOOKINGS: say("Bookings in trouble"),
    AlertKind.ACCOUNT: say("Lock system"),
    AlertKind.LOCKS: say("Locks"),
    AlertKind.BATTERIES: say("Batteries"),
    AlertKind.SPARE_KEY: say("Spare key"),
    AlertKind.SLOTS: say("Full locks"),
    AlertKind.MINUTES: say("PINs that come late"),
    AlertKind.CHECK_INS: say("Check-ins"),
    AlertKind.WRITE_BACK: say("Door codes"),
    AlertKind.CLOCK: say("Clock"),
}
"""Alerts about more than one booking; those of bookings stand among the guests anyway."""


def _needs_of_alerts(alerts: Iterable[Alert], with_guests: Collection[str]) -> list[Need]:
    """`with_guests`: connections whose guests are listed one by one, so that what is said of many is said already."""
    return [
        Need(alert.began_at, WORDS_OF_ALERTS[alert.kind], alert.text, alert.kind, alert.connection)
        for alert in alerts
        if alert.kind in WORDS_OF_ALERTS and not (alert.kind == "bookings" and alert.connection in with_guests)
    ]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the chart."""

    day: date
    changes: int
    failures: int
    runs: int
    broken_off: int


def chart(context: WebContext, time_zones: Collection[str]) -> list[Day]:
    """Changes and failures of the last 14 days; of none where there was neither. `time_zones`: of all properties."""
    now = context.clock()
    today = max((now.astimezone(zone(one) or UTC).date() for one in time_zones), default=now.date())
    first = today - timedelta(days=CHART_DAYS - 1)
    known = {one.day: one for one in RunDays(context.store).since(first)}
    if not any(one.changes or one.failures for one in known.values()):
        return []
    days = [first + timedelta(days=number) for number in range(CHART_DAYS)]
    found = [known.get(day, RunDay(day, 0, 0, 0, 0)) for day in days]
    return [Day(one.day, one.changes, one.failures, one.runs, one.broken_off) for one in found]


OF_ACCESS = {
    "created": messages("{number} created", "{number} created"),
    "updated": messages("{number} updated", "{number} updated"),
    "replaced": messages("{number} replaced", "{number} replaced"),
    "revoked": messages("{number} revoked", "{number} revoked"),
    "adopted": messages("{number} adopted", "{number} adopted"),
    "waiting": messages("{number} waiting", "{number} waiting"),
    "held": messages("{number} held", "{number} held"),
    "failed": messages("{number} failed", "{number} failed"),
}
CHANGED = {
    Kind.SPACE: messages("{number} Space changed", "{number} Spaces changed"),
    Kind.USER_IDENTITY: messages("{number} identity changed", "{number} identities changed"),
    Kind.DOOR_CODE: messages("{number} door code changed", "{number} door codes changed"),
    Kind.PROPERTY: messages("{number} property changed", "{number} properties changed"),
}
FAILED = {
    Kind.SPACE: messages("{number} Space failed", "{number} Spaces failed"),
    Kind.USER_IDENTITY: messages("{number} identity failed", "{number} identities failed"),
    Kind.DOOR_CODE: messages("{number} door code failed", "{number} door codes failed"),
    Kind.PROPERTY: messages("{number} property failed", "{number} properties failed"),
}


def total_words(word: str, number: int) -> str:
    """ "3 replaced", of access."""
    return say_number(number, *OF_ACCESS[word])


def beside_access(totals: Mapping[str, Mapping[str, int]]) -> str:
    """What a run did to anything else than access: "2 Spaces changed, 1 door code failed"; empty: nothing."""
    found = []
    for kind in CHANGED:
        counts = totals.get(kind, {})
        changed = sum(counts.get(word, 0) for word in (*CHANGES, "adopted"))
        found += [say_number(changed, *CHANGED[kind])] if changed else []
        found += [say_number(counts["failed"], *FAILED[kind])] if counts.get("failed") else []
    return together(found, ", ")


DELIVERIES: dict[str, str] = {"done": say("done"), "failed": say("failed"), "ignored": say("ignored")}


def delivery_state(delivery: Delivery) -> str:
    """In a word."""
    if delivery.outcome:
        return DELIVERIES.get(delivery.outcome, delivery.outcome)
    return say("being acted upon") if delivery.begun_at else say("waiting")
