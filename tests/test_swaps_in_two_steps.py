"""Two guests in the house who change rooms behind locks that open for one booking at a time, told to the PMS in two or
three steps: nobody opens another's door, each keeps her PIN, and both are in once the PMS has said all of it."""

from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import Policy
from tests.night import Night
from tests.world import START

STEPS: dict[str, list[tuple[str, int | None]]] = {
    "she first": [("Anna", 1), ("Ben", 0)],
    "he first": [("Ben", 0), ("Anna", 1)],
    "she by way of a third room": [("Anna", 2), ("Ben", 0), ("Anna", 1)],
    "he by way of a third room": [("Ben", 2), ("Anna", 1), ("Ben", 0)],
    "she by way of no room": [("Anna", None), ("Ben", 0), ("Anna", 1)],
    "he by way of no room": [("Ben", None), ("Anna", 1), ("Ben", 0)],
    "there and back again": [("Anna", 1), ("Ben", 0), ("Anna", 0), ("Ben", 1), ("Anna", 1), ("Ben", 0)],
}
HOW = ["webhooks", "the timetable", "full runs"]
EVERY_DAY = [
    ("she first", True, "webhooks"),
    ("she by way of a third room", False, "the timetable"),
    ("he by way of no room", True, "full runs"),
    ("there and back again", False, "the timetable"),
]
ALL = [(steps, slow_locks, how) for steps in STEPS for slow_locks in (False, True) for how in HOW]
CASES = [*EVERY_DAY, *(pytest.param(*one, marks=pytest.mark.slow) for one in ALL if one not in EVERY_DAY)]


def at_the_doors(night: Night) -> dict[str, dict[str, str]]:
    """By room, who opens it now, with which PIN."""
    night.seam.tick()
    names = {door: str(one["display_name"]) for door, one in night.seam.entrances.items()}
    found: dict[str, dict[str, str]] = {}
    for door, several in night.seam.opens().items():
        for held in several:
            who = str(night.seam.user_identities[held.user_identity_id]["full_name"]).split()[0]
            found.setdefault(names[door], {})[who] = str(held.pin)
    return found


@pytest.mark.parametrize(("steps", "slow_locks", "how"), CASES)
def test_two_guests_who_change_rooms_step_by_step_are_both_in_afterwards(
    tmp_path: Path, steps: str, slow_locks: bool, how: str
) -> None:
    night = Night(tmp_path, Policy(replace_wait=timedelta(seconds=20)))
    for place in range(3):
        night.equip(place, override=True)
    stay = {"arrival": START - timedelta(days=1), "departure": START + timedelta(days=3)}
    bookings = {who: night.book(place, night.guest(who, who), **stay) for place, who in enumerate(("Anna", "Ben"))}
    for one in bookings.values():
        night.hotel.check_in(one)
    night.do("full")
    night.clock.pass_(minutes=2)
    if how == "webhooks":
        night.listen()
    if slow_locks:
        night.seam.delete_delay = timedelta(minutes=30)
    before = at_the_doors(night)
    pins = {who: before[f"Door {place}"][who] for place, who in enumerate(("Anna", "Ben"))}
    assert before == {"Door 0": {"Anna": pins["Anna"]}, "Door 1": {"Ben": pins["Ben"]}}

    rooms: dict[str, int | None] = {"Anna": 0, "Ben": 1}
    for who, room in STEPS[steps]:
        night.clock.pass_(minutes=10)
        rooms[who] = room
        night.hotel.assign(bookings[who], None if room is None else night.rooms[room])
        look(night, how)
        for door, several in at_the_doors(night).items():
            for name, pin in several.items():
                # Until a lock lets go of it, a former PIN may open there.
                assert slow_locks or door == f"Door {rooms[name]}", f"{name} opens {door}"
                assert pin == pins[name]
        for name, other in (("Anna", "Ben"), ("Ben", "Anna")):
            if rooms[name] is not None and rooms[name] != rooms[other]:
                assert name in at_the_doors(night)[f"Door {rooms[name]}"], f"{name} stands outside"
    night.clock.pass_(minutes=35)
    look(night, how)
    assert at_the_doors(night) == {"Door 1": {"Anna": pins["Anna"]}, "Door 0": {"Ben": pins["Ben"]}}


def look(night: Night, how: str) -> None:
    """What happens within one interval."""
    night.settle()
    night.clock.pass_(minutes=1)
    night.do("full" if how == "full runs" else "incremental")
    night.settle()
    night.clock.pass_(minutes=1)
    night.settle()
