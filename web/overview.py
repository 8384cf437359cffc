"""What the pages and their JSON show, put together from the database: one shape for both."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from connectors.wording import counted
from mappers.outcomes import Action, Kind, Outcome
from mappers.sentences import say
from mappers.stay_window import local
from reconciler.lock_placement import locks_summaries
from reconciler.readiness import Arrival
from store.alerts import Alert, AlertBook
from store.history import History
from store.holds import Holds
from store.inbox import Delivery, Inbox
from store.locks import LocksSummary
from store.people import AuditEntry, People
from store.properties import KnownProperty
from store.queue import Queue, TaskKind
from store.runs import OutcomeRow, Runs, StoredRun
from store.status import Status, StatusBook
from web.context import WebContext
from web.picture import guests_now

CHART_DAYS = 14
LONGEST_RUN = timedelta(hours=1)
"""A run that is under way for longer was cut off, more likely than not."""
CHANGES = ("created", "updated", "replaced", "revoked")


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
    statuses = StatusBook(context.store).all()
    told_here = {name: status for name, status in statuses.items() if name in connections}
    last = Runs(context.store).of_ids(
        {statuses[name].last_run for name in {one.connection for one in known} if name in statuses}
    )
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
    alerts = [alert for alert in AlertBook(context.store).open() if alert.connection in connections]
    told = {alert.connection for alert in alerts if alert.kind == "connection"}
    needs.extend(each for each in not_kept(context, told_here, running) if each.connection not in told)
    needs.sort(key=lambda need: (need.at, need.what))
    needs = [*_needs_of_alerts(alerts, {one.connection for one in needs if one.kind == "booking"}), *needs]
    return Now(
        now,
        properties,
        needs,
        len(Holds(context.store).waiting()),
        Inbox(context.store).backlog()[0],
        context.scheduler_alive() if context.scheduler_alive is not None else None,
        [name for name in context.connections if name not in statuses or statuses[name].full_run is None],
    )


def locks_summaries_of(context: WebContext, known: Iterable[KnownProperty]) -> dict[tuple[str, str], LocksSummary]:
    """How far these properties are with their locks, by connection and property."""
    of = context.connections
    return locks_summaries(context.store, [(one, of[one.connection].keys, of[one.connection].policy) for one in known])


def not_kept(context: WebContext, statuses: Mapping[str, Status], running: Mapping[str, StoredRun]) -> list[Need]:
    """Connections of which nothing good was heard for long: what the page says of their guests may be out of date."""
    found, now = [], context.clock()
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
            why = f"the last good run was {local(at, 'UTC', now)} UTC, and what this page says is as old: " + (
                status.trouble or "is Night Porter running?"
            )
        found.append(Need(at, "Not kept in step", why, "connection", name))
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
        first, more = several[0], f"; and {len(several) - 1} more" if len(several) > 1 else ""
        if outcome == Outcome.FAILED:
            what = counted(len(several), "record cannot be used", "records cannot be used")
            why = first.error or first.reason
        else:
            what = counted(len(several), "booking asks for a review", "bookings ask for a review")
            why = first.reason
        said = f"{first.label or first.key}: {why}{more}"
        found.append(Need(at, what, said, "run", connection, run_id=run_id, state="waiting", outcome=outcome))
    return found


def _need(each: Arrival, of: KnownProperty) -> Need:
    stay = each.stay
    assert stay.starts_at is not None
    return Need(
        stay.starts_at, stay.label, each.why, "booking", stay.connection, stay.booking_id, of.time_zone, each.state
    )


WORDS_OF_ALERTS = {
    "connection": "Not kept in step",
    "full": "Full runs",
    "night_audit": "Night audit",
    Outcome.HELD: "Revocations held",
    "bookings": "Bookings in trouble",
    "account": "Lock system",
    "locks": "Locks",
    "batteries": "Batteries",
    "write_back": "Door codes",
    "clock": "Clock",
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
    """A day of the chart (UTC)."""

    label: str
    changes: int
    failures: int
    runs: int
    broken_off: int


def chart(context: WebContext) -> list[Day]:
    """Changes and failures of the last 14 days."""
    now = context.clock()
    first = (now - timedelta(days=CHART_DAYS - 1)).date()
    since = datetime.combine(first, time(0), tzinfo=UTC)
    sums = {first + timedelta(days=number): [0, 0, 0, 0] for number in range(CHART_DAYS)}
    for started_at, totals, broken_off in History(context.store).totals_since(since):
        day = sums.get(started_at.date())
        if day is None:
            continue
        for counts in totals.values():
            day[0] += sum(counts.get(word, 0) for word in CHANGES)
            day[1] += counts.get("failed", 0)
        day[2] += 1
        day[3] += broken_off is not None
    return [Day(f"{date.day} {date:%b}", *numbers) for date, numbers in sums.items()]


LOOKED_AT_PIN = "looked at the PIN"
LOOKED_AT_ENTRIES = "looked at entries"
DONE_BY_HAND = {
    "sync now": say("sync now"),
    LOOKED_AT_PIN: say("looked at the PIN"),
    LOOKED_AT_ENTRIES: say("looked at entries"),
}
OF_BOOKINGS = frozenset(DONE_BY_HAND)
"""Entries of the audit log whose target is a booking; a property or a lock may have the same id."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of a booking's history."""

    at: datetime
    what: str
    detail: str
    tone: str
    run_id: str | None = None


def history(context: WebContext, connection: str, booking_id: str, keys: Iterable[str], whole: bool) -> list[Moment]:
    """What runs and people did about a booking, newest first. `whole`: also who looked at its PIN, which is for those
    who may read the audit log."""
    moments = [
        Moment(one.at, words_of_row(one.row), _detail(one.row), tone_of(one.row.outcome), one.run_id)
        for one in History(context.store).of_booking(connection, booking_id, list(keys))
    ]
    moments += [
        _entry(one)
        for one in People(context.store).audit_entries(100, booking_id)
        if one.connection == connection and one.action in OF_BOOKINGS and (whole or one.action == "sync now")
    ]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)


def _entry(entry: AuditEntry) -> Moment:
    return Moment(
        entry.at,
        say("{who}: {what}", who=entry.who, what=DONE_BY_HAND.get(entry.action, entry.action)),
        entry.note or "",
        "person",
    )


ACTIONS: dict[str, str] = {
    Action.CREATE: say("made"),
    Action.UPDATE: say("changed"),
    Action.REPLACE: say("replaced"),
    Action.REVOKE: say("revoked"),
    Action.ADOPT: say("found"),
    Action.KEEP: say("kept"),
    Action.WAIT: say("waits"),
    Action.READ: say("could not be read"),
}
KINDS: dict[str, str] = {
    Kind.PROPERTY: say("Property"),
    Kind.SPACE: say("Space"),
    Kind.USER_IDENTITY: say("Identity"),
    Kind.ACCESS_GRANT: say("Access"),
    Kind.DOOR_CODE: say("Door code"),
}
OUTCOMES: dict[str, str] = {
    Outcome.DONE: say("done"),
    Outcome.FAILED: say("failed"),
    Outcome.ALERT: say("needs a person"),
    Outcome.HELD: say("held"),
    Outcome.WAITING: say("waiting"),
    Outcome.PLANNED: say("planned"),
}


TONES: dict[str, str] = {
    Outcome.DONE: "good",
    Outcome.FAILED: "bad",
    Outcome.ALERT: "warn",
    Outcome.HELD: "warn",
    Outcome.WAITING: "quiet",
}


def words_of_row(row: OutcomeRow) -> str:
    """ "Access replaced", "Access: failed to be made"."""
    kind = KINDS.get(row.kind, row.kind)
    action = ACTIONS.get(row.action, row.action)
    if row.outcome == Outcome.FAILED and row.action not in (Action.READ, Action.WAIT):
        return say("{kind} not {action}", kind=kind, action=action)
    return say("{kind} {action}", kind=kind, action=action)


def _detail(row: OutcomeRow) -> str:
    if row.error and row.error not in row.reason:
        return say("{why} ({word})", why=row.reason, word=row.error)
    return row.reason


def tone_of(outcome: str) -> str:
    """`good`, `bad`, `warn` or `quiet`: how a page colours it."""
    return TONES.get(outcome, "quiet")


def delivery_state(delivery: Delivery) -> str:
    """In a word."""
    return delivery.outcome or ("being acted upon" if delivery.begun_at else "waiting")
