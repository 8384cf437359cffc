"""Whether the names of one form, taken together, fit the house at all.

"Lock 101" is room 101's if the locks are called by their rooms. If the locks are numbered from 1 to 300 as they were
put in, some of those numbers are rooms' as well, and every one of them is wrong. One name does not tell which it is;
all names of that form together do.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lock_names import words as say
from lock_names.reasons import because
from lock_names.shares import FEW, MOST, OFTEN, RATHER, SELDOM
from lock_names.sharing import listed_again

Core = tuple[str, ...]
"""Numbers and letters of a name, in order."""

_STRANGERS = 1 - MOST
"""Up to this share of a form's names may belong to no room: a staff room here, a room that is not let there."""


_ENOUGH = 10
"""From how many doors on a form says how the other forms of an account are counted."""


@dataclass(frozen=True, slots=True)
class Written:
    """A door's name, for the comparison with others of its form."""

    system: str
    forms: tuple[object, ...]
    """The forms that it has, narrowest first: doors whose forms are equal are written alike. Empty: no room's door."""
    cores: Collection[Core]
    """The ways in which its numbers and letters may be read."""
    whole: Core
    """All of them as they stand."""
    rooms: frozenset[int]
    """Rooms that its name fits."""
    numbers: tuple[str, ...]
    """All numbers of the name, in order, those too of which nobody knows what they are."""
    claims: int | None
    """The one room that the name fits without a doubt."""


def doubts_by_form(doors: Mapping[str, Written], room_cores: Mapping[int, Collection[Core]]) -> dict[str, str]:
    """Why a door's name cannot be trusted, by door id, for those whose form as a whole does not fit the house.

    `doors` are all doors that may be rooms' by door id; `room_cores` the numbers and letters of each room's name.
    """
    by_form: dict[object, list[str]] = defaultdict(list)
    forms = _forms(doors)
    for door_id, form in forms.items():
        by_form[form].append(door_id)
    places = _places(room_cores)
    reached = {at for door in doors.values() for at in door.rooms}
    unreached = len(room_cores) - len(reached)
    everywhere = _of_all_forms(doors, places)
    shifts = {
        form: _better_shifts([doors[one] for one in members], places, everywhere) for form, members in by_form.items()
    }
    enough = {form: members for form, members in by_form.items() if len(members) >= _ENOUGH}
    usual = {shift for form in enough for shift in shifts[form]} | everywhere
    plain = places.get((1, 0, ()), frozenset())
    usual.update(
        shift for members in enough.values() for shift in _plain_shifts([doors[one] for one in members], plain)
    )
    of_form: dict[object, str] = {}
    for form, members in by_form.items():
        written = [doors[one] for one in members]
        found = shifts[form]
        if not found and usual:
            # What is so in one form, and may be so in this one, is so in this one.
            found = _also_shifted(written, places, usual)
        if found:
            shift = min(found, key=lambda one: (-found[one], abs(one), one))
            if shift > 0:
                of_form[form] = because(
                    "with {number} more in each number, the locks that are named in this way would fit the rooms as "
                    "well or better, so they may be counted otherwise",
                    number=shift,
                )
            else:
                of_form[form] = because(
                    "with {number} less in each number, the locks that are named in this way would fit the rooms as "
                    "well or better, so they may be counted otherwise",
                    number=-shift,
                )
        else:
            of_form[form] = _doubt(written, unreached)
    result = _makers_defaults(doors)
    for door_id in doors:
        if doubt := of_form.get(forms.get(door_id), ""):
            result[door_id] = doubt
    return result


def doubts_by_system(doors: Iterable[Written], rooms: int) -> dict[str, str]:
    """Why the names of a lock system cannot be trusted, by system, for those that may have two houses' locks. `rooms`:
    how many there are."""
    doors = list(doors)
    return _named_twice(doors) | _shared_by_systems(doors, rooms)


def _forms(doors: Mapping[str, Written]) -> dict[str, object]:
    """Each door's form: the narrow one if others have it too, else the wide one."""
    narrow = Counter((door.system, door.forms[0]) for door in doors.values() if door.forms)
    return {
        door_id: (door.system, door.forms[0 if narrow[door.system, door.forms[0]] >= FEW else -1])
        for door_id, door in doors.items()
        if door.forms
    }


def _makers_defaults(doors: Mapping[str, Written]) -> dict[str, str]:
    """The doors that are named as hardly another one of their account: by a word for a door and one digit."""
    alike = Counter((door.system, door.forms[0]) for door in doors.values() if door.forms)
    of_system = Counter(door.system for door in doors.values() if door.forms)
    return {
        door_id: because("a lock may be named like this before anybody names it, and no other of its account is")
        for door_id, door in doors.items()
        if door.forms
        and isinstance(form := door.forms[0], tuple)
        and alike[door.system, form] < FEW < of_system[door.system]
        and form.count("#") == 1
        and len(form) > 1
        and len(door.numbers[0]) == 1
        and all(word == "#" or word in say.DOOR or word in say.BRANDS for word in form)
    }


def _doubt(doors: Sequence[Written], unreached: int) -> str:
    """What speaks against a form; empty if nothing does."""
    fitting = sum(bool(door.rooms) for door in doors)
    strangers = len(doors) - fitting
    if len(doors) < FEW or not fitting:
        return ""
    if strangers > max(1, _STRANGERS * len(doors)):
        return because(
            "only {fitting} of {number} locks that are named in this way have a room's number, so it may be a running "
            "number or another house's",
            fitting=fitting,
            number=len(doors),
        )
    if strangers and unreached >= FEW and _is_running(doors):
        return because(
            "the locks that are named in this way are numbered without a gap, past the rooms, and rooms are left"
        )
    return ""


def _of_all_forms(doors: Mapping[str, Written], places: "_Places") -> set[int]:
    """Shifts with which the locks of a system fit better, however their words: forms of few doors say it together."""
    alike: dict[object, list[Written]] = defaultdict(list)
    for door in doors.values():
        if door.forms:
            alike[door.system, door.forms[-1]].append(door)
    return {
        shift
        for members in alike.values()
        if len(members) >= _ENOUGH
        for shift, count in _better_shifts(members, places).items()
        if count > sum(_is_near(door, places) for door in members)
    }


_Places = Mapping[tuple[int, int, Core], frozenset[int]]
"""By length of the core, place in it and all other parts: the numbers that rooms have in that place."""


def _places(room_cores: Mapping[int, Collection[Core]]) -> _Places:
    found: dict[tuple[int, int, Core], set[int]] = defaultdict(set)
    for cores in room_cores.values():
        for core in cores:
            for at, rest, number in _numbers(core):
                found[len(core), at, rest].add(number)
    return {place: frozenset(numbers) for place, numbers in found.items()}


def _numbers(core: Core) -> Iterable[tuple[int, Core, int]]:
    """Each number of a core, with its place and what else there is."""
    for at, part in enumerate(core):
        digits = part.removeprefix("~")
        if digits.isdecimal() and len(digits) < _LONGEST:
            yield at, core[:at] + core[at + 1 :], int(digits)


_LONGEST = 10
_A_STOREY = 100
"""From which number on a shift is another storey or building: then it shows at more than one lock."""


def _shifted(doors: Sequence[Written], places: _Places) -> Counter[tuple[int, int, int]]:
    """By length of the core, place in it and number to be added there: how many doors would be rooms' then."""
    shifts = Counter[tuple[int, int, int]]()
    for door in doors:
        shifts.update(
            {
                (len(core), at, theirs - number)
                for core in door.cores
                for at, rest, number in _numbers(core)
                for theirs in places.get((len(core), at, rest), ())
                if theirs != number
            }
        )
    return shifts


def _is_near(door: Written, places: _Places) -> bool:
    """Whether a room has the numbers and letters of a door's name, whatever its words."""
    return bool(door.rooms) or _has(places, door.whole)


def _has(places: _Places, core: Core) -> bool:
    return any(number in places.get((len(core), at, rest), ()) for at, rest, number in _numbers(core))


def _better_shifts(
    doors: Sequence[Written], places: _Places, everywhere: Collection[int] | None = None
) -> dict[int, int]:
    """Numbers to be added to one part of each name so that more of them, or as many and several are strangers now, are
    rooms'; and how many are. One stranger alone is a mistyped number, but for shifts that the system has `everywhere`
    (None: nobody knows)."""
    near = [_is_near(door, places) for door in doors]
    strangers = [door for door, is_near in zip(doors, near, strict=True) if not is_near]
    fitting = len(doors) - len(strangers)
    if len(doors) < FEW or fitting < OFTEN * len(doors) or not strangers:
        return {}
    least = fitting if len(strangers) >= FEW else fitting + 1
    found = {place: count for place, count in _shifted(doors, places).items() if count >= least}
    # A letter that no other name has is mistyped, and tells nothing of numbers.
    letters = {
        part
        for door, is_near in zip(doors, near, strict=True)
        for part in door.whole
        if is_near and not part.isdecimal()
    }
    alike = [door for door in strangers if letters.issuperset(part for part in door.whole if not part.isdecimal())]
    rescued = _shifted(alike, places) if found else Counter[tuple[int, int, int]]()
    return {
        place[-1]: count
        for place, count in found.items()
        if rescued[place] >= max(RATHER * len(strangers), _past_the_rooms(place, len(doors)))
        and (rescued[place] > 1 or everywhere is None or place[-1] in everywhere)
    }


def _past_the_rooms(place: tuple[int, int, int], doors: int) -> float:
    """How many of a form's names lie past the rooms, at the least, if they are all counted otherwise by this. Fewer are
    a mistyped number or two, in a house that repeats itself."""
    size, at, shift = place
    if at == size - 1 and abs(shift) < _A_STOREY:
        return max(1, abs(shift) / _LOCKS_LISTED)
    return max(min(FEW, SELDOM * doors), doors / 100)


_LOCKS_LISTED = 4
"""Every fourth lock at least is there already."""


def _plain_shifts(doors: Sequence[Written], plain: Collection[int]) -> set[int]:
    """Numbers to be added in one place of names that cannot be read, so that nearly all have a room's number there."""
    found: set[int] = set()
    if len({len(door.numbers) for door in doors}) != 1:
        return found
    for written in zip(*(door.numbers for door in doors), strict=True):
        numbers = {int(number) for number in written if len(number) < _LONGEST}
        as_it_stands = len(numbers.intersection(plain))
        if len(numbers) < MOST * len(doors) or not RATHER * len(numbers) <= as_it_stands < len(numbers):
            continue
        shifts = Counter(theirs - number for number in numbers for theirs in plain)
        found.update(
            shift
            for shift, count in shifts.items()
            if shift and count > as_it_stands + 1 and count >= MOST * len(numbers)
        )
    return found


def _also_shifted(doors: Sequence[Written], places: _Places, usual: Collection[int]) -> dict[int, int]:
    """Those of the shifts with which these doors would fit as well, but for a mistyped number or two."""
    fitting = sum(bool(door.rooms) for door in doors)
    least = max(1, fitting - max(fitting >= _ENOUGH, fitting // 50))
    return {
        shift: count
        for (_, _, shift), count in _shifted(doors, places).items()
        if shift in usual and count >= least and fitting
    }


def _is_running(doors: Sequence[Written]) -> bool:
    """Whether all names have one number each, those numbers have no gap, and the last of them are no room's."""
    numbers = {}
    for door in doors:
        plain = [core[0] for core in door.cores if len(core) == 1 and core[0].isdecimal()]
        if len(plain) != 1 or len(plain[0]) >= _LONGEST:
            return False
        numbers[int(plain[0])] = bool(door.rooms)
    return (
        len(numbers) == len(doors) == max(numbers) - min(numbers) + 1
        and len(numbers) > FEW
        and not numbers[max(numbers)]
    )


def _named_twice(doors: Iterable[Written]) -> dict[str, str]:
    """By lock system: that a large part of its rooms is named by several of its locks."""
    claimed: dict[str, Counter[int]] = defaultdict(Counter)
    for door in doors:
        if door.claims is not None:
            claimed[door.system][door.claims] += 1
    found: dict[str, str] = {}
    for system, rooms in claimed.items():
        twice = sum(count > 1 for count in rooms.values())
        if twice >= FEW and twice > SELDOM * len(rooms):
            found[system] = because(
                "{number} rooms are named by several locks of this lock system, so it may have two houses' locks",
                number=twice,
            )
    return found


def _shared_by_systems(doors: Iterable[Written], all_rooms: int) -> dict[str, str]:
    """By lock system: that a large part of its rooms has locks of another system as well."""
    claimed: dict[str, set[int]] = defaultdict(set)
    for door in doors:
        if door.claims is not None:
            claimed[door.system].add(door.claims)
    again = listed_again(claimed, all_rooms)
    found: dict[str, str] = {}
    for system, rooms in claimed.items():
        for other, theirs in claimed.items():
            both = len(rooms & theirs)
            if other in again and system not in again:
                continue
            if other != system and both >= FEW and both > RATHER * min(len(rooms), len(theirs)):
                of = other or because("another lock system")
                found[system] = because("{number} rooms are named by locks of {system} as well", number=both, system=of)
    return found
