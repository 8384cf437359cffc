"""What a person should know of now, and how she is told: by e-mail and by a signed webhook, once when it begins and
once when it ends. Each way of telling goes on by itself, however long another one takes. What is alerted about stands
in one file: it is read to learn what there is.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta

import structlog

from mappers.sentences import message, messages, say, say_number, together
from mappers.stay_window import local
from reconciler.lock_health import BATTERY_CAUSES, LockState, worst_first
from reconciler.readiness import Arrival, DoorState, arrivals
from schedules.alert_words import of_many, sentence, without_room
from schedules.alerts_at_doors import AtDoors, with_several
from schedules.channels import CannotTell, Channel
from schedules.connections import Connections
from schedules.pace import is_late
from store.accounts import LockAccounts
from store.alerts import Alert, AlertBook, AlertKind, Cause, Message
from store.back_off import ALERTS
from store.connections import State
from store.door_codes import DoorCodeRecord, troubled_codes
from store.engine import Database, Fence
from store.health import GrantHealth
from store.history import History
from store.holds import Holds
from store.jobs import JobBook, JobRecord
from store.lock_health import LockHealth, locks_in_state
from store.properties import Properties
from store.queue import Queue, TaskKind
from store.status import StatusBook
from store.stays import Stays

log = structlog.get_logger("alerts")
FAILED_RUNS = 3
MISSED = 3
"""So many intervals may pass without a good run before somebody is told."""
MANY = 3
"""So many bookings of a connection with one and the same trouble are one trouble."""
SHORTEST_SILENCE = timedelta(seconds=60)
SLEPT = timedelta(minutes=2)
"""Who has not looked for so long was asleep, or not there: what is late counts from then on."""
ATTEMPTS = 12
"""What is over by then is not told any more; what lasts is told whenever it gets through."""
KEEP = timedelta(days=30)
LOCK_GRACE = timedelta(minutes=10)
LOCKS_NAMED = 4
MEANWHILE = {
    "guest": messages("until then that guest keeps the access", "until then those guests keep the access"),
    "tenant": messages("until then that tenant keeps the access", "until then those tenants keep the access"),
}
"""Of one and of several whose access should end."""
NOT_IN_THE_PMS = {
    "guest": messages(
        "The door codes of {number} booking are not in the PMS, so it cannot tell the guests",
        "The door codes of {number} bookings are not in the PMS, so it cannot tell the guests",
    ),
    "tenant": messages(
        "The door codes of {number} booking are not in the PMS, so it cannot tell the tenants",
        "The door codes of {number} bookings are not in the PMS, so it cannot tell the tenants",
    ),
}
STAND_STILL = "stand_still"
"""The subject of half of a connection's bookings, or more, for which nothing new can be made."""
IN_DOUBT = "in_doubt"
"""The subject of held revocations that came while the PMS could not be read: one trouble, told by one alert."""


def _is_broken(lock: LockHealth, told: Collection[str], now: datetime) -> bool:
    """Whether somebody should see to it: for some minutes a lock may be out of reach."""
    first = lock.causes[0] if lock.causes else None
    return (
        lock.state == LockState.BROKEN
        and first is not None
        and first.code not in told
        and first.since <= now - LOCK_GRACE
    )


def _only_property(several: Collection[Arrival]) -> str:
    """The property of all of them; empty where they are of several."""
    properties = {one.stay.property_id for one in several}
    return properties.pop() if len(properties) == 1 else ""


def _named(locks: Sequence[LockHealth], time_zone: str, now: datetime) -> str:
    """The worst few of them, by name, each with what is wrong."""
    told = message("{lock} ({why}; since {at})")
    shown = [
        say(told, lock=one.name, why=one.causes[0].sentence, at=local(one.causes[0].since, time_zone, now))
        for one in worst_first(locks)[:LOCKS_NAMED]
    ]
    more = len(locks) - LOCKS_NAMED
    these = together(shown, ", ")
    return say("{these} and {more} more", these=these, more=more) if more > 0 else these


class Alerts:
    """Finds what is wrong now, and tells it."""

    def __init__(
        self,
        store: Database,
        connections: Connections,
        channels: Sequence[Channel],
        *,
        clock: Callable[[], datetime],
        public_url: str | None,
    ):
        """`public_url` is where the report can be read."""
        self._since = self._looked_at = clock()
        """Since when somebody has been there who would have ended a run."""
        self._store = store
        self._connections = connections
        self._channels = channels
        self._clock = clock
        self._public_url = (public_url or "").rstrip("/")
        self._book = AlertBook(store)
        self._at_doors = AtDoors(store, connections)
        self._compared: set[str] = set()
        """Connections whose alerts have been compared since this process began."""
        self._stood_still: dict[str, tuple[datetime, str]] = {}
        """By connection: when half of its bookings stood still last (see `STAND_STILL`), and what was said."""

    def look(self, turn: Fence | None = None, of: Collection[str] | None = None) -> None:
        """Begins and ends alerts by what is so now. `turn`: nothing is begun or ended once it is over. `of`: of these
        connections only."""
        now = self._clock()
        if not timedelta(0) <= now - self._looked_at <= SLEPT:
            self._since = now
        self._looked_at = now
        book = self._book if turn is None else AlertBook(self._store.fenced(turn))
        whose = self._connections.keys() if of is None else of
        causes = [one for one in self.causes(now) if one.connection in whose]
        are_known = self._compared.issuperset(whose)
        begun, ended = book.compare(causes, [one.name for one in self._channels], now, whose, are_known=are_known)
        self._compared.update(whose)
        if begun or ended:
            log.info("alerts", begun=begun, ended=ended)

    def causes(self, now: datetime) -> list[Cause]:
        """All that a person should know of now."""
        records = JobBook(self._store).all()
        failing = {one.connection: one for one in self._failing_connections()}
        late = {one.connection: one for one in self._late(records, now)}
        refused = {one.connection: one for one in self._refused()}
        runs = [*(late | failing | refused).values()]
        runs += [one for one in self._failing_jobs(records) if one.connection not in failing | refused]
        # Of one that is paused, or only watches, nobody expects that it is kept in step.
        resting = {name for name, one in self._connections.items() if not one.is_active(now)} - refused.keys()
        runs = [one for one in runs if one.connection not in resting]
        found = [
            *self._bookings(records, now),
            *self._held_or_failing(runs, records),
            *self._accounts(),
            *self._locks(now),
            *self._codes(),
            *self._at_doors.causes(now),
        ]
        found += self._clocks_apart()
        return [one for one in found if one.connection in self._connections]

    def _bookings(self, records: Mapping[tuple[str, str, str], JobRecord], now: datetime) -> list[Cause]:
        longest = max((one.policy.unassigned_alert for one in self._connections.values()), default=timedelta(0))
        stays = Stays(self._store).not_well(now, now + longest)
        health = GrantHealth(self._store).of(booking_ids={stay.booking_id for stay in stays})
        zones = {(one.connection, one.property_id): one.time_zone for one in Properties(self._store).known()}
        # Of what waits for somebody's approval there is an alert already, however many bookings it is.
        held = {(one.connection, one.hold.booking_id) for one in Holds(self._store).waiting()}
        found = []
        for one in arrivals(stays, health, now, zones):
            stay = one.stay
            of = self._connections.get(stay.connection)
            if of is None or stay.starts_at is None or stay.starts_at > now + of.policy.unassigned_alert:
                continue
            if stay.access in ("live", "kept") and (stay.connection, stay.booking_id) in held:
                continue
            if one.state in (DoorState.BROKEN, DoorState.WAITING):
                found.append(one)
        number = Stays(self._store).numbers(now, now + longest)
        return self._together(found, number, records, zones, now)

    def _together(
        self,
        found: Collection[Arrival],
        number: Mapping[str, int],
        records: Mapping[tuple[str, str, str], JobRecord],
        zones: Mapping[tuple[str, str], str],
        now: datetime,
    ) -> list[Cause]:
        """What runs say of many bookings of a connection at once is one trouble, and one alert. Whoever was told of a
        booking by itself is told of its end by itself."""
        open_now = self._book.begun().keys()
        alike: dict[tuple[str, str], list[Arrival]] = {}
        kept, left = self._that_stand_still(found, number, records, open_now, now)
        causes = [*kept]
        for one in left:
            stay = one.stay
            alone = (stay.connection, AlertKind.BOOKING, stay.booking_id)
            if stay.access in ("broken", "kept") and alone not in open_now:
                alike.setdefault((stay.connection, without_room(one)), []).append(one)
            else:
                zone = zones.get((stay.connection, stay.property_id), "UTC")
                causes.append(Cause(*alone, sentence(one, zone, now), stay.property_id))
        for (connection, why), several in alike.items():
            subject = hashlib.sha256(why.encode("utf-8", "backslashreplace")).hexdigest()[:32]
            # Where all of them keep what they have, the PMS says too little of two at once: nobody stands outside.
            many = 2 if all(one.stay.access == "kept" for one in several) else MANY
            if len(several) >= many or (connection, AlertKind.BOOKINGS, subject) in open_now:
                said, property_id = of_many(connection, several), _only_property(several)
                causes.append(Cause(connection, AlertKind.BOOKINGS, subject, said, property_id))
                continue
            for one in several:
                zone = zones.get((connection, one.stay.property_id), "UTC")
                said = sentence(one, zone, now)
                causes.append(Cause(connection, AlertKind.BOOKING, one.stay.booking_id, said, one.stay.property_id))
        return causes

    def _that_stand_still(
        self,
        found: Collection[Arrival],
        number: Mapping[str, int],
        records: Mapping[tuple[str, str, str], JobRecord],
        open_now: Collection[tuple[str, str, str]],
        now: datetime,
    ) -> tuple[list[Cause], list[Arrival]]:
        """One alert where nothing new can be made for half of a connection's bookings (`number`), whatever is said of
        each; and those that are left, to be told otherwise.

        Where so many stand still the PMS is not well, and one that contradicts itself is well now and then: the alert
        is over when nothing was so for three intervals, and a full run was good after it.
        """
        of_connection: dict[str, list[Arrival]] = {}
        left = []
        for one in found:
            stay = one.stay
            alone = (stay.connection, AlertKind.BOOKING, stay.booking_id)
            if stay.access in ("broken", "kept") and alone not in open_now:
                of_connection.setdefault(stay.connection, []).append(one)
            else:
                left.append(one)
        causes = []
        for connection, of in self._connections.items():
            several = of_connection.get(connection, [])
            key = (connection, AlertKind.BOOKINGS, STAND_STILL)
            is_open, before = key in open_now, self._stood_still.pop(connection, None)
            if several and (is_open or MANY <= len(several) >= number[connection] / 2):
                self._stood_still[connection] = now, of_many(connection, several)
            elif (
                is_open
                and before is not None
                and (
                    now - before[0] <= MISSED * of.timetable.incremental
                    or not _was_good(records, (connection, "full", connection), before[0])
                )
            ):
                self._stood_still[connection] = before
            else:
                left += several
                continue
            causes.append(Cause(*key, self._stood_still[connection][1]))
        return causes, left

    def _failing_connections(self) -> list[Cause]:
        return [
            Cause(
                connection,
                AlertKind.CONNECTION,
                connection,
                say(
                    "Connection {connection} has failed {times} times in a row, so nothing is kept in step: {why}",
                    connection=connection,
                    times=FAILED_RUNS,
                    why=status.sweep_trouble or "",
                ),
            )
            for connection, status in StatusBook(self._store).all().items()
            if status.failures >= FAILED_RUNS
        ]

    def _refused(self) -> list[Cause]:
        return [
            Cause(
                name,
                AlertKind.CONNECTION,
                name,
                say(
                    "The PMS refuses the credentials of connection {connection}, so nothing is kept in step: put new "
                    "ones in with `nightporter connections rotate {connection}` or on its page, or send a link to "
                    "whoever has them ({why})",
                    connection=name,
                    why=one.standing.reason,
                ),
            )
            for name, one in self._connections.items()
            if one.standing.state is State.REFUSED
        ]

    def _late(self, records: Mapping[tuple[str, str, str], JobRecord], now: datetime) -> list[Cause]:
        """Connections that have not ended a good run for too long, whatever the reason: they may fail, or hang."""
        found = []
        put_back = Queue(self._store).put_back(TaskKind.INCREMENTAL)
        for connection, of in self._connections.items():
            runs = [records[key] for name in ("incremental", "full") if (key := (connection, "", name)) in records]
            # What was good later than now was so by a clock that is wrong.
            good = max((one.good_at for one in runs if one.good_at is not None and one.good_at <= now), default=None)
            longest = max(MISSED * of.timetable.incremental, SHORTEST_SILENCE)
            begun = max(good or self._since, self._since)
            if not is_late(now, begun, longest, of.timetable.incremental, put_back.get(connection)):
                continue
            under_way = [one for one in runs if one.ended_at is None or one.ended_at < one.started_at]
            newest = max(runs, key=lambda one: one.started_at, default=None)
            if under_way and History(self._store).last_outcome_at(connection, now - longest) is not None:
                continue  # A long run, but one that gets on.
            why = (newest.trouble or say("no run has begun since")) if newest is not None else say("no run has begun")
            if under_way:
                began = f"{under_way[0].started_at:%H:%M}"
                why = say("a run that began at {at} UTC has not ended", at=began)
            if good:
                told = message(
                    "Connection {connection} has had no good run since {at} UTC, so nothing is kept in step: {why}"
                )
                text = say(told, connection=connection, at=local(good, "UTC", now), why=why)
            else:
                told = message("Connection {connection} has had no good run yet, so nothing is kept in step: {why}")
                text = say(told, connection=connection, why=why)
            found.append(Cause(connection, AlertKind.CONNECTION, connection, text))
        return found

    def _clocks_apart(self) -> list[Cause]:
        """Where the clocks of this machine, the PMS and Seam do not agree, whatever else fails."""
        return [
            Cause(
                connection,
                AlertKind.CLOCK,
                connection,
                say("{of}: {words}", of=say("Connection {name}", name=connection), words=said),
            )
            for connection, said in History(self._store).clocks().items()
        ]

    def _failing_jobs(self, records: Mapping[tuple[str, str, str], JobRecord]) -> list[Cause]:
        """Full runs, or night audits, that always fail, though the runs over what changed are good."""
        found = []
        for (connection, property_id, name), record in records.items():
            if record.failures < FAILED_RUNS or name not in ("full", "night_audit"):
                continue
            if name == "full":
                told = message("The full runs of connection {connection} have failed {times} times in a row or more")
            elif property_id:
                told = message(
                    "The night audits of property {property} of connection {connection} have failed {times} times in a "
                    "row or more"
                )
            else:
                told = message("The night audits of connection {connection} have failed {times} times in a row or more")
            what = say(told, connection=connection, property=property_id, times=FAILED_RUNS)
            why = say("what changed is kept in step, what was missed is not: {why}", why=record.trouble or "")
            text = say("{of}: {words}", of=what, words=why)
            found.append(Cause(connection, AlertKind(name), property_id or connection, text, property_id))
        return found

    def _held_or_failing(
        self, failing: Collection[Cause], records: Mapping[tuple[str, str, str], JobRecord]
    ) -> list[Cause]:
        """Held revocations and failing runs. A PMS that says of many stays that they are over, and cannot be read as a
        whole at the same time, is one trouble: whoever was told of both by one alert is told of neither again, until
        a run has been good between them."""
        open_now = self._book.begun()
        causes = {(one.connection, one.kind, one.subject): one for one in failing}
        for connection, number in self._held().items():
            text = self._waiting(connection, number)
            alone, in_doubt = (connection, AlertKind.HELD, connection), (connection, AlertKind.HELD, IN_DOUBT)
            of_all = (connection, AlertKind.CONNECTION, connection)
            runs = [
                record
                for name in ("incremental", "full")
                if (record := records.get((connection, "", name))) is not None and record.failures
            ]
            if of_all in causes and of_all in open_now and not open_now.keys() & {alone, in_doubt}:
                both = say("{first}. Meanwhile {then}", first=causes[of_all].text, then=text)
                causes[of_all] = Cause(*of_all, both)
                continue
            if alone in open_now or (not runs and in_doubt not in open_now):
                causes[alone] = Cause(*alone, text)
                continue
            if runs:
                newest = max(runs, key=lambda one: one.started_at)
                text = say(
                    "{first}. Approve nothing before connection {connection} is well, for its runs fail: {why}",
                    first=text,
                    connection=connection,
                    why=newest.trouble or "",
                )
            causes[in_doubt] = Cause(*in_doubt, text)
            since = open_now.get(in_doubt)
            for key in causes.keys() - open_now.keys():
                is_told = key[0] == connection and key[1] in ("connection", "full")
                if is_told and not _was_good(records, key, since):
                    del causes[key]
        return list(causes.values())

    def _held(self) -> dict[str, int]:
        """How many revocations wait, by connection."""
        numbers: dict[str, int] = {}
        for one in Holds(self._store).undecided():
            if one.hold.in_doubt:
                continue  # The connection's alert says so, with names.
            numbers[one.connection] = numbers.get(one.connection, 0) + 1
        return numbers

    def _waiting(self, connection: str, number: int) -> str:
        of = self._connections.get(connection)
        person = of.policy.person if of is not None else "guest"
        what = say_number(
            number,
            "{number} revocation waits for somebody's approval",
            "{number} revocations wait for somebody's approval",
        )
        return say("{of}: {words}", of=what, words=say_number(number, *MEANWHILE[person]))

    def _accounts(self) -> list[Cause]:
        return [
            Cause(
                one.connection,
                AlertKind.ACCOUNT,
                one.account_id,
                say(
                    "The lock system {name} ({code}): nothing new reaches its locks, because {why}",
                    name=one.name,
                    code=one.trouble,
                    why=one.why,
                ),
                one.property_id,
            )
            for one in LockAccounts(self._store).all()
            if one.trouble
        ]

    def _locks(self, now: datetime) -> list[Cause]:
        """Rooms' locks that do not work, and batteries to be changed: one alert of each a property, however many."""
        zones = {(one.connection, one.property_id): one.time_zone for one in Properties(self._store).known()}
        # What a whole lock system has is told once, of it.
        told = {code for one in LockAccounts(self._store).all() if one.trouble for code in one.trouble.split(", ")}
        by_property: dict[tuple[str, str], list[LockHealth]] = {}
        for lock in locks_in_state(self._store, (LockState.BROKEN, LockState.WARNING)):
            if lock.space_ids and lock.connection in self._connections:
                by_property.setdefault((lock.connection, lock.property_id), []).append(lock)
        found = []
        for (connection, property_id), locks in sorted(by_property.items()):
            time_zone = zones.get((connection, property_id), "UTC")
            broken = [one for one in locks if _is_broken(one, told, now)]
            working = [one for one in locks if one not in broken]
            flat = [one for one in working if any(cause.code in BATTERY_CAUSES for cause in one.causes)]
            if broken:
                what = say_number(len(broken), "{number} lock does not work", "{number} locks do not work")
                text = say("{of}: {words}", of=what, words=_named(broken, time_zone, now))
                found.append(Cause(connection, AlertKind.LOCKS, property_id, text, property_id))
            if flat:
                one, many = messages("{number} lock needs a new battery", "{number} locks need new batteries")
                what = say_number(len(flat), one, many)
                text = say("{of}: {words}", of=what, words=_named(flat, time_zone, now))
                found.append(Cause(connection, AlertKind.BATTERIES, property_id, text, property_id))
        return found

    def _codes(self) -> list[Cause]:
        """Door codes that the PMS could not be told: one alert a property, however many there are."""
        found = []
        several = with_several(Properties(self._store).known())
        codes = troubled_codes(self._store)
        for connection, of in self._connections.items():
            by_property: dict[str, list[DoorCodeRecord]] = {}
            for one in codes.get(connection, ()):
                by_property.setdefault(one.property_id, []).append(one)
            for property_id, troubled in sorted(by_property.items()):
                number = len({one.booking_id for one in troubled})
                what = say_number(number, *NOT_IN_THE_PMS[of.policy.person])
                text = say("{of}: {words}", of=what, words=troubled[0].trouble or "")
                subject = property_id if connection in several else connection
                found.append(Cause(connection, AlertKind.WRITE_BACK, subject, text, property_id))
        return found

    @property
    def channels(self) -> list[str]:
        """Their names: each is told apart from the others."""
        return [one.name for one in self._channels]

    def tell(self, only: str | None = None, turn: Fence | None = None, of: Collection[str] | None = None) -> None:
        """Sends what has yet to be told, by one channel (its name) or by all; what does not get through is tried again,
        ever more rarely, for as long as the trouble lasts. `turn`: nothing is sent once it is over; what was sent is
        noted all the same, so that nobody is told twice. `of`: of these connections only."""
        whose = self._connections.keys() if of is None else of
        by_name = {one.name: one for one in self._channels}
        for each in self._book.to_tell(self._clock(), connections=whose):
            if only is not None and each.channel != only and each.channel in by_name:
                continue
            if turn is not None:
                turn.check()
            channel = by_name.get(each.channel)
            now = self._clock()
            if channel is None:
                log.warning("an alert is not told: its channel is not in the settings any more", channel=each.channel)
                self._book.told(each, now, "it is not in the settings any more")
                continue
            subject, text = self._words(each)
            try:
                channel.tell(each, subject, text, now)
            except CannotTell as problem:
                attempts = each.task.attempts + 1
                log.warning("an alert was not told", alert=each.alert.id, channel=channel.name, trouble=str(problem))
                if attempts >= ATTEMPTS and each.alert.ended_at is not None:
                    self._book.told(each, now, str(problem))
                else:
                    self._book.not_told(each, now + ALERTS.after(attempts), str(problem))
            else:
                self._book.told(each, self._clock())
        self._book.forget_old(self._clock() - KEEP, whose)

    def _words(self, message: Message) -> tuple[str, str]:
        alert = message.alert
        over = message.phase == "end"
        subject = f"{'Over' if over else 'Night Porter'}: {alert.text}"
        lines = [alert.text, "", f"Since {alert.began_at:%d %b %Y %H:%M} UTC, connection {alert.connection}."]
        if over and alert.ended_at is not None:
            lines.append(f"Over since {alert.ended_at:%d %b %Y %H:%M} UTC: nothing has to be done any more.")
        if self._public_url:
            lines += ["", f"{self._public_url}{_page(alert)}"]
            if not over:
                lines += ["", f"Acknowledge, assign or silence it: {self._public_url}/alerts/{alert.id}"]
        return subject[:200], "\n".join(lines)


def _page(alert: Alert) -> str:
    if alert.kind == AlertKind.BOOKING:
        return f"/bookings/{alert.connection}/{alert.subject}"
    return "/held" if alert.kind == AlertKind.HELD else "/"


def _was_good(
    records: Mapping[tuple[str, str, str], JobRecord], of: tuple[str, str, str], since: datetime | None
) -> bool:
    """Whether a run of the connection, or over everything where that is what fails (`of`), was good after `since`."""
    connection, kind, _ = of
    names = ("full",) if kind == "full" else ("incremental", "full")
    good = [records[key].good_at for name in names if (key := (connection, "", name)) in records]
    return since is not None and any(one is not None and one > since for one in good)
