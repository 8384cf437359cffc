"""What the pages and their JSON show, put together from the database: one shape for both."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from connectors.wording import counted
from mappers.outcomes import Action, Kind, Outcome
from mappers.stay_window import local, zone
from reconciler.lock_placement import LockPlacement, LocksSummary
from reconciler.readiness import Arrival, DoorState, arrivals
from store.alerts import Alert, AlertBook
from store.health import GrantHealth
from store.history import History
from store.holds import Holds
from store.inbox import Delivery, Inbox
from store.pending_revocations import PendingRevocations
from store.people import AuditEntry, People
from store.properties import KnownProperty, Properties
from store.runs import OutcomeRow, Runs, StoredRun
from store.status import Status, StatusBook
from store.stays import Stays
from web.context import WebContext

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


def now_view(context: WebContext) -> Now:
    """Everything for the first page."""
    now = context.clock()
    known = [one for one in Properties(context.store).known() if one.connection in context.connections]
    running = {run.connection: run for run in History(context.store).running()}
    statuses = StatusBook(context.store).all()
    last = Runs(context.store).of_ids({status.last_run for status in statuses.values()})
    # One reading for all properties, over the longest day that there is in any zone.
    stays = [
        *Stays(context.store).staying(now),
        *Stays(context.store).arriving(now - timedelta(days=2), now + timedelta(days=3)),
    ]
    unique = {(stay.connection, stay.booking_id): stay for stay in stays}
    health = GrantHealth(context.store).of(booking_ids={booking_id for _, booking_id in unique})
    zones = {(one.connection, one.property_id): one.time_zone for one in known}
    pending = PendingRevocations(context.store).of(now)
    found = arrivals(unique.values(), health, now, zones, pending)
    properties = []
    needs: list[Need] = []
    for one in known:
        mine = [
            each for each in found if (each.stay.connection, each.stay.property_id) == (one.connection, one.property_id)
        ]
        today, tomorrow, later = days(one.time_zone, now)
        arriving = [each for each in mine if each.stay.starts_at is not None and today <= each.stay.starts_at < later]
        arriving.sort(key=lambda each: (each.stay.starts_at or now, each.stay.label))
        in_house = [
            each
            for each in mine
            if each.stay.starts_at is not None
            and each.stay.starts_at < today
            and (each.stay.ends_at is None or each.stay.ends_at > now - timedelta(hours=12))
            and each.state in (DoorState.BROKEN, DoorState.WAITING)
        ]
        status = statuses.get(one.connection)
        properties.append(
            PropertyNow(
                one,
                last.get(status.last_run) if status is not None else None,
                running.get(one.connection),
                [each for each in arriving if each.stay.starts_at is not None and each.stay.starts_at < tomorrow],
                [each for each in arriving if each.stay.starts_at is not None and each.stay.starts_at >= tomorrow],
                in_house,
                _locks(context, one),
            )
        )
        needs.extend(_need(each, one) for each in (*in_house, *arriving) if _needs_somebody(each))
    needs.extend(_unusable(context, statuses, {stay.booking_id for stay in unique.values()}))
    needs.extend(_reviews(context, statuses, {need.booking_id for need in needs if need.booking_id is not None}))
    alerts = AlertBook(context.store).open()
    told = {alert.connection for alert in alerts if alert.kind == "connection"}
    needs.extend(each for each in _not_kept(context, statuses, running) if each.connection not in told)
    needs.sort(key=lambda need: (need.at, need.what))
    needs = [*_needs_of_alerts(alerts), *needs]
    return Now(
        now,
        properties,
        needs,
        len(Holds(context.store).waiting()),
        Inbox(context.store).backlog()[0],
        context.scheduler_alive() if context.scheduler_alive is not None else None,
        [name for name in context.connections if name not in statuses or statuses[name].full_run is None],
    )


def _locks(context: WebContext, of: KnownProperty) -> LocksSummary:
    here = context.connections[of.connection]
    return LockPlacement(of.connection, here.keys, here.policy, context.store, of).summary()


def _not_kept(context: WebContext, statuses: Mapping[str, Status], running: Mapping[str, StoredRun]) -> list[Need]:
    """Connections of which nothing good was heard for long: what the page says of their guests may be out of date."""
    found, now = [], context.clock()
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
            if now - at <= connection.late_after:
                continue
            why = f"the last good run was {local(at, 'UTC', now)} UTC, and what this page says is as old: " + (
                status.trouble or "is Night Porter running?"
            )
        found.append(Need(at, "Not kept in step", why, "connection", name))
    return found


def _unusable(context: WebContext, statuses: Mapping[str, Status], shown: Collection[str]) -> list[Need]:
    """Records of the PMS that the last full run could not use, and that no list of arrivals shows."""
    found = []
    for connection, run_id, at in _full_runs(context, statuses):
        lines, _ = History(context.store).outcomes_page(run_id, outcome=Outcome.FAILED, limit=500)
        others = [line for line in lines if line.booking_id is None or line.booking_id not in shown]
        if others:
            first = others[0]
            what = counted(len(others), "record cannot be used", "records cannot be used")
            why = f"{first.label or first.key}: {first.error or first.reason}"
            more = f"; and {len(others) - 1} more" if len(others) > 1 else ""
            found.append(Need(at, what, why + more, "run", connection, run_id=run_id, state="waiting"))
    return found


def _reviews(context: WebContext, statuses: Mapping[str, Status], shown: Collection[str]) -> list[Need]:
    """What the last full run asks a person to look at, though it changes nobody's access."""
    found = []
    for connection, run_id, at in _full_runs(context, statuses):
        lines, _ = History(context.store).outcomes_page(
            run_id, outcome=Outcome.ALERT, kind=Kind.ACCESS_GRANT, limit=500
        )
        others = [line for line in lines if line.booking_id is not None and line.booking_id not in shown]
        if others:
            first = others[0]
            what = counted(len(others), "booking asks for a review", "bookings ask for a review")
            more = f"; and {len(others) - 1} more" if len(others) > 1 else ""
            why = f"{first.label or first.key}: {first.reason}{more}"
            found.append(
                Need(
                    at,
                    what,
                    why,
                    "run",
                    connection,
                    run_id=run_id,
                    state="waiting",
                    outcome=Outcome.ALERT,
                )
            )
    return found


def _full_runs(context: WebContext, statuses: Mapping[str, Status]) -> list[tuple[str, str, datetime]]:
    """The last full run of each connection: its name, the run's id and beginning."""
    return [
        (name, status.full_run, status.full_started_at)
        for name in context.connections
        if (status := statuses.get(name)) is not None and status.full_run and status.full_started_at
    ]


def days(time_zone: str, now: datetime) -> tuple[datetime, datetime, datetime]:
    """The midnights (UTC) at which a property's today, tomorrow, and the day after begin."""
    there = zone(time_zone) or UTC
    today = now.astimezone(there).date()
    today_, tomorrow, later = (
        datetime.combine(today + timedelta(days=number), time(0), tzinfo=there).astimezone(UTC) for number in range(3)
    )
    return today_, tomorrow, later


def _needs_somebody(each: Arrival) -> bool:
    return each.state in (DoorState.BROKEN, DoorState.WAITING)


def _need(each: Arrival, of: KnownProperty) -> Need:
    stay = each.stay
    assert stay.starts_at is not None
    return Need(
        stay.starts_at, stay.label, each.why, "booking", stay.connection, stay.booking_id, of.time_zone, each.state
    )


def _needs_of_alerts(alerts: Iterable[Alert]) -> list[Need]:
    """Alerts about more than one booking; those of bookings stand in the list anyway."""
    words = {
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
    return [
        Need(alert.began_at, words[alert.kind], alert.text, alert.kind, alert.connection)
        for alert in alerts
        if alert.kind in words
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
OF_BOOKINGS = frozenset({"sync now", LOOKED_AT_PIN, LOOKED_AT_ENTRIES})
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
    return Moment(entry.at, f"{entry.who}: {entry.action}", entry.note or "", "person")


ACTIONS: dict[str, str] = {
    Action.CREATE: "made",
    Action.UPDATE: "changed",
    Action.REPLACE: "replaced",
    Action.REVOKE: "revoked",
    Action.ADOPT: "found",
    Action.KEEP: "kept",
    Action.WAIT: "waits",
    Action.READ: "could not be read",
}
KINDS: dict[str, str] = {
    Kind.PROPERTY: "Property",
    Kind.SPACE: "Space",
    Kind.USER_IDENTITY: "Identity",
    Kind.ACCESS_GRANT: "Access",
    Kind.DOOR_CODE: "Door code",
}
OUTCOMES: dict[str, str] = {
    Outcome.DONE: "done",
    Outcome.FAILED: "failed",
    Outcome.ALERT: "needs a person",
    Outcome.HELD: "held",
    Outcome.WAITING: "waiting",
    Outcome.PLANNED: "planned",
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
    if row.outcome == Outcome.FAILED and row.action not in (Action.READ, Action.WAIT):
        return f"{kind} not {ACTIONS.get(row.action, row.action)}"
    return f"{kind} {ACTIONS.get(row.action, row.action)}"


def _detail(row: OutcomeRow) -> str:
    if row.error and row.error not in row.reason:
        return f"{row.reason} ({row.error})"
    return row.reason


def tone_of(outcome: str) -> str:
    """`good`, `bad`, `warn` or `quiet`: how a page colours it."""
    return TONES.get(outcome, "quiet")


def delivery_state(delivery: Delivery) -> str:
    """In a word."""
    return delivery.outcome or ("being acted upon" if delivery.begun_at else "waiting")
