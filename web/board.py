"""All properties at a glance: how each stands, what is wrong there, who is outside first. For the page Properties.

Few properties are looked at anew for each reader. Of more, a row is kept for some seconds, and looked at again as soon
as a run of its connection has ended or something was held or told there; what is oldest is looked at first, for as long
as a reader may be kept waiting. Of many, where pages are served, a thread keeps the rows current, so that nobody waits
for them after a start or in the morning; what nobody has looked at by then has a row that says so. Whoever may see some
connections only has rows of her own.

It stands in one file: what a row shows decides when it is looked at again.
"""

import math
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property

import structlog

from reconciler.report import defect
from schedules.connections import Connection
from store.accounts import Account, LockAccounts
from store.alerts import Alert, AlertBook
from store.engine import Database, StoreFailed
from store.history import History
from store.holds import HeldRevocation, Holds
from store.locks import rooms_without_lock
from store.properties import KnownProperty, Properties
from store.status import Status, StatusBook
from store.visibility import Visible
from web import causes
from web.causes import ORDER, CauseCard
from web.context import WebContext
from web.overview import WORDS_OF_ALERTS, Need, not_kept, of_runs
from web.picture import GuestsNow, guests_now

log = structlog.get_logger("web")
FEW = 12
"""So many properties are looked at for each reader."""
MANY = 100
"""Of more than so many a thread keeps the rows current."""
KEPT = timedelta(seconds=20)
KEPT_BY_THREAD = timedelta(minutes=2)
"""So old a row may be where a thread keeps them current and nothing has happened: what time alone changes is late by
so much. The thread looks at rows of half that age; while nobody reads, at those of `KEPT_FOR_NOBODY`."""
KEPT_FOR_NOBODY = timedelta(minutes=10)
AT_ONCE = 200
"""Properties that are looked at by one set of queries, and that a reader waits for where nobody has looked at them; of
more, those that she does not wait for have rows that say that they are being read."""
FEW_AT_ONCE = 25
BUDGET = 0.12
"""Seconds that a reader may wait for rows, where there are many that nobody has looked at, or that are older than
`KEPT`."""
EVERY, WHILE_NOBODY_READS = 5.0, 120.0
"""Seconds from one look of the thread to the next."""
BOARD_KEPT = 10.0
"""Seconds for which everybody is shown the board that the thread has made; it makes one every `EVERY`."""
READS_FOR = 15 * 60.0
"""Seconds after a page, while which somebody may want the next; a start is no page."""
VIEWS = 32
"""So many are kept, of readers who may see different connections."""
OF_PROPERTIES = frozenset({"locks", "batteries"})
"""Alerts whose subject is a property."""
WITH_CARDS = WORDS_OF_ALERTS.keys() - {"held", "account", "bookings"}
"""Kinds of alerts that a card is made of; of the others a card of its own tells, with its guests."""
ROOMS_KEPT = timedelta(minutes=5)
Place = tuple[str, str]
"""Connection and property."""
Rooms = tuple[int, int, list[str]]
"""How many rooms have no lock, how many locks no room; the names of common areas without a lock."""
NO_ROOMS: Rooms = (0, 0, [])


@dataclass(slots=True)
class PropertyRow:
    """How one property stands."""

    of: KnownProperty
    look: str
    """A state of the report (`docs/design.md`); `ready`: nothing needs a person."""
    first_at: datetime | None
    """When the first guest stands outside, or has (UTC)."""
    causes: list[CauseCard]
    today: dict[str, int]
    """Arrivals by state."""
    tomorrow: dict[str, int]
    held: int
    alerts: int
    """That are open."""
    read_at: datetime | None
    """When a run over all that changed was last good (UTC)."""
    is_late: bool
    systems: list[str]
    """Names of its lock systems."""
    is_cut_off: bool
    """One of them does not work."""
    looked_at: datetime
    shown: frozenset[str]
    """Bookings of which its lists or cards tell."""
    needing: frozenset[str]
    """Those that need a person."""
    is_being_read: bool = False
    """Nobody has looked at its guests yet: of them it says nothing."""

    @property
    def needs_somebody(self) -> bool:
        """Whether it stands among those that need a person."""
        if self.is_being_read:
            return False
        return self.look in ("broken", "unknown", "held") or any(not one.is_remark for one in self.causes)

    @property
    def place(self) -> Place:
        """Connection and property."""
        return self.of.connection, self.of.property_id


@dataclass(slots=True)
class Beside:
    """What is known of all properties without looking at their guests."""

    statuses: Mapping[str, Status]
    holds: dict[Place, list[HeldRevocation]]
    alerts: dict[Place, list[Alert]]
    """Of properties; and of connections that have one property only."""
    alerts_of_all: dict[str, list[Alert]]
    """Of whole connections that have several."""
    accounts: dict[Place, list[Account]]
    late: dict[str, Need]
    several: set[str]
    """Connections with more than one property."""


@dataclass(frozen=True)
class Board:
    """All rows, those that need a person first. What is counted of all of them is counted once."""

    rows: list[PropertyRow]
    of_connections: list[CauseCard]
    """What is wrong with whole connections of several properties."""

    @cached_property
    def needing(self) -> int:
        """How many properties need a person."""
        return sum(one.needs_somebody for one in self.rows)

    @cached_property
    def being_read(self) -> int:
        """Of how many nothing is known yet."""
        return sum(one.is_being_read for one in self.rows)

    @cached_property
    def states(self) -> Counter[str]:
        """How many are in each state."""
        return Counter(one.look for one in self.rows)

    @cached_property
    def connections(self) -> list[str]:
        return sorted({one.of.connection for one in self.rows})

    @cached_property
    def systems(self) -> list[str]:
        """Names of all lock systems."""
        return sorted({name for one in self.rows for name in one.systems})

    @cached_property
    def outside(self) -> Counter[str]:
        """How many guests do not get in (`broken`), and of how many it is not sure (`unknown`)."""
        cards = (card for row in self.rows for card in row.causes if card.look in ("broken", "unknown"))
        return Counter(one.look for card in cards for one in card.guests)

    @cached_property
    def first_outside(self) -> PropertyRow | None:
        """Where the first of them stands, or will."""
        with_one = (row for row in self.rows if row.first_at is not None)
        return min(with_one, key=lambda row: row.first_at.timestamp() if row.first_at else 0.0, default=None)


@dataclass(slots=True)
class _View:
    """What is kept for all who may see the same. Used by one thread at a time."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    rows: dict[Place, tuple[object, PropertyRow]] = field(default_factory=dict)
    """With what it was made of."""
    rooms: dict[Place, tuple[datetime, Rooms]] = field(default_factory=dict)
    runs: tuple[datetime, list[Need]] | None = None
    board: tuple[float, Board] | None = None
    """As the thread has made it last, and when."""


class Boards:
    """Makes the board; keeps its rows where there are many. Safe to use from many threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic):
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._views: dict[object, _View] = {}
        self._woken = threading.Event()
        self._has_ended = False
        self._is_kept = False
        self._read_at = -math.inf

    def board(self, context: WebContext, known: Sequence[KnownProperty]) -> Board:
        """As it is now. `known`: all properties. Raises `StoreFailed`."""
        by_thread = self._is_kept and context.store.visible is None and len(known) > MANY
        made = self._view(context).board if by_thread else None
        if made is not None and 0 <= self._monotonic() - made[0] <= BOARD_KEPT:
            self._is_read_now()
            return made[1]
        now = context.clock()
        beside = look_beside(context, known, with_accounts=len(known) <= FEW)
        if len(known) <= FEW:
            rooms = rooms_of(context.store, known, context.connections)
            rows = _rows_of(context, known, beside, rooms, now, of_all=True)
            runs = _runs_of(context, beside, rows)
        else:
            self._is_read_now()
            view = self._view(context)
            kept_for = KEPT_BY_THREAD if by_thread else KEPT
            with view.lock:
                self._renew(view, context, known, beside, now, kept_for)
                rows = [row for _, row in view.rows.values()]
                if missing := [one for one in known if place_of(one) not in view.rows]:
                    # What runs have found of bookings is told of those that no row shows.
                    unread = {one.connection for one in missing}
                    statuses = {name: one for name, one in beside.statuses.items() if name not in unread}
                    runs = _runs_of(context, replace(beside, statuses=statuses), rows)
                    rows += [_being_read(one, beside, now) for one in missing]
                else:
                    if view.runs is None or not timedelta(0) <= now - view.runs[0] <= kept_for:
                        view.runs = now, _runs_of(context, beside, rows)
                    runs = view.runs[1]
        return _put_together(rows, runs, beside, now)

    def keep(self, context: WebContext) -> None:
        """From now on, a thread keeps the rows of all properties current, until `end`."""
        self._is_kept = True
        threading.Thread(target=self._keep, args=(context,), name="board", daemon=True).start()

    def end(self) -> None:
        """The thread ends soon."""
        self._has_ended = True
        self._woken.set()

    def _keep(self, context: WebContext) -> None:
        while not self._has_ended:
            try:
                self.renew(context)
            except StoreFailed as problem:
                log.warning("the first page is not kept current", trouble=str(problem))
            except Exception as problem:
                log.error("the first page is not kept current", trouble=defect(problem))
            self._woken.wait(EVERY if self._is_read else WHILE_NOBODY_READS)
            self._woken.clear()

    def _is_read_now(self) -> None:
        was_read, self._read_at = self._is_read, self._monotonic()
        if not was_read:
            # Of what nobody has read for long, the thread has kept little.
            self._woken.set()

    @property
    def _is_read(self) -> bool:
        return self._monotonic() - self._read_at < READS_FOR

    def renew(self, context: WebContext) -> None:
        """Looks again at all rows for which it is time. Raises `StoreFailed`."""
        now = context.clock()
        connections = set(context.connections)
        known = [one for one in Properties(context.store).known() if one.connection in connections]
        if len(known) <= MANY:
            return
        beside = look_beside(context, known, with_accounts=False)
        view, kept_for = self._view(context), KEPT_BY_THREAD / 2 if self._is_read else KEPT_FOR_NOBODY
        is_done = False
        while not is_done:
            with view.lock:
                is_done = self._renew(view, context, known, beside, now, kept_for, is_read=False)
            if view.board is not None and self._monotonic() - view.board[0] >= EVERY:
                self._make(view, context, known, kept_for)
            # Readers have their turn.
            time.sleep(0.02)
            if self._has_ended:
                return
        self._make(view, context, known, kept_for)

    def _make(self, view: _View, context: WebContext, known: Sequence[KnownProperty], kept_for: timedelta) -> None:
        """Puts the board together for whoever reads it next, once there is a row of each."""
        now = context.clock()
        beside = look_beside(context, known, with_accounts=False)
        with view.lock:
            rows = [row for _, row in view.rows.values()]
            if view.runs is None or not timedelta(0) <= now - view.runs[0] <= kept_for:
                view.runs = now, _runs_of(context, beside, rows)
            view.board = self._monotonic(), _put_together(rows, view.runs[1], beside, now)

    def _view(self, context: WebContext) -> _View:
        with self._lock:
            view = self._views.pop(context.store.visible, None) or _View()
            self._views[context.store.visible] = view
            if len(self._views) > VIEWS:
                self._views.pop(next(one for one in self._views if one is not None))
            return view

    def _renew(
        self,
        view: _View,
        context: WebContext,
        known: Sequence[KnownProperty],
        beside: Beside,
        now: datetime,
        kept_for: timedelta,
        is_read: bool = True,
    ) -> bool:
        """Whether all that was to be looked at has been. `is_read`: somebody waits; of a few that nobody has looked at
        she waits for all."""
        until = self._monotonic() + BUDGET
        of_all = self._rows_of_all(context)
        new: list[KnownProperty] = []
        old: list[tuple[datetime, KnownProperty]] = []
        marks: dict[Place, object] = {}
        for one in known:
            place = (one.connection, one.property_id)
            marks[place] = mark = _mark(one, beside)
            kept = view.rows.get(place)
            theirs = of_all(place)
            if theirs is not None and theirs[0] == mark and now - theirs[1].looked_at <= KEPT_BY_THREAD:
                # What is put into it for her is hers.
                view.rows[place] = (mark, replace(theirs[1], causes=list(theirs[1].causes)))
                continue
            if kept is None:
                new.append(one)
            elif kept[0] != mark:
                old.append((kept[1].looked_at - kept_for, one))
            elif not timedelta(0) <= now - kept[1].looked_at <= kept_for:
                old.append((kept[1].looked_at, one))
        old.sort(key=lambda pair: pair[0])
        # Where something is known to be wrong comes first.
        new.sort(key=lambda one: not (place_of(one) in beside.alerts or place_of(one) in beside.holds))
        waiting = [*new, *(one for _, one in old)]
        if waiting and not beside.accounts:
            beside.accounts = _accounts(context)
        start = 0
        while start < len(waiting):
            must = is_read and start < len(new) <= AT_ONCE
            if not must and start > 0 and self._monotonic() > until:
                break
            part = waiting[start : start + (AT_ONCE if must else FEW_AT_ONCE)]
            start += len(part)
            for row in _rows_of(context, part, beside, self._kept_rooms(view, context, part, now), now):
                view.rows[row.place] = (marks[row.place], row)
        view.rows = {place: kept for place, kept in view.rows.items() if place in marks}
        return start >= len(waiting)

    def _rows_of_all(self, context: WebContext) -> Callable[[Place], tuple[object, PropertyRow] | None]:
        """Of whoever may see all of a connection, or the only property of one: the row that the thread keeps, where
        there is one."""
        seen, everything = context.store.visible, self._views.get(None)
        if not isinstance(seen, Visible) or not self._is_kept or everything is None:
            return lambda place: None
        rows = everything.rows
        properties = Counter(connection for connection, _ in list(rows))

        def row(place: Place) -> tuple[object, PropertyRow] | None:
            may_see = seen.includes(*place) and (seen.includes(place[0]) or properties[place[0]] == 1)
            return rows.get(place) if may_see else None

        return row

    def _kept_rooms(
        self, view: _View, context: WebContext, part: Sequence[KnownProperty], now: datetime
    ) -> Mapping[Place, Rooms]:
        old = [
            one
            for one in part
            if (kept := view.rooms.get((one.connection, one.property_id))) is None or now - kept[0] > ROOMS_KEPT
        ]
        if old:
            found = rooms_of(context.store, old, context.connections)
            for one in old:
                place = (one.connection, one.property_id)
                view.rooms[place] = now, found.get(place, NO_ROOMS)
        return {place: view.rooms[place][1] for one in part for place in [(one.connection, one.property_id)]}


def place_of(one: KnownProperty) -> Place:
    return one.connection, one.property_id


def _being_read(one: KnownProperty, beside: Beside, now: datetime) -> PropertyRow:
    """The row of a property at which nobody has looked yet."""
    status = beside.statuses.get(one.connection)
    return PropertyRow(
        of=one,
        look="notyet",
        first_at=None,
        causes=[],
        today={},
        tomorrow={},
        held=len({each.hold.booking_id for each in beside.holds.get(place_of(one), ())}),
        alerts=len(beside.alerts.get(place_of(one), ())),
        read_at=status.good_ended_at if status else None,
        is_late=one.connection in beside.late,
        systems=[],
        is_cut_off=False,
        looked_at=now,
        shown=frozenset(),
        needing=frozenset(),
        is_being_read=True,
    )


def _put_together(rows: list[PropertyRow], runs: Sequence[Need], beside: Beside, now: datetime) -> Board:
    """`rows` get what runs have found of their connections."""
    alone = {one.of.connection: one for one in rows if one.of.connection not in beside.several} if runs else {}
    cards = [causes.of_alert(one, None) for all_ in beside.alerts_of_all.values() for one in all_]
    cards += [causes.of_need(one, None) for name, one in beside.late.items() if name in beside.several]
    for need in runs:
        row = alone.get(need.connection)
        card = causes.of_need(need, row.of if row else None)
        if row is None:
            cards.append(card)
        elif card.slug not in {each.slug for each in row.causes}:
            row.causes.append(card)
            row.look = min(row.look, card.look, key=ORDER.index)
    rows.sort(key=lambda one: _urgency(one, now))
    return Board(rows, causes.in_order(cards, now))


def _mark(one: KnownProperty, beside: Beside) -> object:
    """What a row depends on but for its guests."""
    place = (one.connection, one.property_id)
    status = beside.statuses.get(one.connection)
    return (
        one,
        status.last_run if status else None,
        len(beside.holds.get(place, ())),
        tuple(alert.id for alert in beside.alerts.get(place, ())),
        one.connection in beside.late,
    )


def look_beside(
    context: WebContext,
    known: Sequence[KnownProperty],
    *,
    with_accounts: bool = True,
    connection: str | None = None,
) -> Beside:
    """`known`: all properties that are known. `with_accounts`: with the lock systems, which only rows are made of.
    `connection`: of this one only. Without it, alerts of properties are in English; whoever makes rows of them reads
    their words (`_read_words`)."""
    numbers = Counter(one.connection for one in known)
    several = {name for name, number in numbers.items() if number > 1}
    alone = {one.connection: (one.connection, one.property_id) for one in known if one.connection not in several}
    statuses = StatusBook(context.store).all(connection)
    running = {run.connection: run for run in History(context.store).running()}
    holds: dict[Place, list[HeldRevocation]] = {}
    for held in Holds(context.store).undecided(connection):
        holds.setdefault((held.connection, held.hold.property_id), []).append(held)
    accounts = _accounts(context) if with_accounts else {}
    alerts: dict[Place, list[Alert]] = {}
    of_all: dict[str, list[Alert]] = {}
    book = AlertBook(context.store)
    for alert in book.open(connection, WITH_CARDS, in_english=connection is None):
        if alert.property_id or alert.kind in OF_PROPERTIES:
            alerts.setdefault((alert.connection, alert.property_id or alert.subject), []).append(alert)
        elif alert.connection in alone:
            alerts.setdefault(alone[alert.connection], []).append(alert)
        elif alert.connection in several:
            of_all.setdefault(alert.connection, []).append(alert)
    if connection is None and of_all:
        in_words = book.of([one.id for all_ in of_all.values() for one in all_])
        of_all = {name: [in_words.get(one.id, one) for one in all_] for name, all_ in of_all.items()}
    told = {one.connection for all_ in (*alerts.values(), *of_all.values()) for one in all_ if one.kind == "connection"}
    late = {one.connection: one for one in not_kept(context, statuses, running) if one.connection not in told}
    return Beside(statuses, holds, alerts, of_all, accounts, late, several)


def _accounts(context: WebContext) -> dict[Place, list[Account]]:
    found: dict[Place, list[Account]] = {}
    for account in LockAccounts(context.store).all():
        found.setdefault((account.connection, account.property_id), []).append(account)
    return found


def _read_words(context: WebContext, known: Sequence[KnownProperty], beside: Beside) -> None:
    """What the alerts of these properties say, in whatever language."""
    mine = {(one.connection, one.property_id) for one in known} & beside.alerts.keys()
    if mine:
        in_words = AlertBook(context.store).of([one.id for place in mine for one in beside.alerts[place]])
        for place in mine:
            beside.alerts[place] = [in_words.get(one.id, one) for one in beside.alerts[place]]


def _rows_of(
    context: WebContext,
    known: Sequence[KnownProperty],
    beside: Beside,
    rooms: Mapping[Place, Rooms],
    now: datetime,
    *,
    of_all: bool = False,
) -> list[PropertyRow]:
    guests = guests_now(context, known, now, of_all)
    _read_words(context, known, beside)
    return [_row(context, one, guests[one.connection, one.property_id], beside, rooms, now) for one in known]


def _runs_of(context: WebContext, beside: Beside, rows: Sequence[PropertyRow]) -> list[Need]:
    shown = {booking for row in rows for booking in row.shown}
    needing = {booking for row in rows for booking in row.needing}
    return of_runs(context, beside.statuses, shown, needing)


def _row(
    context: WebContext,
    one: KnownProperty,
    guests: GuestsNow,
    beside: Beside,
    rooms: Mapping[Place, Rooms],
    now: datetime,
) -> PropertyRow:
    place = (one.connection, one.property_id)
    here = context.connections[one.connection]
    held = beside.holds.get(place, [])
    cards = cards_of(one, guests, here, beside, rooms.get(place, NO_ROOMS), now)
    status = beside.statuses.get(one.connection)
    accounts = beside.accounts.get(place, [])
    looks = [card.look for card in cards if not card.is_remark]
    outside = [card.first_at for card in cards if card.look in ("broken", "unknown") and card.first_at is not None]
    if status is None or status.full_run is None:
        looks.append("notyet")
    return PropertyRow(
        of=one,
        look=min(looks, key=ORDER.index, default="ready"),
        first_at=min(outside, default=None),
        causes=cards,
        today=dict(Counter(each.look for each in guests.today)),
        tomorrow=dict(Counter(each.look for each in guests.tomorrow)),
        held=len({each.hold.booking_id for each in held}),
        alerts=len(beside.alerts.get(place, ())),
        read_at=status.good_ended_at if status else None,
        is_late=one.connection in beside.late,
        systems=sorted({each.name for each in accounts}),
        is_cut_off=any(each.trouble for each in accounts),
        looked_at=now,
        shown=frozenset(each.stay.booking_id for each in (*guests.in_house, *guests.today, *guests.tomorrow)),
        needing=frozenset(each.stay.booking_id for each in guests.in_trouble),
    )


def cards_of(
    one: KnownProperty,
    guests: GuestsNow,
    here: Connection,
    beside: Beside,
    rooms: Rooms,
    now: datetime,
) -> list[CauseCard]:
    """All that is wrong at a property, in the order in which somebody should see to it."""
    place = (one.connection, one.property_id)
    person = here.policy.person
    held = beside.holds.get(place, [])
    bookings = {each.hold.booking_id for each in held}
    cards = causes.of_guests(one, guests, person, bookings)
    if held:
        mine = [each for each in guests.in_trouble if each.stay.booking_id in bookings]
        cards.append(causes.of_holds(one, held, mine, person))
    cards += causes.of_accounts(one, beside.accounts.get(place, ()))
    status = beside.statuses.get(one.connection)
    is_read = status is not None and status.full_run is not None
    cards += causes.of_rooms(one, *rooms, is_told=any(card.kind == "no_door" for card in cards), is_read=is_read)
    cards += [causes.of_alert(each, one) for each in beside.alerts.get(place, ())]
    if one.connection in beside.late and one.connection not in beside.several:
        cards.append(causes.of_need(beside.late[one.connection], one))
    return causes.in_order(cards, now)


def rooms_of(
    store: Database, known: Sequence[KnownProperty], connections: Mapping[str, Connection]
) -> dict[Place, Rooms]:
    """Of the properties where something is without a lock, or a lock without a room."""
    areas = {
        (one.connection, one.property_id): {
            connections[one.connection].keys.common_area(area.key, one.property_id, shares): area.name or area.key
            for area in connections[one.connection].policy.common_areas
            for shares in (False, True)
        }
        for one in known
    }
    return rooms_without_lock(store, [(one.connection, one.property_id) for one in known], areas)


def _urgency(row: PropertyRow, now: datetime) -> tuple[bool, int, datetime, str]:
    never = datetime.max.replace(tzinfo=now.tzinfo)
    return row.is_being_read, ORDER.index(row.look), row.first_at or never, row.of.name
