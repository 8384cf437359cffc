"""How well a door fits a room, and why a person must look: one door of a house against its rooms."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lock_names import words as say
from lock_names.read import FLOOR, GROUND, Name, NamedDoor, Reading, is_floor, marks_of
from lock_names.reasons import because, listed
from lock_names.shares import FEW

if TYPE_CHECKING:
    from lock_names.house import House

FULL, READ, PART, LOOSE, FAR = range(5)
"""How well a door fits a room, best first."""


@dataclass(frozen=True, slots=True)
class Fit:
    room: int
    level: int
    doubts: tuple[str, ...]
    """Why a person must look, strongest first."""
    is_elsewhere: bool = False
    """The door's name says a building or floor that the room's does not."""
    is_mistyped: bool = False
    """A word of the door's name was corrected: a door that is written as it should be fits better."""
    says_dwelling: bool = False
    """A name without a number says the room's word for a dwelling as well: where there is a "Garage apt", "Garage" may
    be the garage."""


def fits_of(house: "House", door: NamedDoor) -> list[Fit]:
    """The rooms that a door may belong to, best first."""
    found: dict[int, Fit] = {}
    for reading in house.door_readings[door.id]:
        for at, other in house.by_core.get(reading.core, ()) if reading.core else _of_a_name(house, door):
            fit = _fit(house, door, reading, at, other)
            if fit is not None and (at not in found or rank(fit) < rank(found[at])):
                found[at] = fit
    for at, room in enumerate(house.rooms):
        if room.is_common and (fit := _common_fit(house, door, at)) is not None:
            found[at] = fit
    said = house.said_doors[door.id]
    if not said.apart:
        numbers = {part for form in house.door_readings[door.id] for part in form.core if part.isdecimal()}
        for at in sorted({at for number in numbers for at in house.by_number.get(number, ())} - set(found)):
            core, theirs = Counter(said.core), house.parts[at]
            if core <= theirs or theirs <= core:
                level = FAR if core == theirs or _contradict(house, door, at) else LOOSE
                found[at] = Fit(at, level, (because("only a part of the name is the same"),))
    return sorted(found.values(), key=rank)


def _of_a_name(house: "House", door: NamedDoor) -> Iterable[tuple[int, Reading]]:
    """The rooms that may be called by a name alone and have a word of this door's; all of them is a lot."""
    if house.by_name is None:
        house.by_name = defaultdict(list)
        for at, reading in house.by_core.get((), ()):
            room = house.said_rooms[at]
            for word in {*room.words, *room.said, room.initials} if room.words else ("",):
                house.by_name[word].append((at, reading))
    said = house.said_doors[door.id]
    found = {at: (at, reading) for word in {"", *said.words, *said.said} for at, reading in house.by_name[word]}
    return found.values()


def _contradict(house: "House", door: NamedDoor, at: int) -> bool:
    """Whether each says something that the other does not."""
    said, room = house.said_doors[door.id], house.said_rooms[at]
    more = said.words - room.words - house.harmless[door.system] or Counter(said.core) - house.parts[at]
    return bool(more and (room.words - set(said.said) - said.words or house.parts[at] - Counter(said.core)))


def _fit(house: "House", door: NamedDoor, reading: Reading, at: int, other: Reading) -> Fit | None:
    said, room = house.said_doors[door.id], house.said_rooms[at]
    extra = set(reading.dropped | (said.words - room.words) | ((said.apart | said.inside) - room.words))
    missing = set(other.dropped | (room.words - set(said.said) - said.words))
    how = reading.how or other.how
    if any(
        one.how in ("floor", "join", "within") and any(is_floor(part) for part in another.dropped)
        for one, another in ((reading, other), (other, reading))
    ):
        return None
    if said.has_number and room.has_number:
        missing -= house.of_all
    both = said.labels.keys() & room.labels.keys()
    several_numbers = sum(part.isdecimal() for part in said.core) > 1
    if several_numbers and any(said.labels[kind] != room.labels[kind] for kind in both):
        return None
    extra |= (said.kinds & house.shared_kinds) - room.kinds - say.GENERIC_KINDS
    if other.how == "initial":
        missing -= room.words
    if how != "initial" and not _is_only(house, at, other):
        missing |= (room.kinds & house.shared_kinds) - said.kinds - say.GENERIC_KINDS
    other_type = (said.kinds - room.kinds) & _SOLD_AS
    if other_type and (room.kinds - said.kinds) & _SOLD_AS and house.numbers_repeat:
        # "SUP-1" is no "Junior Suite 1", whether or not another room says "superior".
        extra |= other_type
    if not said.has_number:
        of_room = {"room", *(room.kinds & say.GENERIC_KINDS)}
        extra |= {word for word in said.said if say.KINDS.get(word, "room") not in of_room} - set(room.said)
    generic = room.kinds & house.shared_kinds & say.GENERIC_KINDS
    if generic and said.kinds & house.shared_kinds & say.GENERIC_KINDS and not generic & said.kinds:
        missing |= generic
        extra |= said.kinds & say.GENERIC_KINDS
    if says := said.kinds & house.shared_kinds & say.GENERIC_KINDS - room.kinds:
        # "Room 2" is no "Studio 2" where there is a "Room 2 (double)" as well.
        same = (house.said_rooms[one].kinds for one, _ in house.by_core.get(other.core, ()))
        if not room.kinds.isdisjoint(say.PLACES) and any(says & kinds for kinds in same):
            extra |= says
    if (
        len(room.initials) > 1
        and room.initials in extra
        and house.borne[door.system, room.initials] >= FEW
        and missing <= room.words
    ):
        extra.remove(room.initials)
        missing, how = set(), how or "abbreviated"
    extra -= house.harmless[door.system]
    if said.has_number:
        both_say = (said.words | set(said.said)) & (room.words | set(room.said))
        missing -= {more for word in both_say for more in house.implied.get(word, ())}
    if extra & said.apart or (missing and (extra or (not said.has_number and (how != "name" or missing & room.words)))):
        return None
    doubts = []
    if extra & said.inside:
        doubts.append(because("{words} sounds like a door inside the room", words=quoted(extra & said.inside, said)))
    if extra - said.inside:
        also = quoted(extra - said.inside, said)
        doubts.append(because("the name also says {words}, which no room of that number does", words=also))
    if missing & house.telling:
        not_said = quoted(missing, room)
        doubts.append(because("the name does not say {words}, and numbers repeat in this house", words=not_said))
    if several_numbers and not both and not how and (said.turned or room.turned):
        doubts.append(because("it is not clear which number is which"))
    if how == "turned" and not both:
        doubts.append(because("it is not clear which number is which"))
    if how == "name" and not house.have_names:
        doubts.append(because("the name does not say {words}", words=quoted(other.dropped, room)))
    if said.is_unclear:
        doubts.append(because("it is not clear which number is the floor"))
    unproven = {reading.how, "initial" if other.how == "initial" else ""} & {
        "join",
        "within",
        "letter",
        "initial",
    }
    if unproven - house.customs[door.system] and reading.how != other.how:
        doubts.append(because("other doors of this lock system are not written in this way"))
    if apart := house.telling_systems[door.system] - room.words:
        doubts.append(because("the lock system is called {words}", words=quoted(apart, said)))
    is_read = (how and how not in ("initial", "turned")) or door.id in house.mistyped
    level = PART if missing else READ if is_read else FULL
    says_dwelling = not said.has_number and bool(room.kinds & said.kinds & say.GENERIC_KINDS)
    return Fit(at, level, tuple(doubts), not extra.isdisjoint(marks_of(said)), door.id in house.mistyped, says_dwelling)


def _is_only(house: "House", at: int, reading: Reading) -> bool:
    """Whether no other room has all the numbers and letters of this one: then its kind tells nothing more."""
    core = house.said_rooms[at].core
    return (
        len(core) > 1
        and not reading.dropped
        and {one for one, as_read in house.by_core[reading.core] if not as_read.dropped} == {at}
    )


_SOLD_AS = say.TYPES | {"suite"}


def _common_fit(house: "House", door: NamedDoor, at: int) -> Fit | None:
    said, room = house.said_doors[door.id], house.said_rooms[at]
    everything = set(said.said) | said.words
    if not room.words or not room.words <= everything:
        return None
    extra = {word for word in everything - room.words if not word.isdecimal() and len(word) > 1}
    extra -= say.DOOR | say.ENTRY | say.NEW | say.SIDES | say.ORDINALS | house.harmless[door.system]
    extra -= {word for word in extra if say.KINDS.get(word) == "room"}
    extra |= marks_of(said) - marks_of(room)
    doubts = []
    if extra:
        doubts.append(because("the name also says {words}", words=quoted(extra, said)))
    numbers = [part for part in said.core if part not in room.core]
    is_other = (
        len(numbers) > 1 or any(part not in "123456789" for part in numbers) or (numbers and room.words & say.COUNTED)
    )
    if set(room.core) - set(said.core) or is_other:
        doubts.append(because("the numbers are not those of the area"))
    level = FULL if not numbers and set(said.said) == set(room.said) else READ
    return Fit(at, level, tuple(doubts))


def rank(fit: Fit) -> tuple[bool, int, int, int]:
    return fit.level >= LOOSE, len(fit.doubts), fit.level, fit.room


def quoted(words: Iterable[str], said: Name) -> str:
    """Words for a person, as the name has them."""
    return listed(
        [
            because("ground floor")
            if word == GROUND
            else because("floor {number}", number=word.removeprefix(FLOOR))
            if is_floor(word)
            else f'"{said.written.get(word, word)}"'
            for word in words
        ]
    )
