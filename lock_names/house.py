"""A house: all rooms and all doors as read, what their names have in common, and how well a door fits a room."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from lock_names import words as say
from lock_names.bedrooms import with_sizes_as_words
from lock_names.capacities import without_capacities
from lock_names.counting import with_counted
from lock_names.descriptions import without_descriptions
from lock_names.harmless import customs_of, harmless_words
from lock_names.initials import (
    with_first_letters_spelled_out,
    with_initials_spelled_out,
    without_dots_of_initials,
)
from lock_names.mistyping import corrected
from lock_names.models import without_codes_of_all, without_models, without_models_behind
from lock_names.notes import without_notes, without_sizes
from lock_names.numberings import with_one_numbering
from lock_names.numerals import with_plain_numerals
from lock_names.one_to_one import with_rooms_one_to_one
from lock_names.own_names import without_what_names_explain
from lock_names.parts import (
    with_parts_for_letters,
    with_words_of_rooms,
    without_first_words,
    without_house_numbers,
    without_labels,
)
from lock_names.places import without_places_behind
from lock_names.read import (
    FLOOR,
    Name,
    NamedDoor,
    NamedRoom,
    Reading,
    is_floor,
    letter_first,
    marks_of,
    read,
    readings_of,
)
from lock_names.shares import FEW, MOST, OFTEN
from lock_names.shortened import with_words_before_names
from lock_names.sides import with_letters_of_sides
from lock_names.storeys import (
    with_attics_numbered,
    without_codes_of_storeys,
    without_names_of_buildings,
    without_repeated_storeys,
    without_storeys,
)
from lock_names.tokens import (
    clean_name,
    is_letter,
    natural_order,
    plain_name,
    tokens_of,
    without_labelled_serials,
    without_marked_serials,
)
from lock_names.translations import with_rooms_language
from lock_names.typecodes import without_type_codes, without_typologies
from lock_names.words import folded
from lock_names.writing import (
    with_codes_apart,
    with_kinds_apart,
    with_noughts,
    with_plain_romans,
    with_plain_storeys,
    without_date,
    without_former_number,
    without_other_numbers,
    without_serials,
)


class House:
    """The rooms as read, and what its doors have in common."""

    def __init__(self, rooms: Sequence[NamedRoom], doors: Sequence[NamedDoor], decided: Mapping[str, str], house: str):
        self.rooms = sorted(rooms, key=lambda room: natural_order(room.name, room.key))
        self.place = {room.key: at for at, room in enumerate(self.rooms)}
        self.doors = sorted(doors, key=lambda door: natural_order(door.name, door.id))
        self.room_names = [
            clean_name(name)
            for name in without_sizes([room.name for room in self.rooms], [door.name for door in self.doors])
        ]
        """The rooms' names without what tells none apart, by place."""
        let_at = [at for at, room in enumerate(self.rooms) if not room.is_common]
        locks = [door.name for door in self.doors]
        typed = without_typologies([self.room_names[at] for at in let_at], locks)
        told = without_descriptions(without_type_codes(typed, locks), locks)
        for at, name in zip(let_at, told, strict=True):
            self.room_names[at] = name
        for room_at, name in with_counted({f"{at}": self.room_names[at] for at in let_at}).items():
            self.room_names[int(room_at)] = name
        plain = {door.id: without_labelled_serials(plain_name(door.name)) for door in self.doors}
        self.systems: dict[str, list[NamedDoor]] = defaultdict(list)
        for door in self.doors:
            self.systems[door.system].append(door)
        let_rooms = [self.rooms[at].name for at in let_at]
        for read_sizes in (without_capacities, with_sizes_as_words):
            sized, plain = read_sizes({f"{at}": self.room_names[at] for at in let_at}, plain)
            for room_at, name in sized.items():
                self.room_names[int(room_at)] = name
        plain = with_words_before_names(without_dots_of_initials(plain, let_rooms), let_rooms)
        for members in self.systems.values():
            spelled = with_initials_spelled_out({door.id: plain[door.id] for door in members}, let_rooms)
            spelled = with_first_letters_spelled_out(spelled, let_rooms)
            plain |= with_counted(spelled)
        numbered = with_one_numbering(
            self.room_names, let_at, {door.id: (door.system, plain[door.id]) for door in self.doors}
        )
        self.room_names, self.of_unclear_numbering = numbered.rooms, numbered.unclear
        cleaned, room_names = with_plain_romans(numbered.doors, self.room_names)
        self.said_rooms = [read(with_kinds_apart(with_plain_numerals(name))) for name in room_names]
        self.named_doors = {door.id: door for door in self.doors}
        room_numbers = {part for said in self.said_rooms for part in said.core if part.isdecimal()}
        room_words = {word for said in self.said_rooms for word in said.said}
        cleaned = {door_id: without_date(name, room_numbers) for door_id, name in cleaned.items()}
        cleaned = {door_id: without_notes(name, room_words) for door_id, name in cleaned.items()}
        for members in self.systems.values():
            cleaned.update(
                with_codes_apart(without_serials({door.id: cleaned[door.id] for door in members}, room_numbers))
            )
        cleaned = {door_id: without_former_number(without_marked_serials(name)) for door_id, name in cleaned.items()}
        cleaned = with_noughts(cleaned, [room.name for room in self.rooms])
        cleaned = {door_id: with_kinds_apart(with_plain_numerals(name)) for door_id, name in cleaned.items()}
        right = corrected(cleaned, room_words)
        self.mistyped = right.keys()
        cleaned |= right
        cleaned = with_plain_storeys(cleaned, room_words)
        let = [name for room, name in zip(self.rooms, room_names, strict=True) if not room.is_common]
        for members in self.systems.values():
            mine = {door.id: cleaned[door.id] for door in members}
            plainer = without_models_behind(without_models(without_what_names_explain(mine, let), room_words), let)
            cleaned.update(without_places_behind(without_codes_of_all(plainer, let), let))
        for members in self.systems.values():
            for read_as in (
                without_first_words,
                without_house_numbers,
                without_repeated_storeys,
                without_codes_of_storeys,
                without_storeys,
                without_names_of_buildings,
                without_labels,
                with_parts_for_letters,
                with_rooms_language,
                with_words_of_rooms,
                with_attics_numbered,
            ):
                cleaned.update(read_as({door.id: cleaned[door.id] for door in members}, let))
            cleaned.update(with_rooms_one_to_one({door.id: cleaned[door.id] for door in members}, let))
        cleaned = with_letters_of_sides(cleaned, [tuple(said.core) for said in self.said_rooms])
        self.as_written = dict(cleaned)
        """The doors' names before numbers that are no room's are taken away, by door id."""
        names_of_rooms = self._restore_names_of_rooms()
        self._tell_kinds_apart()
        self.says_storeys = self._say_storeys()
        self.letter_of_all = self._letter_of_all()
        self.numbers_repeat = self._repeat_numbers()
        types = self._set_types_aside()
        self.parts = [Counter(said.core) for said in self.said_rooms]
        self.by_core: dict[tuple[str, ...], list[tuple[int, Reading]]] = defaultdict(list)
        self.by_name: dict[str, list[tuple[int, Reading]]] | None = None
        self.by_number: dict[str, set[int]] = defaultdict(set)
        for at, (room, said) in enumerate(zip(self.rooms, self.said_rooms, strict=True)):
            self._take_room(at, room, said)
        for at, whole in types.items():
            self.by_core[whole].append((at, Reading(whole)))
        room_cores = {
            tuple(part.removeprefix(FLOOR) for part in said.core)
            for room, said in zip(self.rooms, self.said_rooms, strict=True)
            if not room.is_common and said.has_number
        }
        self._take_initials()
        for members in self.systems.values():
            cleaned.update(
                without_other_numbers({door.id: cleaned[door.id] for door in members}, room_cores, self._is_read)
            )
        self.said_doors = {door_id: read(clean) for door_id, clean in cleaned.items()}
        letters = {part for said in self.said_rooms if not said.has_number for part in said.core}
        for said in self.said_doors.values():
            said.words |= names_of_rooms.intersection(said.said)
            _name_kinds(said, self.kinds_apart)
            if not said.has_number and not said.apart and letters.isdisjoint(said.core):
                # "Wren Hollow c/o Smith"
                said.words.update(said.core)
                said.core, said.raw, said.cut = [], [], 0
        self.vocabulary = {word for said in self.said_rooms for word in said.words}
        for said in self.said_doors.values():
            # "Vista Praia Torre Mar" is the tower Mar, where the rooms have one.
            said.of_building = said.of_building & self.vocabulary or said.of_building
        named = [frozenset(said.words) for said in self.said_rooms if said.words and said.has_number]
        self.have_names = len(named) >= FEW and len(set(named)) >= MOST * len(named)
        self.door_readings = {
            door_id: [*readings_of(said), *letter_first(said)] for door_id, said in self.said_doors.items()
        }
        self._read_bedrooms()
        self.said_kinds = {word for said in self.said_rooms for word in said.said if word in say.KINDS}
        self.shared_kinds = {kind for said in self.said_rooms for kind in said.kinds} & {
            kind for said in self.said_doors.values() for kind in said.kinds
        }
        own = {token.text for token in tokens_of(clean_name(house))} - say.NAMES_A_BUILDING
        self.own_words = own | say.BRANDS
        of_rooms = {
            word
            for room, said in zip(self.rooms, self.said_rooms, strict=True)
            if not room.is_common
            for word in said.words
        }
        places = say.PLACES - {kind for said in self.said_rooms for kind in said.kinds}
        for said in self.said_doors.values():
            said.words |= said.kinds & places
            said.codes |= said.kinds & places
            said.words |= (said.apart | said.inside) & of_rooms
            said.apart -= own | of_rooms
            said.inside -= own | of_rooms
        self._complete_words()
        for members in self.systems.values():
            self._forget_house_names([self.said_doors[door.id] for door in members])
        self.borne = Counter((door.system, word) for door in self.doors for word in self.said_doors[door.id].words)
        self.telling = self._telling_words()
        self.telling_systems = {
            system: {token.text for token in tokens_of(clean_name(system))} & _TELLING_SYSTEMS
            for system in self.systems
        }
        self.harmless = harmless_words(self, decided)
        self.customs = {system: customs_of(self, members) for system, members in self.systems.items()}

    def noise(self, system: str) -> set[str]:
        """Words that say nothing in a system's names: the house's own, the makers', the system's."""
        own = {token.text for token in tokens_of(clean_name(system))} - say.BUILDING - say.NOT_A_ROOM - say.INSIDE
        return own | self.own_words

    def _restore_names_of_rooms(self) -> set[str]:
        """Words that say nothing elsewhere, and by which rooms without a number are told apart here: the "New" of
        "New Mill" beside "Old Mill"."""
        alike: dict[object, list[Name]] = defaultdict(list)
        for room, said in zip(self.rooms, self.said_rooms, strict=True):
            if not room.is_common and not said.has_number and said.words:
                alike[frozenset(said.words), tuple(said.core), frozenset(said.kinds)].append(said)
        restored = {
            word
            for rooms in alike.values()
            if len({said.said for said in rooms}) > 1
            for said in rooms
            for word in said.said
            if word in say.NEW or word in say.ENTRY
        }
        if restored:
            for said in self.said_rooms:
                said.words |= restored.intersection(said.said)
        return restored

    def _said_of_let(self) -> list[Name]:
        """The rooms that are let, as read."""
        return [said for room, said in zip(self.rooms, self.said_rooms, strict=True) if not room.is_common]

    def _read_bedrooms(self) -> None:
        """Takes "Bedroom 3" for room 3 where a house lets rooms, and nearly all locks with a number are called so."""
        let = self._said_of_let()
        numbered = [
            said
            for said in self.said_doors.values()
            if said.has_number and not said.apart and said.inside <= say.BEDROOMS
        ]
        bedrooms = [said for said in numbered if said.inside and not said.kinds]
        if len(bedrooms) >= max(FEW, MOST * len(numbered)) and sum(
            said.kinds == {"room"} for said in let
        ) >= MOST * len(let):
            for said in bedrooms:
                said.inside.clear()
                said.kinds.add("room")

    def _tell_kinds_apart(self) -> None:
        """Takes "Lodge 7" and "Cabin 7" for two kinds where both are there, though each is a word for a cabin."""
        alike: dict[object, set[str]] = defaultdict(set)
        for room, said in zip(self.rooms, self.said_rooms, strict=True):
            kinds = [word for word in said.said if word in say.KINDS]
            if not room.is_common and len(kinds) == 1:
                alike[tuple(said.core), frozenset(said.words), say.KINDS[kinds[0]]].add(kinds[0])
        apart = Counter(word for words in alike.values() if len(words) > 1 for word in words)
        words = {word for word, count in apart.items() if count >= FEW}
        self.kinds_apart = words
        for said in self.said_rooms:
            _name_kinds(said, words)

    def _say_storeys(self) -> bool:
        """Whether a number before the rooms' own is the storey that they begin with: "2-203", and not "1-203" too."""
        could = does = 0
        for room, said in zip(self.rooms, self.said_rooms, strict=True):
            numbers = [part for part in said.core if part.isdecimal()]
            if not room.is_common and len(numbers) > 1 and len(numbers[-2]) < 3 <= len(numbers[-1]):
                could += 1
                does += numbers[-1].startswith(numbers[-2])
        return does >= MOST * could

    def _set_types_aside(self) -> dict[int, tuple[str, ...]]:
        """Takes from rooms' numbers what stands behind and is a type of few sorts: the "(B4)" of "Bungalow 045 (B4)",
        where no two rooms have the same number. Returns the whole of them, by the room's place."""
        let = {
            at: said
            for at, (room, said) in enumerate(zip(self.rooms, self.said_rooms, strict=True))
            if not room.is_common
        }
        ends: dict[int, int] = {}
        for at, said in let.items():
            numbers = [at for at, part in enumerate(said.core) if part.isdecimal() and at >= said.cut]
            if not numbers or any(is_floor(part) for part in said.core):
                return {}
            ends[at] = numbers[0] + 1
        own = {tuple(said.core[: ends[at]]) for at, said in let.items()}
        behind = Counter(tuple(said.core[ends[at] :]) for at, said in let.items())
        is_typed = len(let) - behind[()] >= OFTEN * len(let) and len(behind) <= len(let) / _ROOMS_OF_A_TYPE
        if len(own) < len(let) or not is_typed:
            return {}
        found: dict[int, tuple[str, ...]] = {}
        for at, said in let.items():
            if len(said.core) > ends[at]:
                found[at] = tuple(said.core)
                said.core, said.raw, said.turned = said.core[: ends[at]], said.raw[: ends[at]], []
                said.lettered = tuple(said.core)
        return found

    def _repeat_numbers(self) -> bool:
        """Whether more than a tenth of the let rooms have the number of another: then what else they say tells."""
        let = self._said_of_let()
        cores = {tuple(said.core) for said in let if said.core}
        return sum(bool(said.core) for said in let) - len(cores) > (1 - MOST) * len(let)

    def _letter_of_all(self) -> str:
        """The letter that stands before the number of nearly every room, and so tells nothing: the "P" of "P5 9C"."""
        let = self._said_of_let()
        firsts = Counter(said.core[0] for said in let if said.cut and said.has_number)
        letter, count = firsts.most_common(1)[0] if firsts else ("", 0)
        return letter if count >= max(FEW, MOST * len(let)) and not letter.isdecimal() else ""

    def _take_room(self, at: int, room: NamedRoom, said: Name) -> None:
        said.words |= said.apart | said.inside
        if not said.core and not said.words:
            said.words = set(said.said)
        if room.is_common:
            words = {word for word in said.said if not word.isdecimal() and word not in say.DOOR}
            said.words = {word for word in words if say.KINDS.get(word) != "room"} or words
            return
        if not said.core and not said.words:
            return
        for reading in readings_of(said):
            if reading.how == "within" and not self.says_storeys:
                continue
            self.by_core[reading.core].append((at, reading))
            for part in reading.core:
                if part.isdecimal():
                    self.by_number[part].add(at)
        if self.letter_of_all and said.cut > 1 and said.core[0] == self.letter_of_all:
            self.by_core[tuple(said.core[1:])].append((at, Reading(tuple(said.core[1:]))))
        if said.has_number and said.words:
            self.by_core[()].append((at, Reading((), "name", frozenset(said.core))))
        if not said.cut and said.lettered != tuple(said.core):
            self.by_core[said.lettered].append((at, Reading(said.lettered, "initial")))

    def _take_initials(self) -> None:
        """Lets "A222" be "Azur 222", where the rooms have a name before the number and no two names begin alike."""
        let = [
            (at, said)
            for at, (room, said) in enumerate(zip(self.rooms, self.said_rooms, strict=True))
            if not room.is_common and said.has_number and said.words
        ]
        borne = Counter(word for _, said in let for word in said.words)
        names = {word for word, count in borne.items() if FEW <= count < MOST * len(let)}
        letters = {part for said in self.said_rooms for part in said.core if is_letter(part)}
        if len(names) < 2 or len({word[0] for word in names} - letters) < len(names):
            return
        for at, said in let:
            mine = said.words & names
            if len(mine) == 1:
                core = (next(iter(mine))[0], *said.core)
                self.by_core[core].append((at, Reading(core, "initial", frozenset(mine))))

    @property
    def room_cores(self) -> dict[int, set[tuple[str, ...]]]:
        """All numbers and letters by which a room may be called, by its place among the rooms."""
        found: dict[int, set[tuple[str, ...]]] = defaultdict(set)
        for core, entries in self.by_core.items():
            for at, _ in entries:
                if core:
                    found[at].add(core)
        return found

    def forms(self, door: NamedDoor) -> tuple[object, ...]:
        """How a door's name is written, narrowest first: with its words, and by its numbers and letters alone. Empty
        for a door that is no room's by its words."""
        said = self.said_doors[door.id]
        strange = said.words - self.vocabulary - self.harmless[door.system]
        if (said.apart | said.inside) - self.harmless[door.system]:
            return ()
        words = tuple(
            "#" if word.isdecimal() else "@" if len(word) == 1 else "name" if word in self.vocabulary else word
            for word in said.said
        )
        plain = tuple("#" if part.removeprefix(FLOOR).isdecimal() else "@" for part in said.core)
        return (words, (None, *plain)) if said.has_number and not strange else (words,)

    def _is_read(self, clean: str) -> bool:
        """Whether a name has a room's numbers as it stands: two that leave different buildings out are not the same."""
        return any(
            not reading.dropped or not other.dropped or reading.dropped == other.dropped
            for reading in readings_of(read(clean))
            for _, other in self.by_core.get(reading.core, ())
        )

    def _complete_words(self) -> None:
        """ "badg" of several locks is "badger", where the rooms have that word and no other that begins so."""
        strange = Counter(word for said in self.said_doors.values() for word in said.words - self.vocabulary)
        let = self._said_of_let()
        borne = Counter(word for said in let for word in said.words)
        self.of_all = of_all = {word for word, count in borne.items() if count >= MOST * len(let)}
        whole: dict[str, str] = {}
        for word, count in strange.items():
            meant = [
                known
                for known in self.vocabulary
                if (known.startswith(word) and (len(word) >= _SHORTEST or known in of_all))
                or (word.startswith(known) and len(known) >= _SHORTEST and known in of_all)
            ]
            if count >= FEW and len(meant) == 1:
                whole[word] = meant[0]
        for said in self.said_doors.values():
            for word in said.words & whole.keys():
                said.words.remove(word)
                said.words.add(whole[word])
                said.written[whole[word]] = said.written.get(word, word)
        sets: dict[str, list[set[str]]] = defaultdict(list)
        for said in self.said_rooms:
            named = said.words | {word for word in said.said if word in say.KINDS}
            for word in named:
                sets[word].append(named)
        self.implied = {word: set.intersection(*found) - {word} for word, found in sets.items() if len(found) >= FEW}

    def _forget_house_names(self, members: Sequence[Name]) -> None:
        """Takes away what most names of a system share and what may be a house's name: the "Hall" of "West Hall 7"."""
        numbered = [said for said in members if said.has_number]
        borne = Counter(word for said in numbered for word in said.apart & say.MAY_BE_A_NAME)
        for word, count in borne.items():
            if count >= max(FEW, OFTEN * len(numbered)):
                bearers = [said for said in numbered if word in said.apart]
                # "West Hall" is one name; "East Hall 7" beside "West Hall 7" would be two.
                sides = set.intersection(*(said.words for said in bearers)) & set(say.DIRECTIONS.values())
                if any(sides & said.words for said in numbered if word not in said.apart):
                    sides = set()
                for said in members:
                    said.apart.discard(word)
                    said.words -= sides - self.vocabulary

    def _telling_words(self) -> set[str]:
        """Buildings, floors and words of rooms without which their numbers repeat."""
        bare: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for core, entries in self.by_core.items():
            for at, reading in entries:
                said = self.said_rooms[at]
                if not reading.how and len(reading.dropped) == len(marks_of(said)):
                    bare[core].add(at)
        telling = {
            word
            for rooms in bare.values()
            if len(rooms) > 1
            for at in rooms
            for word in (*marks_of(self.said_rooms[at]), *self.said_rooms[at].words)
        }
        # What is in every room's name tells none apart.
        all_say: list[set[object]] = [
            {*marks_of(said), *said.words}
            for room, said in zip(self.rooms, self.said_rooms, strict=True)
            if not room.is_common
        ]
        return telling - set.intersection(*all_say) if all_say else telling


_ROOMS_OF_A_TYPE = 4
"""At the least, on average."""
_SHORTEST = 3
"""Letters of a word that is cut short."""
_TELLING_SYSTEMS = say.NAMES_A_BUILDING | {
    folded(word)
    for word in ("locker", "lockers", "parking", "safe", "safes", "minibar", "mailbox", "parcel", "spind", "storage")
}


def _name_kinds(said: Name, words: Collection[str]) -> None:
    """Names a kind by its word where that is one of `words`."""
    for word in said.said:
        if word in words:
            said.kinds.discard(say.KINDS[word])
            said.kinds.add(word)
