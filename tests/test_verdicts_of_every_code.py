"""Every code that Seam has, on and off again during stays: what is said of each guest's door, minute by minute.

The oracle is written by the contract's own descriptions, apart from the product's table: it knows which codes say that
a PIN does not open, which say that it may not, and which say nothing of the door. It holds what a booking's page and
the lists say of every guest whom a code concerns against it, and against what the locks hold; whom it does not concern
is told that her door opens, as before.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import cycle
from pathlib import Path

import pytest

from mappers.policy import CommonArea, Policy
from reconciler.inquiry import inquire
from reconciler.prepare import RunConnection
from reconciler.readiness import Answer
from store.stays import Stays
from tests.night import Night
from tests.test_lock_health import asked
from tests.test_verdicts_minute_by_minute import CODES, NAMES, ROOMS, UNHEARD_OF
from web.picture import guests_of

HARMLESS = frozenset(
    {
        *("requested_code_unavailable", "pulled_backup_access_code", "overprovisioned_access", "revoking_access"),
        *("many_active_backup_codes", "partial_backup_access_code_pool", "accessory_keypad_low_battery"),
        *("ttlock_lock_gateway_unlocking_not_enabled", "temperature_threshold_exceeded", "unreliable_online_status"),
        *("scheduled_maintenance_window", "account_reauthorization_requested"),
        *("salto_ks_subscription_limit_almost_reached", "updating_user_information", "schedule_modified"),
    }
)
"""Warnings and changes that say nothing against the PIN that a lock holds: it opens, and that is said."""
CLOSES = frozenset(
    {
        *("privacy_mode", "salto_ks_privacy_mode", "salto_ks_office_mode"),
        *("being_deleted", "device_does_not_support_access_codes", "device_time_constraints_violated"),
        *("user_identity_missing_email_address", "user_identity_missing_phone_number"),
        *("salto_ks_user_not_subscribed", "acs_user_inactive", "deleting"),
    }
)
"""Warnings that say, in the contract's words, that codes do not unlock, or that there is none."""
LOBBY = "lobby"
EVERY = [one for one in CODES if one[:2] != ("space", "errors")]
"""Spaces have no errors, and Seam's SDK would drop them."""
TAKES_LONGER = ("space", "warnings", "being_deleted")
"""Is never over in Seam: a run has noted it, and tries again some minutes later."""


@dataclass
class House:
    """Six guests, each with a room of another kind of lock, and a lobby that all of them pass."""

    night: Night
    locks: dict[str, list[str]] = field(default_factory=dict)
    """By the room's key, and the lobby's."""
    guests: dict[str, str] = field(default_factory=dict)
    """Bookings by the room's key."""
    wrong: Counter[str] = field(default_factory=Counter)
    heard: set[tuple[str, str, str]] = field(default_factory=set)

    def fill(self) -> None:
        night = self.night
        night.rooms += [night.hotel.add_room(night.property, name, night.double) for name in ROOMS[len(night.rooms) :]]
        for place, kinds in enumerate(("d", "e", "dd", "ee", "de", "d")):
            self._hang(night.rooms[place], ROOMS[place], kinds)
        self._hang(LOBBY, "lobby", "de")
        for place, room in enumerate(night.rooms):
            arrival = night.clock.now() + timedelta(hours=1)
            self.guests[room] = night.book(place, arrival=arrival, departure=arrival + timedelta(days=9))
        night.listen()
        night.do("full")
        night.clock.pass_(hours=2)
        night.settle()
        night.do("arrival_check")

    def _hang(self, room: str, name: str, kinds: str) -> None:
        for number, kind in enumerate(kinds):
            add = self.night.seam.add_entrance if kind == "e" else self.night.seam.add_device
            lock = add(f"Lock {name} {number}", room, customer_key=self.night.property)
            self.locks.setdefault(room, []).append(lock)

    # --- what Seam says -----------------------------------------------------------------------------------------------

    def places(self) -> dict[str, Iterator[tuple[str, frozenset[str]]]]:
        """By the kind of resource, ids of such ones in turn, each with the rooms of the guests whom it concerns."""
        seam, everybody = self.night.seam, frozenset(self.guests)
        grants = [(room, seam.grant_by_key(booking)) for room, booking in self.guests.items()]
        of_guests = [(room, one) for room, one in grants if one is not None]
        assert len(of_guests) == len(self.guests)
        found: dict[str, list[tuple[str, frozenset[str]]]] = {
            "access_grant": [(one["access_grant_id"], frozenset({room})) for room, one in of_guests],
            "access_method": [(one["access_method_ids"][0], frozenset({room})) for room, one in of_guests],
            "user_identity": [(one["user_identity_id"], frozenset({room})) for room, one in of_guests],
            "connected_account": [(one, everybody) for one in seam.accounts],
            "acs_system": [(one["acs_system_id"], everybody) for one in seam.systems.values()],
        }
        for room, one in of_guests:
            if seam.entrances.keys() & self.locks[room]:
                hers = seam.user_identities[one["user_identity_id"]]["acs_user_ids"]
                found.setdefault("acs_user", []).append((hers[0], frozenset({room})))
                (credential,) = seam.in_systems.of_methods(one["access_method_ids"])
                found.setdefault("acs_credential", []).append((credential["acs_credential_id"], frozenset({room})))
        for room, locks in self.locks.items():
            whose = everybody if room == LOBBY else frozenset({room})
            found.setdefault("space", []).append((seam.id_of("space", room), whose))
            for lock in locks:
                kind = "acs_entrance" if lock in seam.entrances else "device"
                found.setdefault(kind, []).append((lock, whose))
        return {kind: cycle(those) for kind, those in found.items()}

    # --- what is said -------------------------------------------------------------------------------------------------

    def look(self, told: str, may: Callable[[str], bool], whom: frozenset[str]) -> None:
        """A booking's page asks Seam now, and says the right thing; lists say the same afterwards. `may`: whether a
        verdict may be said of whom it concerns."""
        night = self.night
        holds = {(one.access_grant_key or "").split(".")[0] for each in night.seam.opens().values() for one in each}
        for room in sorted(whom):
            booking = self.guests[room]
            assert booking in holds, f"{told}: her locks have forgotten her"
            page = asked(night, f"/api/bookings/alpen/{booking}")
            if not may(page["verdict"]):
                self.wrong[f"{told}: {page['verdict']}, {page['sentence']}"] += 1
            stay = Stays(night.store).get("alpen", booking)
            assert stay is not None
            zones = {("alpen", night.property): "Europe/Vienna"}
            (listed,) = guests_of(night.site.extensions["nightporter"], [stay], zones, "alpen")
            if listed.verdict != page["verdict"]:
                self.wrong[f"{told}: a list says {listed.sentence}, the page {page['sentence']}"] += 1


@pytest.fixture(scope="module")
def settled(tmp_path_factory: pytest.TempPathFactory) -> House:
    return a_house(tmp_path_factory.mktemp("house"))


def may_be_said(kind: str, code: str, in_the_lobby: bool) -> Callable[[str], bool]:
    """Of a guest whose lock holds her PIN, while Seam says this."""
    if kind != "errors" and code in HARMLESS:
        return lambda verdict: verdict == "opens"
    if in_the_lobby or (kind != "errors" and code not in CLOSES):
        # It opens, as far as the locks know, and nobody can be sure of it.
        return lambda verdict: verdict == "unsure"
    return lambda verdict: verdict != "opens"


def a_house(path: Path) -> House:
    house = House(Night(path, Policy(common_areas=(CommonArea(LOBBY, "Lobby"),))))
    house.fill()
    house.look("nothing", lambda verdict: verdict == "opens", frozenset(house.guests))
    return house


@pytest.mark.parametrize("resource", sorted({one for one, _, _ in EVERY}))
def test_each_code_is_said_at_once_of_whom_it_concerns(settled: House, resource: str) -> None:
    """What lookup says, by the contract's own words: everybody else's door opens."""
    night, places = settled.night, settled.places()
    connection = RunConnection("alpen", night.connector, night.policy, night.keys)

    def said_of(room: str) -> Answer:
        found = inquire(connection, night.workspace, night.store, settled.guests[room], night.clock.now()).answer
        assert found is not None
        return found

    wrong = []
    for _, kind, code in (one for one in EVERY if one[0] == resource):
        on, whom = next(places[resource])
        night.seam.add_trouble(on, **{NAMES[kind]: code})
        is_beside = len(whom) > 1 and resource in ("space", "device", "acs_entrance")
        said = said_of(min(whom))
        if not may_be_said(kind, code, is_beside)(said.verdict) or said.cause != code or "_" in said.sentence:
            wrong.append(f"{code} of {kind} of {resource}: {said}")
        if code == UNHEARD_OF and (rest := settled.guests.keys() - whom):
            assert (other := said_of(min(rest))).verdict == "opens", other.sentence
        night.seam.clear_troubles(on, code)
    assert not wrong, "\n".join(wrong)


def passed(house: House, codes: list[tuple[str, str, str]]) -> House:
    """Each code, for two minutes, on one resource after the other of its kind."""
    places, night = house.places(), house.night
    everybody = frozenset(house.guests)
    others = cycle(sorted(everybody))
    for resource, kind, code in codes:
        on, whom = next(places[resource])
        night.seam.add_trouble(on, **{NAMES[kind]: code})
        told = f"{code} of {kind} of {resource}"
        is_beside = whom == everybody and resource in ("space", "device", "acs_entrance")
        for _ in range(2):
            night.minute()
            # Of many guests two are asked for each minute.
            some = whom if len(whom) == 1 else frozenset({next(others), next(others)})
            house.look(told, may_be_said(kind, code, is_beside), some)
            if rest := everybody - whom:
                one = next(each for each in others if each in rest)
                house.look(f"{told}, which is another's", lambda verdict: verdict == "opens", frozenset({one}))
        night.seam.clear_troubles(on, code)
        for _ in range(15 if (resource, kind, code) == TAKES_LONGER else 1):
            night.minute()
        house.look(f"{told}, which is over", lambda verdict: verdict == "opens", some)
        house.heard.add((resource, kind, code))
    return house


def check(house: House, codes: list[tuple[str, str, str]]) -> None:
    assert not house.wrong, "\n".join(house.wrong)
    assert house.heard == set(codes)


def test_codes_that_nobody_knows_and_some_that_say_nothing_are_told_apart(tmp_path: Path) -> None:
    codes = [one for one in EVERY if one[2] == UNHEARD_OF and one[0] in ("device", "access_method")]
    codes += [one for one in EVERY if one[2] in ("revoking_access", "salto_ks_office_mode", "many_active_backup_codes")]
    check(passed(a_house(tmp_path), codes), codes)


def test_what_seam_says_in_another_shape_than_by_a_code_is_heard_as_well(tmp_path: Path) -> None:
    house = a_house(tmp_path)
    seam, rooms = house.night.seam, list(house.guests)
    device, entrance = house.locks[rooms[0]][0], house.locks[rooms[1]][0]
    grant = seam.grant_by_key(house.guests[rooms[0]])
    assert grant is not None
    method = grant["access_method_ids"][0]
    salto = dict(seam.entrances[entrance]["salto_ks_metadata"])
    for told, on, room, fields, verdict in (
        ("no codes at all", device, 0, {"errors": None, "warnings": None}, "opens"),
        ("no codes at all of a way in", method, 0, {"errors": None, "pending_mutations": None}, "opens"),
        ("no list of codes", device, 0, {"errors": {"error_code": "device_offline"}}, "unsure"),
        ("no list of codes of an entrance", entrance, 1, {"warnings": {"warning_code": "privacy_mode"}}, "unsure"),
        ("nothing but its number", entrance, 1, {"errors": 17, "warnings": 17}, "unsure"),
        ("an error without a code", device, 0, {"errors": [{"message": "broken"}]}, "shut"),
        ("a warning without a code", method, 0, {"warnings": [{"message": "strange"}]}, "unsure"),
        ("offline without an error", device, 0, {"properties": {"online": False}}, "unsure"),
        (
            "offline without an error, an entrance",
            entrance,
            1,
            {"salto_ks_metadata": {**salto, "online": False}},
            "unsure",
        ),
        ("privacy without a warning", entrance, 1, {"salto_ks_metadata": {**salto, "privacy_mode": True}}, "shut"),
    ):
        if "properties" in fields:
            fields = {"properties": {**seam.devices[on]["properties"], **fields["properties"]}}
        before = seam.alter(on, **fields)
        house.look(told, lambda said, verdict=verdict: said == verdict, frozenset({rooms[room]}))
        house.look(f"{told}, which is another's", lambda said: said == "opens", frozenset({rooms[3]}))
        seam.alter(on, **before)
        house.look(f"{told}, which is over", lambda said: said == "opens", frozenset({rooms[room]}))
    assert not house.wrong, "\n".join(house.wrong)


@pytest.mark.slow
@pytest.mark.parametrize("resource", sorted({one for one, _, _ in EVERY}))
def test_every_code_is_believed_as_far_as_the_contract_says_and_no_further(tmp_path: Path, resource: str) -> None:
    codes = [one for one in EVERY if one[0] == resource]
    check(passed(a_house(tmp_path), codes), codes)
