"""Houses of 25 rooms by people who have never seen the matcher: rooms and locks as they name them.

Read from `houses_of_outsiders.json`: of each house what its locks say, the truth, and which locks the matcher leaves as
questions.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lock_names.naming_styles import SALTO, House


@dataclass(frozen=True, slots=True)
class OutsidersHouse:
    """What the locks of a house say, and which rooms are meant."""

    says: str
    locks: Mapping[str, str]
    """Locks to rooms or areas."""
    strays: Sequence[str]
    """Locks of places that the house does not list."""
    areas: Sequence[str]
    """Those of the rooms that are common areas."""
    without_lock: Sequence[str]
    untold: Sequence[str]
    """Locks of which nobody could know the room by their names."""
    questions: Sequence[str]
    """Locks that wait for a person though somebody could know the room."""

    def __call__(self, house: House) -> None:
        """Fills a house."""
        for area in self.areas:
            house.area(area, *(lock for lock, room in self.locks.items() if room == area))
        for room in self.without_lock:
            house.room(room)
        for lock, room in self.locks.items():
            if room not in self.areas:
                key = house.room(room)
                house.door(lock, SALTO, key)
                if lock in self.untold:
                    house.untold.add(key)
        for lock in self.strays:
            house.door(lock, SALTO)
        house.chance.shuffle(house.doors)
        house.chance.shuffle(house.rooms)

    @property
    def __name__(self) -> str:
        return self.says


def houses_in(name: str) -> list[OutsidersHouse]:
    """Those of a file beside this one."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [OutsidersHouse(**house) for house in json.loads(text)]


OF_OUTSIDERS = houses_in("houses_of_outsiders.json")
