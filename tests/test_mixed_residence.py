"""Nine days of a residence with hotel floors: 120 leases and 80 hotel rooms, two PMSs, one workspace, every door.

The clocks go back twice: at the hotel on 25 October, at the residence on 1 November. Both PMSs and Seam fail every now
and then, the database is lost once, and a run is killed once. Whoever has a door against the books, or stands outside
with a right to be in, is looked for at every instant at which either side changes.
"""

import contextlib
import json
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from connectors.buildium.connector import BuildiumConnector
from connectors.mews.connector import MewsConnector
from mappers.keys import Keys
from mappers.policy import LEASE, CommonArea, MaxRevocations, Policy
from reconciler.prepare import RunConnection
from reconciler.report import RunReport
from reconciler.run import Run
from sandbox.buildium_office import BuildiumOffice
from sandbox.mews_hotel import MewsHotel
from tests import books
from tests.books import Promise
from tests.world import AnyWorld, Killed, run_options

BEGINS, ENDS = datetime(2026, 10, 24, 16, tzinfo=UTC), datetime(2026, 11, 2, 16, tzinfo=UTC)
INTERVAL = timedelta(hours=3)
"""Between two incremental runs."""
FULL_EVERY = 8
"""Incremental runs; what a PMS does not count as a change waits for it."""
ZONE = "America/New_York"
LEASES, HOMES, ROOMS = 120, 132, 80
ELM, INN = "elm/", "inn/"
LOBBY = (CommonArea("lobby", "Lobby"),)
Opening = tuple[str, str]
"""A person's key, and the key of a Space that opens."""
SEEDS = [int(one) for one in os.environ.get("SEEDS", "1").split()]
"""Others by hand: `SEEDS="2 3 4" pytest tests/test_mixed_residence.py`. Odd and even ones differ in what the office
does by itself when a day has come."""


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_everybody_has_her_door_and_nobody_a_door_too_long(tmp_path: Path, seed: int) -> None:
    house = MixedHouse(tmp_path, seed)
    week = Week(house, seed)
    house.both(full=True)
    begun_with = house.grant_ids()
    week.pass_by()
    assert not week.missing(), "too quiet a week to show anything"
    assert week.watch.openings > 100_000
    house.all_well()
    for _ in range(2):
        # An address that one connection gives up may be what the other one waits for.
        house.both(full=True)
    # What anybody has is what the books say: to the key, the door and the second.
    now = house.clock.now()
    twice = week.watch.in_rooms_given_twice(now)
    for prefix in house.connections:
        has, due = books.grants(house.seam, prefix, now), house.due(prefix, now)
        assert has.keys() <= due.keys()
        others = [key for key in due if has.get(key) != due[key] and not _waited(has.get(key), due[key], now)]
        assert not [key for key in others if due[key].person not in twice]
    house.check_addresses()
    waited = {
        key
        for prefix in house.connections
        for key, one in house.due(prefix, now).items()
        if one.person in week.watch.ever_twice
    }
    undisturbed = {key: grant for key, grant in week.undisturbed(begun_with).items() if key not in waited}
    assert len(undisturbed) > 80
    assert house.grant_ids().items() >= undisturbed.items(), "a key was made anew for nothing"
    house.clock.pass_(minutes=1)
    with house.no_writes():
        house.both(full=True)
        house.both(night_audit=True)
    assert house.strangers() == house.strangers_at_first


class MixedHouse(AnyWorld):
    """Two connections and one workspace. Every write to Seam is held against the connection that is at work."""

    def __init__(self, path: Path, seed: int):
        common = {"common_areas": LOBBY, "replace_wait": timedelta(seconds=20), "max_revocations": MaxRevocations()}
        lease = replace(LEASE, time_zone=ZONE, **common)
        super().__init__(path, lease)
        self.clock.time = BEGINS
        now, monotonic = self.clock.now, self.clock.monotonic
        self.office = BuildiumOffice(now=now, clock=monotonic, zone=ZONE, seed=seed)
        self.hotel = MewsHotel(now=now, clock=monotonic, seed=seed)
        self.office.days_count_as_updates = self.office.moves_out_by_itself = bool(seed % 2)
        elm = BuildiumConnector.open(
            "elm",
            {
                "base_url": "https://buildium.example",
                "client_id": self.office.client_id,
                "client_secret": self.office.client_secret,
                "webhook_secret": None,
            },
            self.access(self.office),
            None,
        )
        tokens = {"client_token": self.hotel.client_token, "access_token": self.hotel.access_token}
        inn = MewsConnector.open("inn", {"base_url": "https://mews.example", **tokens}, self.access(self.hotel), None)
        self.connections = {
            ELM: RunConnection("elm", elm, lease, Keys(ELM)),
            INN: RunConnection("inn", inn, Policy(guests="everyone", **common), Keys(INN)),
        }
        self.at_work = ""
        self.luck = random.Random(seed)
        self._build()
        self.strangers_at_first = self.strangers()

    def _build(self) -> None:
        office, hotel, luck = self.office, self.hotel, self.luck
        self.rentals = [office.add_rental("Maple Court"), office.add_rental("Garden House")]
        self.homes = [office.add_unit(self.rentals[n % 5 == 4], f"{n + 1:03d}") for n in range(HOMES)]
        self.property = hotel.add_property()
        self.double = hotel.add_category(hotel.add_service(self.property))
        self.rooms = [hotel.add_room(self.property, f"{n + 501}", self.double) for n in range(ROOMS)]
        for home in self.homes:
            customer = f"{ELM}{office.units[home]['PropertyId']}"
            self.seam.add_entrance(f"Home {home}", f"{ELM}{home}", luck.random() < 0.3, customer_key=customer)
        for room in self.rooms:
            self.seam.add_entrance(f"Room {room}", INN + room, luck.random() < 0.6, customer_key=INN + self.property)
        # Somebody else works in this workspace too, with keys that look like the office's own.
        self.seam.add_entrance("Shed", "101")
        space = self.seam.handle("POST", "/spaces/create", {}, self._head, b'{"name": "Shed", "space_key": "101"}')
        assert space.status == 200
        made = self.seam.handle(
            "POST",
            "/access_grants/create",
            {},
            self._head,
            b'{"user_identity": {"user_identity_key": "101", "full_name": "The gardener"}, "space_keys": ["101"],'
            b' "access_grant_key": "101:101", "requested_access_methods": [{"mode": "code"}]}',
        )
        assert made.status == 200, made.body

    @property
    def _head(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.seam.api_key}"}

    # --- runs ---------------------------------------------------------------------------------------------------------

    def run(self, prefix: str, **options: Any) -> RunReport:
        self.at_work = prefix
        try:
            return Run(
                self.connections[prefix],
                self.workspace,
                self.store,
                run_options(**options),
                clock=self.clock.now,
                monotonic=self.clock.monotonic,
                sleep=self.clock.sleep,
                workers=1,
            ).execute()
        finally:
            self.at_work = ""

    def both(self, **options: Any) -> None:
        for prefix in self.connections:
            report = self.run(prefix, **options)
            assert report.exit == 0, [item for item in report.items if item.outcome == "failed"]

    def all_well(self) -> None:
        for faults in (self.office.faults, self.hotel.faults):
            faults.unavailable = faults.too_many = faults.drop = 0
        self.seam.faults.fail_before = self.seam.faults.lose_answer = self.seam.faults.too_many = 0

    def trouble(self) -> None:
        for faults in (self.office.faults, self.hotel.faults):
            faults.unavailable, faults.too_many, faults.drop = 0.02, 0.02, 0.02
        self.seam.faults.fail_before, self.seam.faults.lose_answer, self.seam.faults.too_many = 0.02, 0.02, 0.01

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.method != "GET":
            assert self.at_work
            self._check_whose(request)
        return super()._answer(request)

    def _check_whose(self, request: httpx.Request) -> None:
        """Fails where a connection writes to what is not its own."""
        given = request.url.params if request.method == "DELETE" else {}
        if request.content:
            given = json.loads(request.content)
        for kind, items in (
            ("space", self.seam.spaces),
            ("user_identity", self.seam.user_identities),
            ("access_grant", self.seam.access_grants),
        ):
            key, one = given.get(f"{kind}_key"), given.get(f"{kind}_id")
            if one is not None and one in items:
                key = items[one].get(f"{kind}_key")
            assert key is None or key.startswith(self.at_work), f"{self.at_work} writes to {kind} {key}"

    # --- both sides ---------------------------------------------------------------------------------------------------

    def books(self) -> dict[str, dict[str, Promise]]:
        return {prefix: self.books_of(prefix) for prefix in self.connections}

    def books_of(self, prefix: str) -> dict[str, Promise]:
        return books.of_leases(self.office, ELM) if prefix == ELM else books.of_stays(self.hotel, INN)

    def due(self, prefix: str, now: datetime, promised: dict[str, Promise] | None = None) -> dict[str, Promise]:
        """What Seam should have by the books: what is not over and near enough, with a reservation only where a door
        can belong to one."""
        spaces = {
            self.seam.spaces[space]["space_key"]
            for one in self.seam.entrances.values()
            if one["can_belong_to_reservation"]
            for space in one["space_ids"]
        }
        return {
            key: replace(one, reservation="") if one.rooms.isdisjoint(spaces) else one
            for key, one in (promised or self.books_of(prefix)).items()
            if not one.is_over(now) and one.starts_at <= now + books.AHEAD
        }

    def check_addresses(self) -> None:
        """Whoever has a key has the e-mail that her PMS says, unless somebody else in the workspace has it."""
        identities = self.seam.user_identities.values()
        taken = {one["email_address"] for one in identities if one["email_address"]}
        said = {f"{ELM}{key}": one["Email"] for key, one in self.office.tenants.items()}
        said |= {f"{INN}{key}": one["Email"] for key, one in self.hotel.customers.items()}
        now = self.clock.now()
        living = {one.person for prefix in self.connections for one in books.grants(self.seam, prefix, now).values()}
        for one in identities:
            if one["user_identity_key"] in living:
                email = said[one["user_identity_key"]]
                assert one["email_address"] == email or (not one["email_address"] and email in taken)

    def grant_ids(self) -> dict[str, str]:
        return {grant["access_grant_key"]: grant["access_grant_id"] for grant in self.seam.live_grants()}

    def strangers(self) -> list[dict[str, Any]]:
        """What belongs to neither connection."""
        kinds = (("space", self.seam.spaces), ("user_identity", self.seam.user_identities))
        found = [dict(one) for kind, items in kinds for one in items.values() if one[f"{kind}_key"] == "101"]
        # Seam itself says of a grant whether its time has come.
        grants = [{**one, "display_status": None} for one in self.seam.live_grants()]
        return found + [one for one in grants if one["access_grant_key"] == "101:101"]


def _meet(one: Promise, other: Promise) -> bool:
    return (other.ends_at is None or one.starts_at < other.ends_at) and (
        one.ends_at is None or other.starts_at < one.ends_at
    )


def _waited(mine: Promise | None, hers: Promise | None, now: datetime) -> bool:
    """Whether she has what she should have, after she waited for somebody to leave."""
    if mine is None or hers is None or not hers.starts_at < mine.starts_at <= now:
        return False
    return replace(mine, starts_at=hers.starts_at) == hers


class Watch:
    """Looks who can open what, and who should: they may differ only by what happened since the last good run."""

    def __init__(self, house: MixedHouse):
        self._house = house
        self._books = house.books()
        self.excused: dict[str, set[str]] = {}
        """People of whom something has changed, and by which kind of run (of which connection) it is seen."""
        self.openings = 0
        self.ever_twice: set[str] = set()
        self._twice: set[str] = set()
        """Who had to wait for somebody in her room since the last good run."""

    @property
    def _promises(self) -> list[Promise]:
        return [one for promised in self._books.values() for one in promised.values()]

    def reread(self, prefix: str) -> None:
        """Something was written in the books."""
        self._books[prefix] = self._house.books_of(prefix)

    def look(self) -> None:
        now = self._house.clock.now()
        should = {(one.person, room) for one in self._promises if one.holds(now) for room in one.rooms}
        can = self._doors(now)
        self.openings += len(can)
        excused = set().union(*self.excused.values())
        now_twice = self.in_rooms_given_twice(now)
        self._twice |= now_twice
        self.ever_twice |= now_twice
        for what, openings in (("too long in", can - should), ("outside of", should - can)):
            wrong = sorted(one for one in openings if one[0] not in excused | self._twice)
            assert not wrong, f"{now}: {what}: {wrong}"

    def compare(self, began: datetime) -> None:
        """After good runs, of which the first began then: what anybody has, and will have, is what the books say."""
        house, now = self._house, self._house.clock.now()
        self._twice = self.in_rooms_given_twice(now)
        excused = set().union(*self.excused.values(), self._twice)
        for prefix, promised in self._books.items():
            has, due = books.grants(house.seam, prefix, now), house.due(prefix, now, promised)
            for key in has.keys() | due.keys():
                mine, hers = has.get(key), due.get(key)
                is_excused = any(one is not None and one.person in excused for one in (mine, hers))
                became_due = mine is None and hers is not None and hers.starts_at > began + books.AHEAD
                assert mine == hers or is_excused or became_due or _waited(mine, hers, now), (
                    f"{now}: {key}: {mine} should be {hers}"
                )

    def in_rooms_given_twice(self, now: datetime) -> set[str]:
        """People of the inn whose room was given to two bookings for one time: its locks open for one at a time, so
        one of them waits, and a person is told."""
        stays: dict[str, list[Promise]] = {}
        for one in self._promises:
            for room in one.rooms:
                if room.startswith(INN) and room != f"{INN}lobby" and not one.is_over(now):
                    stays.setdefault(room, []).append(one)
        return {
            one.person
            for given in stays.values()
            for one in given
            for other in given
            if one.reservation != other.reservation and _meet(one, other)
        }

    def _doors(self, now: datetime) -> set[Opening]:
        seam, text = self._house.seam, _text(now)
        return {
            (seam.user_identities[grant["user_identity_id"]]["user_identity_key"], seam.spaces[space]["space_key"])
            for grant in seam.live_grants()
            if grant["starts_at"] <= text < (grant["ends_at"] or "9") and grant["access_grant_key"] != "101:101"
            for space in grant["space_ids"]
        }

    def instants(self, until: datetime) -> list[datetime]:
        """When a door opens or closes by itself before then, by the books or by Seam."""
        now, found = self._house.clock.now(), set()
        for one in self._promises:
            found |= {when for when in (one.starts_at, one.ends_at) if when is not None and now < when < until}
        texts = {grant[name] for grant in self._house.seam.live_grants() for name in ("starts_at", "ends_at")}
        since, end = _text(now), _text(until)
        return sorted(found | {datetime.fromisoformat(one) for one in texts if one and since < one < end})


class Week:
    """What happens at both desks, with a seed."""

    def __init__(self, house: MixedHouse, seed: int):
        self._house = house
        self._luck = random.Random(seed)
        self.happened: Counter[str] = Counter()
        self._touched: set[str] = set()
        """Leases and stays of which a key may have changed."""
        self._events: dict[str, Callable[[], None]] = {
            name: getattr(self, name) for name in dir(type(self)) if name.startswith(("elm_", "inn_"))
        }
        self._turn: list[str] = []
        self._furnish()
        self.watch: Watch

    def missing(self) -> set[str]:
        return {name for name in self._events if self.happened[name] < 2}

    def undisturbed(self, begun_with: dict[str, str]) -> dict[str, str]:
        """The keys with which the week began, of leases and stays that nothing befell that concerns a key."""
        now = self._house.clock.now()
        living = {
            key for promised in self._house.books().values() for key, one in promised.items() if not one.is_over(now)
        }
        return {
            key: one
            for key, one in begun_with.items()
            if key in living and key.partition("/")[2].partition(":")[0] not in self._touched
        }

    # --- how time passes ----------------------------------------------------------------------------------------------

    def pass_by(self) -> None:
        house, luck = self._house, self._luck
        self.watch = Watch(house)
        self.watch.look()
        house.trouble()
        runs = int((ENDS - BEGINS) / INTERVAL)
        lost_at, killed_at = luck.sample(range(10, runs - 10), 2)
        is_lost = False
        audits = {(prefix, BEGINS.date()) for prefix in house.connections}
        for number in range(runs):
            at = BEGINS + INTERVAL * (number + 1)
            for when in sorted(at - INTERVAL * luck.random() for _ in range(luck.randrange(7))):
                self._until(when)
                self.watch.reread(self._something())
                self.watch.look()
            self._until(at)
            # Whose lease was deleted since the last full run would not be remembered by anybody.
            if number >= lost_at and not is_lost and not self.watch.excused.get(f"{ELM} full"):
                house.lose_the_database()
                is_lost = True
            if number == killed_at:
                self._kill()
            for prefix in house.connections:
                kind = {"full": True} if number % FULL_EVERY == FULL_EVERY - 1 else {}
                if at.hour >= 3 and (prefix, at.date()) not in audits:
                    audits.add((prefix, at.date()))
                    kind = {"night_audit": True}
                self._run(prefix, **kind)
            # A day may have come, and the office with it have moved somebody out.
            self.watch.reread(ELM)
            self.watch.look()
            self.watch.compare(at)
        assert is_lost

    def _until(self, when: datetime) -> None:
        clock = self._house.clock
        for instant in self.watch.instants(when):
            clock.time = instant
            self.watch.look()
        clock.time = max(clock.time, when)

    def _run(self, prefix: str, **kind: Any) -> None:
        """A run that failed is followed by another one, as the service does it; three in a row never fail."""
        house = self._house
        for _ in range(3):
            report = house.run(prefix, **kind)
            if report.exit == 0:
                for cured in (prefix, *([f"{prefix} full"] if kind else [])):
                    self.watch.excused.pop(cured, None)
                return
            house.clock.pass_(minutes=1)
        raise AssertionError([(item.reason, item.error) for item in report.items if item.outcome == "failed"])

    def _kill(self) -> None:
        """In the middle of what a run does, and the next one begins where it was."""
        for prefix in self._house.connections:
            self._house.kill_after = self._luck.randrange(8, 20)
            with contextlib.suppress(Killed):
                self._house.run(prefix, full=True)
            self._house.kill_after = None
        self._house.clock.pass_(minutes=1)

    def _something(self) -> str:
        """The next kind of event for which there is an occasion; returns at whose desk."""
        while True:
            if not self._turn:
                self._turn = self._luck.sample(sorted(self._events), len(self._events))
            name = self._turn.pop()
            if self._events[name]() is not False:
                self.happened[name] += 1
                return ELM if name.startswith("elm") else INN

    # --- at the office ------------------------------------------------------------------------------------------------

    def _furnish(self) -> None:
        house, luck = self._house, self._luck
        office, today = house.office, house.office.today()
        self._people = 0
        for number, home in enumerate(house.homes[:LEASES]):
            begins = today - timedelta(days=luck.randrange(20, 600))
            ends: date | None = begins + timedelta(days=364)
            rest: dict[str, Any] = {}
            people = [self._tenant() for _ in range(luck.choice((1, 1, 2, 2, 3)))]
            match number % 12:
                case 0:  # Ends in these days, and holds over.
                    ends = today + timedelta(days=luck.randrange(-2, 8))
                case 1:  # Ends in these days, for everybody.
                    ends = today + timedelta(days=luck.randrange(0, 9))
                    rest["moves_out_automatically"] = True
                case 2:
                    ends, rest["kind"] = None, "AtWill"
                case 3:  # Begins in these days.
                    begins = today + timedelta(days=luck.randrange(0, 9))
                    ends = begins + timedelta(days=364)
                case 4:  # Begins so late that the keys are made in these days.
                    begins = today + timedelta(days=luck.randrange(13, 24))
                    ends = begins + timedelta(days=364)
                case 5:
                    rest["moves_in"] = {people[-1]: today + timedelta(days=luck.randrange(1, 9))}
                case _:
                    ends = today + timedelta(days=luck.randrange(30, 300))
            lease = office.lease(home, people, begins, ends, **rest)
            if number % 7 == 0:
                office.add_cosigner(lease)
            if number % 12 in (6, 7):
                office.give_notice(lease, luck.choice(people), today + timedelta(days=luck.randrange(0, 9)))
            if number % 30 == 8:  # A ghost: nobody lives there, and nobody has ended it.
                office.edit_lease(lease, LeaseToDate=(today - timedelta(days=99)).isoformat(), Tenants=[])
        for number, room in enumerate(house.rooms):
            day = today - timedelta(days=luck.randrange(0, 4))
            while day < today + timedelta(days=11):
                nights = luck.randrange(1, 6)
                stay = self._book(room if number % 9 else None, day, nights)
                if day < today:
                    house.hotel.check_in(stay, vienna(day, 15))
                day += timedelta(days=nights + luck.choice((0, 0, 1, 3)))

    def _tenant(self) -> int:
        self._people += 1
        cell = [("Cell", f"(617) 555-{self._people:04d}")] if self._luck.random() < 0.7 else []
        return self._house.office.add_tenant("Ana", "Ruiz", self._email(), cell)

    def _email(self) -> str:
        # A few are the same at the office and at the hotel: parents who come to stay.
        return f"person{self._luck.randrange(400)}@example.com"

    def _pick(self, test: Callable[[dict[str, Any]], bool]) -> dict[str, Any] | None:
        found = [one for one in self._house.office.leases.values() if test(one)]
        return self._luck.choice(found) if found else None

    def _living(self, least: int = 1) -> dict[str, Any] | None:
        return self._pick(lambda one: one["LeaseStatus"] == "Active" and len(_current(one)) >= least)

    def _vacant(self) -> int:
        let = {one["UnitId"] for one in self._house.office.leases.values() if one["LeaseStatus"] != "Past"}
        return self._luck.choice([one for one in self._house.homes if one not in let] or self._house.homes)

    def _leases(self, *leases: int, tenants: Iterable[int] = (), full: bool = False) -> None:
        """Something befell them that concerns keys."""
        self._touched.update(map(str, leases))
        people = {*tenants, *(one["Id"] for lease in leases for one in self._house.office.leases[lease]["Tenants"])}
        self.watch.excused.setdefault(f"{ELM} full" if full else ELM, set()).update(f"{ELM}{one}" for one in people)

    def _today(self, plus: int = 0) -> date:
        return self._house.office.today() + timedelta(days=plus)

    def elm_renewal(self) -> bool | None:
        lease = self._pick(lambda one: one["LeaseStatus"] == "Active" and not one["AutomaticallyMoveOutTenants"])
        if lease is None:
            return False
        self._house.office.renew(lease["Id"], self._luck.choice((None, self._today(365))))
        return None

    def elm_eviction(self) -> None:
        lease = self._living()
        assert lease is not None
        self._house.office.set_eviction(lease["Id"], not lease["IsEvictionPending"])

    def elm_new_lease(self) -> None:
        people = [self._tenant() for _ in range(self._luck.randrange(1, 4))]
        begins = self._today(self._luck.choice((0, 1, 2, 5, 13, 14, 15, 20)))
        self._leases(self._house.office.lease(self._vacant(), people, begins, begins + timedelta(days=364)))

    def elm_roommate_joins(self) -> None:
        lease = self._living()
        assert lease is not None
        # Nobody moves in after everybody is moved out by itself.
        later = () if lease["AutomaticallyMoveOutTenants"] else (self._today(1), self._today(3), self._today(30))
        moves_in = self._luck.choice((None, *later))
        self._house.office.add_roommate(lease["Id"], self._tenant(), moves_in, counts=self._luck.random() < 0.7)
        self._leases(lease["Id"])

    def elm_roommate_leaves(self) -> bool | None:
        lease = self._living(least=2)
        if lease is None:
            return False
        self._house.office.move_out(lease["Id"], self._luck.choice(_current(lease)))
        self._leases(lease["Id"])
        return None

    def elm_moves_in_earlier(self) -> bool | None:
        lease = self._pick(lambda one: any(tenant["Status"] == "Future" for tenant in one["Tenants"]))
        if lease is None:
            return False
        tenant = self._luck.choice([one["Id"] for one in lease["Tenants"] if one["Status"] == "Future"])
        self._house.office.move_in(lease["Id"], tenant)
        self._leases(lease["Id"])
        return None

    def elm_notice(self) -> None:
        lease = self._living()
        assert lease is not None
        day = self._today(self._luck.choice((0, 0, 1, 2, 4, 20)))
        if lease["AutomaticallyMoveOutTenants"]:
            day = min(day, date.fromisoformat(lease["LeaseToDate"]))
        self._house.office.give_notice(lease["Id"], self._luck.choice(_current(lease)), day)
        self._leases(lease["Id"])

    def elm_move_out_undone(self) -> bool | None:
        lease = self._pick(lambda one: one["LeaseStatus"] in ("Active", "Past") and bool(one["MoveOutData"]))
        if lease is None:
            return False
        self._house.office.undo_move_out(lease["Id"], self._luck.choice(lease["MoveOutData"])["TenantId"])
        self._leases(lease["Id"])
        return None

    def elm_move_out_that_was_a_mistake(self) -> None:
        lease = self._living()
        assert lease is not None
        tenant = self._luck.choice(_current(lease))
        self._house.office.move_out(lease["Id"], tenant)
        self._house.clock.pass_(minutes=2)
        self._house.office.undo_move_out(lease["Id"], tenant)
        self._leases(lease["Id"])

    def elm_end(self) -> None:
        lease = self._living()
        assert lease is not None
        self._house.office.end_lease(lease["Id"], self._today(self._luck.choice((0, 0, 1, 3))))
        self._leases(lease["Id"])

    def elm_transfer(self) -> None:
        lease = self._living()
        assert lease is not None
        moves = self._luck.randrange(0, 4)
        leaves = self._today(moves + self._luck.randrange(0, 4))
        self._leases(lease["Id"], self._house.office.transfer(lease["Id"], self._vacant(), self._today(moves), leaves))

    def elm_unit_corrected(self) -> None:
        lease = self._living()
        assert lease is not None
        home = self._vacant()
        moves_house = self._house.office.units[home]["PropertyId"] != lease["PropertyId"]
        self._house.office.change_unit(lease["Id"], home)
        self.happened["into the other house"] += moves_house
        self._leases(lease["Id"])

    def elm_auto_move_out(self) -> bool | None:
        lease = self._pick(
            lambda one: bool(_current(one)) and len(_current(one)) == len(one["Tenants"]) and not one["MoveOutData"]
        )
        if lease is None:
            return False
        self._house.office.edit_lease(
            lease["Id"],
            AutomaticallyMoveOutTenants=True,
            LeaseToDate=self._today(self._luck.randrange(0, 5)).isoformat(),
        )
        self._leases(lease["Id"])
        return None

    def elm_deleted(self) -> None:
        lease = self._living()
        assert lease is not None
        self._leases(lease["Id"], full=True)
        self._house.office.delete_lease(lease["Id"])

    def elm_another_address(self) -> None:
        self._house.office.edit_tenant(self._luck.choice(sorted(self._house.office.tenants)), Email=self._email())

    # --- at the hotel's desk ------------------------------------------------------------------------------------------

    def _book(self, room: str | None, day: date, nights: int) -> str:
        companions = [self._guest() for _ in range(self._luck.choice((0, 0, 1, 2)))]
        leaves = day + timedelta(days=nights)
        return self._house.hotel.book(
            self._guest(), self._house.double, vienna(day, 15), vienna(leaves, 11), room, companions=companions
        )

    def _guest(self) -> str:
        return self._house.hotel.add_customer("Jana", "Novak", self._email())

    def _stay(self, *states: str, test: Callable[[datetime, datetime], bool] = lambda *_: True) -> str | None:
        now = self._house.clock.now()
        found = [
            one["Id"]
            for one in self._house.hotel.reservations.values()
            if one["State"] in states and _end(one) > now and test(_start(one), now)
        ]
        return self._luck.choice(found) if found else None

    def _stays(self, *stays: str, others: Iterable[str] = (), full: bool = False) -> None:
        hotel = self._house.hotel
        self._touched.update(stays)
        people = {*others, *(hotel.reservations[one]["AccountId"] for one in stays)}
        people |= {one["CustomerId"] for one in hotel.companionships.values() if one["ReservationId"] in stays}
        self.watch.excused.setdefault(f"{INN} full" if full else INN, set()).update(f"{INN}{one}" for one in people)

    def inn_check_in(self) -> bool | None:
        """At the time, or as early as in the morning."""
        stay = self._stay("Confirmed", test=lambda start, now: start - timedelta(hours=7) <= now)
        if stay is None:
            return False
        self._house.hotel.check_in(stay)
        self._stays(stay)
        return None

    def inn_check_out(self) -> bool | None:
        stay = self._stay("Started")
        if stay is None:
            return False
        self._house.hotel.check_out(stay)
        self._stays(stay)
        return None

    def inn_move(self) -> None:
        stay = self._stay("Confirmed", "Started")
        assert stay is not None
        self._house.hotel.assign(stay, self._luck.choice((*self._house.rooms, None)))
        self._stays(stay)

    def inn_swap(self) -> None:
        stays = [self._stay("Started", "Confirmed") for _ in range(2)]
        rooms = [self._house.hotel.reservations[one]["AssignedResourceId"] for one in stays]
        for stay, room in zip(stays, reversed(rooms), strict=True):
            self._house.hotel.assign(stay, room)
        self._stays(*stays)

    def inn_other_departure(self) -> bool | None:
        stay = self._stay("Confirmed", "Started")
        if stay is None:
            return False
        record = self._house.hotel.reservations[stay]
        leaves = _end(record) + timedelta(days=self._luck.choice((-1, 1, 1, 2)))
        if leaves <= max(_start(record), self._house.clock.now()):
            return False
        self._house.hotel.move_dates(stay, departure=leaves)
        self._stays(stay)
        return None

    def inn_cancelled(self) -> bool | None:
        stay = self._stay("Confirmed")
        if stay is None:
            return False
        self._house.hotel.cancel(stay)
        self._stays(stay)
        return None

    def inn_no_show(self) -> bool | None:
        stay = self._stay("Confirmed", test=lambda start, now: start <= now)
        if stay is None:
            return False
        self._house.hotel.cancel(stay, "NoShow")
        self._stays(stay)
        return None

    def inn_reinstated(self) -> bool | None:
        stay = self._stay("Canceled")
        if stay is None:
            return False
        self._house.hotel.reinstate(stay)
        self._stays(stay)
        return None

    def inn_walk_in(self) -> None:
        now = self._house.clock.now()
        leaves = vienna(now.date() + timedelta(days=self._luck.randrange(1, 4)), 11)
        room = self._luck.choice(self._house.rooms)
        self._stays(self._house.hotel.book(self._guest(), self._house.double, now, leaves, room))

    def inn_companion_comes(self) -> None:
        """Which Mews does not count as a change of the stay."""
        stay = self._stay("Confirmed", "Started")
        assert stay is not None
        self._house.hotel.add_companion(stay, self._guest())
        self._stays(stay, full=True)

    def inn_companion_leaves(self) -> bool | None:
        hotel = self._house.hotel
        found = [
            one
            for one in hotel.companionships.values()
            if _end(hotel.reservations[one["ReservationId"]]) > self._house.clock.now()
        ]
        if not found:
            return False
        one = self._luck.choice(found)
        hotel.remove_companion(one["ReservationId"], one["CustomerId"])
        self._stays(one["ReservationId"], others=[one["CustomerId"]], full=True)
        return None

    def inn_another_guest(self) -> None:
        stay = self._stay("Confirmed", "Started")
        assert stay is not None
        before = self._house.hotel.reservations[stay]["AccountId"]
        self._house.hotel.change_owner(stay, self._guest())
        self._stays(stay, others=[before])

    def inn_another_address(self) -> None:
        self._house.hotel.edit_customer(self._luck.choice(sorted(self._house.hotel.customers)), Email=self._email())


def vienna(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZoneInfo("Europe/Vienna")).astimezone(UTC)


def _current(lease: dict[str, Any]) -> list[int]:
    return [one["Id"] for one in lease["Tenants"] if one["Status"] == "Current"]


def _start(stay: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(stay["ScheduledStartUtc"])


def _end(stay: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(stay["ScheduledEndUtc"])


def _text(instant: datetime) -> str:
    """As Seam writes it."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant.microsecond // 1000:03d}Z"
