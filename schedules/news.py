"""Acts upon what has come in: webhooks of PMSs and of Seam, and wishes of staff.

A delivery only says what should be read again. Deliveries that name the same booking are one look at it.
"""

from collections.abc import Callable
from datetime import datetime

from mappers.outcomes import Action, Kind, Outcome
from mappers.sentences import messages, say, say_number, sentence_of
from reconciler.report import RunReport, defect
from reconciler.scopes import Approval, RoomsOnly, RunOptions, TheseBookings
from schedules.connections import Connection
from schedules.door_checks import DoorChecks
from schedules.seam_events import ARRIVALS
from schedules.urgent_runs import UrgentRun, UrgentRuns
from seam_workspace.errors import SeamError
from store.back_off import of_news
from store.engine import Database, StoreFailed
from store.holds import Holds
from store.inbox import Delivery, Inbox
from store.links import Links
from store.properties import Properties
from store.stays import Stays
from store.turns import Turn

OUTCOMES = messages("{number} outcome, {failed} failed", "{number} outcomes, {failed} failed")


class News:
    """The deliveries of one connection. `delivery_done` is told of each: where it came from, and its seconds."""

    def __init__(
        self,
        connection: Connection,
        store: Database,
        checks: DoorChecks,
        run: UrgentRun,
        clock: Callable[[], datetime],
        delivery_done: Callable[[str, float], None],
    ):
        self._name = connection.name
        self._keys = connection.keys
        self._store = store
        self._checks = checks
        self.runs = UrgentRuns(store, run)
        self._back_off = of_news(connection.timetable.incremental)
        self._clock = clock
        self._delivery_done = delivery_done

    def act_upon_all(self, turn: Turn, waiting: list[Delivery]) -> None:
        """Acts upon what was taken: a thousand that name one booking are one look. `runs.settle` notes its end."""
        self.runs.forget()
        try:
            self._act_upon(turn, waiting)
        except StoreFailed:
            raise
        except Exception as problem:
            # What nobody foresaw is not tried again at once and for ever; nor is it lost.
            self.runs.settle()
            self._put_off(turn, waiting, defect(problem), failed=True)
            raise

    def _act_upon(self, turn: Turn, waiting: list[Delivery]) -> None:
        approvals = [one for one in waiting if one.subjects.get("runs")]
        doors = [one for one in waiting if one.subjects.get("doors")]
        others = [one for one in waiting if one not in approvals and one not in doors]
        checks = [one for one in others if one.subjects.get("check")]
        looks = [one for one in others if one not in checks]
        for property_id, deliveries in self._by_property(doors).items():
            report = self.runs.run(turn, RunOptions(RoomsOnly(), property_id), ())
            self._settle(turn, deliveries, report)
            # Whoever is here, or comes next, may have a door by now.
            checks += [] if report.broken_off else deliveries
        for delivery in approvals:
            for run_id in delivery.subjects["runs"]:
                chosen = frozenset(delivery.subjects.get("keys", ())) or None
                held = {hold.booking_id for hold in Holds(self._store).approved(run_id, chosen).values()}
                report = self.runs.run(turn, RunOptions(Approval(run_id, chosen)), held)
                self._settle(turn, [delivery], report)
        for property_id, deliveries in self._by_property(looks).items():
            bookings = {one for delivery in deliveries for one in delivery.subjects.get("bookings", ())}
            guests = {one for delivery in deliveries for one in delivery.subjects.get("guests", ())}
            if guests:
                keys = [self._keys.guest(guest_id) for guest_id in guests]
                bookings |= {booking_id for _, booking_id in Links(self._store).bookings_of_users(self._name, keys)}
            rooms = any(delivery.subjects.get("rooms") for delivery in deliveries)
            if not bookings and not rooms:
                self._finish(turn, deliveries, "ignored", say("it names nothing that has access here"))
                continue
            new_pins = frozenset(one for delivery in deliveries for one in delivery.subjects.get("new_pins", ()))
            heard: dict[str, datetime] = {}
            for delivery in deliveries:
                for one in delivery.subjects.get("bookings", ()) if delivery.source == "pms" else ():
                    heard[one] = min(delivery.received_at, heard.get(one, delivery.received_at))
            scope = TheseBookings(tuple(sorted(bookings)), are_news=True, new_pins=new_pins, heard=heard)
            self._settle(turn, deliveries, self.runs.run(turn, RunOptions(scope, property_id), bookings))
            checks = [*checks, *(one for one in deliveries if one.source == "staff")]
        if checks:
            self.runs.settle()
            self._check_for(turn, checks)

    def _by_property(self, deliveries: list[Delivery]) -> dict[str | None, list[Delivery]]:
        known = {one.property_id for one in Properties(self._store).known(self._name)} if deliveries else set()
        found: dict[str | None, list[Delivery]] = {}
        for one in deliveries:
            # A property that is not known yet is left to be found among all of them.
            found.setdefault(one.property_id if one.property_id in known else None, []).append(one)
        return found

    def _check_for(self, turn: Turn, deliveries: list[Delivery]) -> None:
        """Health only: nothing about the booking is news, but whether it opens may be."""
        wanted: dict[str, set[str]] = {}
        for delivery in deliveries:
            of_all = ARRIVALS in delivery.subjects.get("check", ()) or delivery.subjects.get("doors")
            if of_all and delivery.property_id:
                coming = self._checks.coming(self._clock())
                here = {stay.booking_id for stay in coming if stay.property_id == delivery.property_id}
                wanted.setdefault(delivery.property_id, set()).update(here)
            for booking_id in delivery.subjects.get("bookings", ()):
                stay = Stays(self._store).get(self._name, booking_id)
                property_id = delivery.property_id or (stay.property_id if stay else None)
                if property_id:
                    wanted.setdefault(property_id, set()).add(booking_id)
        only = [one for one in deliveries if one.subjects.get("check")]
        try:
            for property_id, booking_ids in wanted.items():
                self._checks.check(turn, property_id, sorted(booking_ids))
        except SeamError as problem:
            self._put_off(turn, only, sentence_of(problem))
        else:
            self._finish(turn, only, "done", say("asked Seam whether it opens"))

    def _settle(self, turn: Turn, deliveries: list[Delivery], report: RunReport) -> None:
        if report.broken_off:
            self._put_off(turn, deliveries, report.broken_off)
            return
        changed = [item for item in report.items if item.kind == Kind.ACCESS_GRANT and item.action != Action.WAIT]
        failed = sum(item.outcome == Outcome.FAILED for item in changed)
        note = say("nothing had to change")
        if changed:
            note = say_number(len(changed), *OUTCOMES, failed=failed)
        self._finish(turn, deliveries, "done", note, report.run_id)

    def _finish(
        self, turn: Turn, deliveries: list[Delivery], outcome: str, note: str, run_id: str | None = None
    ) -> None:
        now = self._clock()
        self.runs.note(lambda: self._inbox_in(turn).done(deliveries, now, outcome, note, run_id))
        for one in deliveries:
            self._delivery_done(one.source, (now - one.received_at).total_seconds())

    def _put_off(self, turn: Turn, deliveries: list[Delivery], note: str, *, failed: bool = False) -> None:
        """Tried again, ever more rarely, for as long as it takes. `failed`: something is wrong with these; otherwise
        the PMS or Seam could not be asked, and they are tried again at once when a run has got through."""
        now = self._clock()
        for one in deliveries:
            attempts = one.task.attempts + 1 if one.task else 1
            pause = self._back_off.after(attempts) if failed else self._back_off.while_away(now - one.received_at)
            self._inbox_in(turn).put_off([one], now, now + pause, note, failed=failed)

    def _inbox_in(self, turn: Turn) -> Inbox:
        """The inbox, written only as long as the turn holds: what was taken up by whoever lost it is taken up again."""
        return Inbox(self._store.fenced(turn))
