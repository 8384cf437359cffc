"""What is said of each guest's door, held every minute against what the locks hold.

The oracle is written apart from the product: it knows the desk's books (who has which room), the locks (which of them
hold a PIN of hers now) and which errors Seam has on her record; it never reads a grant's state. It allows any *not
sure*, and never *opens* for a door that is shut to her, nor *no access* for one that is open.
"""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reconciler.judge import Verdict
from reconciler.readiness import Arrival, DoorState
from sandbox.locks import Ways
from store.stays import Stay, Stays
from tests.night import Night
from tests.test_lock_health import asked
from tests.world import START
from web.picture import guests_of

ROOMS = ("101", "102", "103", "104", "105", "106")
PATIENCE = 2
"""Minutes: the first look at what was taken away comes a minute after it."""
HEARSAY = 36
"""Minutes after which a list knows of errors of which Seam sends no event. Whoever opens a booking asks at once."""
ERRORS = {
    "grant": ("access_not_provisioned", "cannot_create_requested_access_methods", "an_error_of_tomorrow"),
    "method": ("failed_to_issue", "access_not_provisioned", "an_error_of_tomorrow"),
    "person": ("issue_with_acs_user", "an_error_of_tomorrow"),
    "space": ("an_error_of_tomorrow",),
    "lock": ("device_removed", "subscription_required", "hub_disconnected", "an_error_of_tomorrow"),
    "account": ("bridge_disconnected", "an_error_of_tomorrow"),
}
DOUBTS = {
    "grant": ("underprovisioned_access", "a_warning_of_tomorrow"),
    "method": ("delay_in_issuing", "a_warning_of_tomorrow"),
    "lock": ("third_party_integration_detected", "privacy_mode", "a_warning_of_tomorrow"),
    "account": ("a_warning_of_tomorrow",),
}


@dataclass
class Desk:
    """A hotel at which something happens every few minutes, and somebody who looks at every door every minute."""

    night: Night
    luck: random.Random
    locks: dict[str, list[str]] = field(default_factory=dict)
    """By room."""
    bookings: list[str] = field(default_factory=list)
    troubled: dict[str, str] = field(default_factory=dict)
    """By what of Seam's a code was put upon: whose access it concerns (a booking, a room, or everybody's)."""
    wrong: Counter[str] = field(default_factory=Counter)
    over: dict[str, int] = field(default_factory=dict)
    """Whose trouble is over since how many minutes."""
    said: Counter[str] = field(default_factory=Counter)
    since: dict[tuple[str, str], int] = field(default_factory=dict)
    diary: list[str] = field(default_factory=list)

    def furnish(self) -> None:
        """Rooms with one lock and with two, of every kind."""
        night = self.night
        names = ROOMS[len(night.rooms) :]
        night.rooms += [night.hotel.add_room(night.property, name, night.double) for name in names]
        late = Ways(schedules_itself=False)
        for place, kinds in enumerate(("d", "l", "e", "dl", "el", "dd")):
            room = night.rooms[place]
            for number, kind in enumerate(kinds):
                add = night.seam.add_entrance if kind == "e" else night.seam.add_device
                ways = late if kind == "l" else None
                lock = add(f"Lock {ROOMS[place]} {number}", room, customer_key=night.property, ways=ways)
                self.locks.setdefault(room, []).append(lock)

    # --- what happens -------------------------------------------------------------------------------------------------

    def book(self) -> str | None:
        night, now = self.night, self.night.clock.now()
        free = [place for place, room in enumerate(night.rooms) if room not in self._taken()]
        if not free:
            return None
        arrival = now + timedelta(minutes=self.luck.choice((3, 10, 45, 90, 200)))
        departure = arrival + timedelta(minutes=self.luck.choice((30, 60, 120, 240)))
        guest = night.guest(last=f"Guest{len(self.bookings)}")
        booking = night.book(self.luck.choice(free), guest=guest, arrival=arrival, departure=departure)
        self.bookings.append(booking)
        return f"book {booking[:8]}"

    def extend(self) -> str | None:
        return self._of_one(lambda one: self._move_end(one, timedelta(minutes=self.luck.choice((20, 60, 180)))))

    def shorten(self) -> str | None:
        return self._of_one(lambda one: self._move_end(one, -timedelta(minutes=self.luck.choice((10, 30, 60)))))

    def move(self) -> str | None:
        free = [room for room in self.night.rooms if room not in self._taken()]
        return self._of_one(lambda one: self.night.hotel.assign(one, self.luck.choice(free))) if free else None

    def cancel(self) -> str | None:
        return self._of_one(self.night.hotel.cancel)

    def leave(self) -> str | None:
        here = [one for one in self._alive() if self._start(one) <= self.night.clock.now()]
        if not here:
            return None
        booking = self.luck.choice(here)
        self.night.hotel.check_out(booking)
        return f"check_out {booking[:8]}"

    def unplug(self) -> str | None:
        lock = self.luck.choice([one for locks in self.locks.values() for one in locks])
        self.night.seam.unplug(lock)
        return f"unplug {lock[:8]}"

    def plug_in(self) -> str | None:
        off = [one for locks in self.locks.values() for one in locks if not self.night.seam.is_online(one)]
        for lock in off:
            self.night.seam.plug_in(lock)
        return f"plug in {len(off)}" if off else None

    def disconnect(self) -> str | None:
        self.night.seam.disconnect_account(self.night.property)
        return "disconnect the account"

    def reconnect(self) -> str | None:
        self.night.seam.reconnect_account(self.night.property)
        return "reconnect the account"

    def trouble(self) -> str | None:
        """Seam says something of a record, an error or a warning."""
        seam = self.night.seam
        kind = self.luck.choice(sorted(ERRORS))
        code = self.luck.choice((*ERRORS[kind], *DOUBTS.get(kind, ())))
        of = self.luck.choice([one for one in self._alive() if seam.grant_by_key(one)] or [""])
        grant = seam.grant_by_key(of)
        room = self.luck.choice(self.night.rooms)
        if kind in ("grant", "method", "person"):
            if grant is None:
                return None
            ids = {"grant": grant["access_grant_id"], "method": grant["access_method_ids"][0]}
            on, whose = str(ids.get(kind, grant["user_identity_id"])), of
        elif kind == "account":
            on, whose = self.luck.choice(sorted(seam.accounts)), "all"
        else:
            on, whose = (seam.id_of("space", room) if kind == "space" else self.luck.choice(self.locks[room])), room
        way = "error" if code in ERRORS[kind] else "warning"
        seam.add_trouble(on, **{way: code})
        self.troubled[on] = whose
        return f"{kind} {on[:8]}: {way} {code}"

    def calm(self) -> str | None:
        """What Seam said is over."""
        codes = {one for table in (ERRORS, DOUBTS) for told in table.values() for one in told}
        for on in self.troubled:
            try:
                self.night.seam.clear_troubles(on, *codes)
            except KeyError:
                continue
        number = len(self.troubled)
        self.over |= dict.fromkeys(self.troubled.values(), 0)
        self.troubled.clear()
        return f"{number} troubles over" if number else None

    def _move_end(self, booking: str, by: timedelta) -> None:
        self.night.hotel.move_dates(booking, departure=self._end(booking) + by)

    def _of_one(self, act: Callable[[str], object]) -> str | None:
        alive = self._alive()
        if not alive:
            return None
        booking = self.luck.choice(alive)
        act(booking)
        return f"{booking[:8]} now {self._start(booking):%H:%M}-{self._end(booking):%H:%M}"

    # --- the books ----------------------------------------------------------------------------------------------------

    def _alive(self) -> list[str]:
        books, now = self.night.hotel.reservations, self.night.clock.now()
        return [
            one for one in self.bookings if books[one]["State"] in ("Confirmed", "Started") and self._end(one) > now
        ]

    def _taken(self) -> set[str]:
        return {self.night.hotel.reservations[one]["AssignedResourceId"] for one in self._alive()}

    def _start(self, booking: str) -> datetime:
        return START.fromisoformat(self.night.hotel.reservations[booking]["ScheduledStartUtc"])

    def _end(self, booking: str) -> datetime:
        return START.fromisoformat(self.night.hotel.reservations[booking]["ScheduledEndUtc"])

    # --- every minute -------------------------------------------------------------------------------------------------

    def minute(self) -> None:
        self.night.minute()
        now = self.night.clock.now()
        stays = Stays(self.night.store).by_id("alpen", self.bookings)
        context = self.night.site.extensions["nightporter"]
        opens: dict[str, set[str]] = {}
        for door, held in self.night.seam.opens().items():
            for one in held:
                opens.setdefault((one.access_grant_key or "").split(".")[0], set()).add(door)
        self.over = {one: minutes + 1 for one, minutes in self.over.items() if minutes < HEARSAY}
        before, self.since = self.since, {}
        for said in guests_of(context, stays, {("alpen", self.night.property): "Europe/Vienna"}, "alpen"):
            what = self._wrong(said, opens.get(said.stay.booking_id, set()))
            self.said[said.verdict] += 1
            if what is None:
                continue
            minutes = before.get((said.stay.booking_id, what), 0) + 1
            self.since[said.stay.booking_id, what] = minutes
            if minutes > (HEARSAY if "Seam says" in what else PATIENCE):
                self.wrong[f"{what} of {said.stay.booking_id[:8]}: {said.sentence}"] += 1
                self.diary.append(f"{now:%H:%M} WRONG {what} {said.stay.booking_id[:8]} {said.cause}: {said.sentence}")

        if stays:
            self._open_a_booking(self.luck.choice(stays), opens)

    def _open_a_booking(self, stay: Stay, opens: dict[str, set[str]]) -> None:
        """Somebody looks at one booking: Seam is asked now, and nothing may be old."""
        found = asked(self.night, f"/api/bookings/alpen/{stay.booking_id}")
        said = replace(Arrival(stay, DoorState.UNSURE, ""), verdict=Verdict(found["verdict"]), cause=found["cause"])
        what = self._wrong(said, opens.get(stay.booking_id, set()))
        # The look that finds what is left of what was taken away comes within two minutes.
        if what is not None and not (what == "no access, and opens" and (stay.booking_id, what) in self.since):
            self.wrong[f"live: {what} of {stay.booking_id[:8]}: {found['sentence']}"] += 1
            now = self.night.clock.now()
            self.diary.append(f"{now:%H:%M} WRONG live {what} {stay.booking_id[:8]} {said.cause}: {found['sentence']}")

    def _wrong(self, said: Arrival, hers: set[str]) -> str | None:
        now, booking = self.night.clock.now(), said.stay.booking_id
        room = self.night.hotel.reservations[booking]["AssignedResourceId"]
        own = set(self.locks.get(room, ()))
        concerned = {booking, room, "all"} & {*self.troubled.values(), *self.over}
        is_now = said.stay.starts_at is not None and said.stay.starts_at <= now
        if said.verdict == "opens" and said.stay.access == "granted" and is_now:
            if not own <= hers:
                return "opens, and is shut"
            if any(self._is_error(on) for on, whose in self.troubled.items() if whose in concerned):
                return "opens, and Seam says that it does not work"
        if said.verdict == "shut" and hers:
            if said.cause in ("no_access", "stay_over"):
                return "no access, and opens"
            if not concerned and own <= hers:
                return "shut, and opens"
        return None

    def _is_error(self, on: str) -> bool:
        try:
            record = self.night.seam._resource(on)
        except KeyError:
            return False
        return any(one["error_code"] in errors for errors in ERRORS.values() for one in record.get("errors", ()))


def run(path: Path, seed: int, hours: float, per_minute: float = 0.15) -> Desk:
    night = Night(path)
    night.seam.just_in_time, night.seam.creates_a_minute = True, 10
    desk = Desk(night, random.Random(seed))
    desk.furnish()
    night.listen()
    for _ in range(4):
        desk.book()
    night.do("full")
    acts = [
        *[desk.book] * 4, *[desk.extend] * 2, *[desk.shorten] * 2, *[desk.move] * 2, desk.cancel, desk.leave,
        *[desk.unplug] * 3, *[desk.plug_in] * 2, desk.disconnect, *[desk.reconnect] * 2, *[desk.trouble] * 2, desk.calm,
    ]  # fmt: skip
    for _ in range(int(hours * 60)):
        if desk.luck.random() < per_minute and (told := desk.luck.choice(acts)()) is not None:
            desk.diary.append(f"{night.clock.now():%H:%M} {told}")
        desk.minute()
    desk.plug_in(), desk.reconnect(), desk.calm()
    for _ in range(15):
        desk.minute()
    return desk


def check(desk: Desk) -> None:
    assert not desk.wrong, "\n".join([*desk.wrong, *desk.diary])
    assert desk.said["opens"] > sum(desk.said.values()) / 10, "whoever is never sure is never wrong"


def test_hours_in_which_no_verdict_is_wrong(tmp_path: Path) -> None:
    check(run(tmp_path, 1, 1))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 7))
def test_a_day_in_which_no_verdict_is_wrong(tmp_path: Path, seed: int) -> None:
    check(run(tmp_path, seed, 3))
