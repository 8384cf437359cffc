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
from typing import Any

import pytest

from reconciler.judge import Verdict
from reconciler.readiness import Arrival, DoorState
from sandbox.locks import Ways
from store.stays import Stay, Stays
from tests.night import Night
from tests.reconciler.test_seam_codes import EVERY, UNKNOWN
from tests.test_lock_health import asked
from tests.world import START
from web.picture import guests_of

ROOMS = ("101", "102", "103", "104", "105", "106")
PATIENCE = 2
"""Minutes: the first look at what was taken away comes a minute after it."""
HEARSAY = 36
"""Minutes after which a list knows of errors of which Seam sends no event. Whoever opens a booking asks at once."""
UNHEARD_OF = "a_code_of_tomorrow"
NAMES = {"errors": "error", "warnings": "warning", "pending": "mutation"}
CODES = [*EVERY, *((resource, kind, UNHEARD_OF) for resource, kind, _ in UNKNOWN)]
"""Every code of Seam's SDK and contract, of all that access hangs on, and of each kind one that nobody knows: by the
resource, and `errors`, `warnings` or `pending`."""


@dataclass
class Trouble:
    """A code that Seam says of something."""

    on: str
    """Seam's id."""
    kind: str
    told: dict[str, Any]
    whose: str
    """Whose access it concerns: a booking, a room, or `all`."""

    def is_grave(self) -> bool:
        """Whether nobody may be told that it opens: an error, or what nobody knows."""
        return self.kind == "errors" or UNHEARD_OF in self.told.values()


@dataclass
class Desk:
    """A hotel at which something happens every few minutes, and somebody who looks at every door every minute."""

    night: Night
    luck: random.Random
    locks: dict[str, list[str]] = field(default_factory=dict)
    """By room."""
    bookings: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    codes: list[tuple[str, str, str]] = field(default_factory=list)
    """Those of `CODES` that come next, the last one first."""
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
        """Seam says something of a record: each code in its turn."""
        if not self.codes:
            self.codes = self.luck.sample(CODES, len(CODES))
        resource, kind, code = self.codes.pop()
        found = self._one_of(resource)
        if found is None:
            self.codes.insert(0, (resource, kind, code))
            return None
        on, whose = found
        self.night.seam.add_trouble(on, **{NAMES[kind]: code})
        record = self.night.seam._resource(on)
        told = record["pending_mutations" if kind == "pending" else kind][-1]
        self.troubles.append(Trouble(on, kind, told, whose))
        return f"{resource} {on[:8]} of {whose[:8]}: {NAMES[kind]} {code}"

    def _one_of(self, resource: str) -> tuple[str, str] | None:
        """Seam's id of something of that kind, and whose access it concerns; None where there is none."""
        seam, room = self.night.seam, self.luck.choice(self.night.rooms)
        if resource in ("access_grant", "access_method", "user_identity", "acs_user", "acs_credential"):
            of = self.luck.choice([one for one in self._alive() if seam.grant_by_key(one)] or [""])
            grant = seam.grant_by_key(of)
            if grant is None or not grant["access_method_ids"]:
                return None
            ids = {"access_grant": grant["access_grant_id"], "access_method": grant["access_method_ids"][0]}
            if resource in ("acs_user", "acs_credential"):
                held = seam.in_systems.of_methods(grant["access_method_ids"])
                return (str(held[0][f"{resource}_id"]), of) if held else None
            return str(ids.get(resource, grant["user_identity_id"])), of
        if resource == "connected_account":
            return self.luck.choice(sorted(seam.accounts)), "all"
        if resource == "acs_system":
            systems = sorted(one["acs_system_id"] for one in seam.systems.values())
            return (self.luck.choice(systems), "all") if systems else None
        if resource == "space":
            return seam.id_of("space", room), room
        every = seam.entrances if resource == "acs_entrance" else seam.devices
        locks = [(one, of) for of, those in self.locks.items() for one in those if one in every]
        return self.luck.choice(locks)

    def calm(self) -> str | None:
        """What Seam said is over."""
        for one in self.troubles:
            self._is_over(one)
        number = len(self.troubles)
        self.troubles.clear()
        return f"{number} troubles over" if number else None

    def _is_over(self, one: Trouble) -> None:
        self.over[one.whose] = 0
        try:
            record = self.night.seam._resource(one.on)
        except KeyError:
            return
        name = "pending_mutations" if one.kind == "pending" else one.kind
        # What Seam itself says by the same code stays.
        record[name] = [each for each in record[name] if each is not one.told]
        self.night.seam._text.pop(one.on, None)

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

    def _in_a_list(self, stay: Stay) -> Arrival:
        """What lists say of a stay."""
        context, zones = self.night.site.extensions["nightporter"], {("alpen", self.night.property): "Europe/Vienna"}
        (found,) = guests_of(context, [stay], zones, "alpen")
        return found

    def _open_a_booking(self, stay: Stay, opens: dict[str, set[str]]) -> None:
        """Somebody looks at one booking: Seam is asked now, and nothing may be old. Lists do not say that she has no
        access while its page says that she may, and afterwards they say what the page said."""
        before = self._in_a_list(stay)
        found = asked(self.night, f"/api/bookings/alpen/{stay.booking_id}")
        said = replace(Arrival(stay, DoorState.UNSURE, ""), verdict=Verdict(found["verdict"]), cause=found["cause"])
        what = self._wrong(said, opens.get(stay.booking_id, set()))
        # The look that finds what is left of what was taken away comes within two minutes.
        if what is not None and not (what == "no access, and opens" and (stay.booking_id, what) in self.since):
            self.wrong[f"live: {what} of {stay.booking_id[:8]}: {found['sentence']}"] += 1
            now = self.night.clock.now()
            self.diary.append(f"{now:%H:%M} WRONG live {what} {stay.booking_id[:8]} {said.cause}: {found['sentence']}")
        after = self._in_a_list(stay)
        out = ("no_access", "stay_over")
        if (before.cause in out and found["cause"] not in out) or not _agree(after, found):
            said = f"{before.sentence} / {found['sentence']} / {after.sentence}"
            self.wrong[f"list, page, list of {stay.booking_id[:8]}: {said}"] += 1
            self.diary.append(f"{self.night.clock.now():%H:%M} WRONG list, page, list of {stay.booking_id[:8]}: {said}")

    def _wrong(self, said: Arrival, hers: set[str]) -> str | None:
        now, booking = self.night.clock.now(), said.stay.booking_id
        room = self.night.hotel.reservations[booking]["AssignedResourceId"]
        own = set(self.locks.get(room, ()))
        hangs_on = {booking, room, "all"}
        concerned = hangs_on & {*(one.whose for one in self.troubles), *self.over}
        is_now = said.stay.starts_at is not None and said.stay.starts_at <= now
        if said.verdict == "opens" and said.stay.access == "granted" and is_now:
            if not own <= hers:
                return "opens, and is shut"
            if any(one.is_grave() and self._is_there(one) for one in self.troubles if one.whose in hangs_on):
                return "opens, and Seam says that it does not work"
        if said.verdict == "shut" and hers:
            if said.cause in ("no_access", "stay_over"):
                return "no access, and opens"
            if not concerned and own <= hers:
                return "shut, and opens"
        return None

    def _is_there(self, one: Trouble) -> bool:
        """Whether what a code was put upon is there, and is still hers."""
        seam = self.night.seam
        try:
            seam._resource(one.on)
        except KeyError:
            return False
        if one.whose not in self.bookings:
            return True
        grant = seam.grant_by_key(one.whose)
        hers = {grant["access_grant_id"], grant["user_identity_id"], *grant["access_method_ids"]} if grant else set()
        held = seam.in_systems.of_methods(grant["access_method_ids"]) if grant else []
        hers |= {each[name] for each in held for name in ("acs_user_id", "acs_credential_id")}
        return one.on in hers


def _agree(listed: Arrival, page: Any) -> bool:
    """Whether a list says what a booking's page has just said; of what should not open and does, it may doubt it."""
    if page["cause"] == "not_revoked":
        return listed.verdict != "shut"
    return listed.verdict == page["verdict"]


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


def test_a_while_in_which_no_verdict_is_wrong(tmp_path: Path) -> None:
    check(run(tmp_path, 1, 0.4))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [2, 3])
def test_a_day_in_which_no_verdict_is_wrong(tmp_path: Path, seed: int) -> None:
    check(run(tmp_path, seed, 3))
