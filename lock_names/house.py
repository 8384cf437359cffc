"""A house: all rooms and all doors as read, what their names have in common, and how well a door fits a room."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lock_names import words as say
from lock_names.mistyping import corrected
from lock_names.numerals import with_plain_numerals
from lock_names.read import (
    FLOOR,
    GROUND,
    Name,
    NamedDoor,
    NamedRoom,
    Reading,
    clean_name,
    is_floor,
    is_letter,
    letter_first,
    natural_order,
    plain_name,
    read,
    readings_of,
    tokens_of,
    without_marked_serials,
)
from lock_names.shares import FEW, MANY, MOST, OFTEN, RATHER, SELDOM, USUAL
from lock_names.sharing import Claim, words_that_share
from lock_names.words import folded
from lock_names.writing import (
    with_kinds_apart,
    with_letters_of_wings,
    with_noughts,
    with_plain_storeys,
    without_date,
    without_former_number,
    without_other_numbers,
    without_serials,
)

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


class House:
    """The rooms as read, and what its doors have in common."""

    def __init__(self, rooms: Sequence[NamedRoom], doors: Sequence[NamedDoor], decided: Mapping[str, str], house: str):
        self.rooms = sorted(rooms, key=lambda room: natural_order(room.name, room.key))
        self.place = {room.key: at for at, room in enumerate(self.rooms)}
        self.said_rooms = [read(with_kinds_apart(with_plain_numerals(clean_name(room.name)))) for room in self.rooms]
        self.doors = sorted(doors, key=lambda door: natural_order(door.name, door.id))
        self.named_doors = {door.id: door for door in self.doors}
        self.systems: dict[str, list[NamedDoor]] = defaultdict(list)
        for door in self.doors:
            self.systems[door.system].append(door)
        room_numbers = {part for said in self.said_rooms for part in said.core if part.isdecimal()}
        cleaned = {door.id: without_date(plain_name(door.name), room_numbers) for door in self.doors}
        for members in self.systems.values():
            cleaned.update(without_serials({door.id: cleaned[door.id] for door in members}, room_numbers))
        cleaned = {door_id: without_former_number(without_marked_serials(name)) for door_id, name in cleaned.items()}
        cleaned = with_noughts(cleaned, [room.name for room in self.rooms])
        cleaned = {door_id: with_kinds_apart(with_plain_numerals(name)) for door_id, name in cleaned.items()}
        right = corrected(cleaned, {word for said in self.said_rooms for word in said.said})
        self.mistyped = right.keys()
        cleaned |= right
        cleaned = with_plain_storeys(cleaned, {word for said in self.said_rooms for word in said.said})
        cleaned = with_letters_of_wings(cleaned, [tuple(said.core) for said in self.said_rooms])
        self.as_written = dict(cleaned)
        """The doors' names before numbers that are no room's are taken away, by door id."""
        names_of_rooms = self._restore_names_of_rooms()
        self._tell_kinds_apart()
        self.says_storeys = self._say_storeys()
        self.letter_of_all = self._letter_of_all()
        self.parts = [Counter(said.core) for said in self.said_rooms]
        self.by_core: dict[tuple[str, ...], list[tuple[int, Reading]]] = defaultdict(list)
        self.by_name: dict[str, list[tuple[int, Reading]]] | None = None
        self.by_number: dict[str, set[int]] = defaultdict(set)
        for at, (room, said) in enumerate(zip(self.rooms, self.said_rooms, strict=True)):
            self._take_room(at, room, said)
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
        self._complete_letters()
        named = [frozenset(said.words) for said in self.said_rooms if said.words and said.has_number]
        self.have_names = len(named) >= FEW and len(set(named)) >= MOST * len(named)
        self.door_readings = {
            door_id: [*readings_of(said), *letter_first(said)] for door_id, said in self.said_doors.items()
        }
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
        self.harmless = self._harmless(decided)
        self.customs = {system: self._customs(members) for system, members in self.systems.items()}

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

    def _letter_of_all(self) -> str:
        """The letter that stands before the number of nearly every room, and so tells nothing: the "P" of "P5 9C"."""
        let = [said for room, said in zip(self.rooms, self.said_rooms, strict=True) if not room.is_common]
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
        let = [said for room, said in zip(self.rooms, self.said_rooms, strict=True) if not room.is_common]
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

    def _complete_letters(self) -> None:
        """ "N. Valley 36" is of the North Valley, where the rooms have no other word with "Valley" that begins so."""
        with_word: dict[str, set[str]] = defaultdict(set)
        for said in self.said_rooms:
            for word in said.words:
                with_word[word] |= said.words - {word}
        letters = {part for said in self.said_rooms for part in said.core}
        for said in self.said_doors.values():
            if said.cut != 1 or said.core[0].isdecimal() or said.core[0] in letters:
                continue
            beside = set().union(*(with_word[word] for word in said.words & self.vocabulary))
            meant = {word for word in beside - said.words if word.startswith(said.core[0])}
            if len(meant) == 1:
                said.words |= meant
                said.core, said.raw, said.cut = said.core[1:], said.raw[1:], 0

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

    def _bare(self, door_id: str) -> tuple[tuple[str, ...], set[int]]:
        """A door's number without building and floor, and the rooms that have it."""
        marks = marks_of(self.said_doors[door_id])
        core: tuple[str, ...] = ()
        hit: set[int] = set()
        whole = tuple(self.said_doors[door_id].core)
        if marks and (hit := {at for at, reading in self.by_core.get(whole, ()) if reading == Reading(whole)}):
            return whole, hit
        for reading in self.door_readings[door_id]:
            left = marks - reading.dropped
            if any(not mark.isdecimal() for mark in left) or (left and reading.how != "join"):
                continue
            if not reading.how:
                core = reading.core
            hit |= {at for at, _ in self.by_core.get(reading.core, ())}
        if len(hit) > 1:
            # "Camden 12B": there is a 12B in each street, and this one says which.
            said = self.said_doors[door_id]
            everything = said.words | {word for word in said.said if len(word) > 1 or word in said.core} | marks
            places = {
                at: {word for word in self.said_rooms[at].said if say.KINDS.get(word) in say.PLACES} for at in hit
            }
            words = {at: self.said_rooms[at].words | marks_of(self.said_rooms[at]) | places[at] for at in hit}
            all_say = set.intersection(*words.values())
            tells = {at: said - all_say for at, said in words.items()}
            hit = {at for at, more in tells.items() if more and more <= everything} or hit
        return core, hit

    def _said_of_names(self, members: Sequence[NamedDoor], known: set[str]) -> set[str]:
        """Words that most of a system's doors have beside the name of a room that has no number: "Deadbolt" of
        "Rose Cottage Deadbolt"."""
        rooms_by_word: dict[str, set[int]] = defaultdict(set)
        for at, (room, said) in enumerate(zip(self.rooms, self.said_rooms, strict=True)):
            if not room.is_common and not said.has_number:
                for word in said.words:
                    rooms_by_word[word].add(at)
        found: dict[str, list[int]] = defaultdict(list)
        reached = 0
        for door in members:
            said = self.said_doors[door.id]
            if said.has_number or said.apart or said.inside:
                continue
            words = said.words | set(said.said)
            rooms = {at for word in words for at in rooms_by_word.get(word, ()) if self.said_rooms[at].words <= words}
            if len(rooms) == 1:
                reached += 1
                kinds = {word for word in said.said if say.KINDS.get(word, "room") != "room"}
                for word in (said.words | kinds - self.said_kinds) - self.vocabulary - known - say.FORMER:
                    found[word].extend(rooms)
        return {
            word
            for word, rooms_of in found.items()
            if len(rooms_of) >= max(FEW, USUAL * reached) and len(set(rooms_of)) >= MOST * len(rooms_of)
        }

    def _harmless(self, decided: Mapping[str, str]) -> dict[str, set[str]]:
        """By lock system: words, buildings and floors of its doors that tell no rooms of this house apart."""
        harmless = {}
        for system in self.systems:
            own = {token.text for token in tokens_of(clean_name(system))} - say.BUILDING - say.NOT_A_ROOM - say.INSIDE
            harmless[system] = (own | self.own_words) - self.vocabulary
        may_share = {
            door.id: door
            for door in self.doors
            if self.said_doors[door.id].has_number and self.said_doors[door.id].apart <= say.INSTALLATION
        }
        bare = {door_id: self._bare(door_id) for door_id in may_share}
        foreign = {
            door_id: frozenset(
                word
                for word in _all_words(self.said_doors[door_id]) | marks_of(self.said_doors[door_id])
                if word not in harmless[door.system] and not (word.isdecimal() and len(bare[door_id][1]) == 1)
            )
            for door_id, door in may_share.items()
        }
        numbered = {
            door_id: door
            for door_id, door in may_share.items()
            if not self.said_doors[door_id].apart and not self.said_doors[door_id].inside
        }
        borne = Counter((door.system, word) for door_id, door in numbered.items() for word in foreign[door_id])
        of_system = Counter(door.system for door in numbered.values())
        usual = [
            door_id
            for door_id, door in numbered.items()
            if self.said_doors[door_id].names_building
            or all(
                borne[door.system, word] >= SELDOM * of_system[door.system]
                for word in foreign[door_id] & self.said_doors[door_id].words
            )
        ]
        anywhere = _spread(usual, bare, foreign)
        for system, members in self.systems.items():
            here = [door.id for door in members if door.id in numbered]
            harmless[system] |= self._said_of_names(members, harmless[system])
            harmless[system] |= self._customary(
                here,
                [door_id for door_id in usual if numbered[door_id].system == system],
                bare,
                foreign,
                anywhere,
                decided,
            )
        for system, words in self._sharing(bare, foreign, harmless).items():
            harmless[system] |= words
        return harmless

    def _sharing(
        self,
        bare: Mapping[str, tuple[tuple[str, ...], set[int]]],
        foreign: Mapping[str, frozenset[str]],
        harmless: Mapping[str, set[str]],
    ) -> dict[str, set[str]]:
        """By lock system, the unknown words of some of its doors that tell no rooms apart."""
        claims: list[Claim] = []
        unclaimed = Counter[tuple[str, frozenset[str]]]()
        known = {mark for said in self.said_rooms for mark in marks_of(said)} | self.vocabulary
        for door_id, (_, hit) in bare.items():
            system = self.named_doors[door_id].system
            mine = set[str]()
            if len(hit) == 1:
                room = self.said_rooms[next(iter(hit))]
                mine = room.words | marks_of(room)
            unknown = frozenset(
                word for word in foreign[door_id] - harmless[system] - mine if not is_floor(word) and word != "no"
            )
            if unknown & (known | set(say.DIRECTIONS.values()) | say.FORMER | say.NAMES_A_BUILDING):
                continue
            if len(hit) == 1:
                claims.append(Claim(system, unknown, next(iter(hit))))
            else:
                unclaimed[system, unknown] += 1
        claims.extend(self._claims_by_name(harmless))
        rooms = [
            at
            for at, (room, said) in enumerate(zip(self.rooms, self.said_rooms, strict=True))
            if not room.is_common and (said.has_number or said.words)
        ]
        return words_that_share(claims, unclaimed, rooms)

    def _claims_by_name(self, harmless: Mapping[str, set[str]]) -> Iterable[Claim]:
        """The doors without a number that say the name of one room."""
        by_word: dict[str, set[int]] = defaultdict(set)
        for at, (room, said) in enumerate(zip(self.rooms, self.said_rooms, strict=True)):
            if not room.is_common and not said.has_number:
                for word in said.words:
                    by_word[word].add(at)
        for door in self.doors if by_word else ():
            said = self.said_doors[door.id]
            if said.has_number or not said.apart <= say.INSTALLATION:
                continue
            words = said.words | set(said.said)
            named = {at for word in words for at in by_word.get(word, ()) if self.said_rooms[at].words <= words}
            most = max((len(self.said_rooms[at].words) for at in named), default=0)
            rooms = [at for at in named if len(self.said_rooms[at].words) == most]
            if len(rooms) != 1:
                continue
            at = rooms[0]
            kinds = {word for word in said.said if say.KINDS.get(word, "room") != "room"}
            unknown = (_all_words(said) | kinds - self.said_kinds) - self.said_rooms[at].words - harmless[door.system]
            if not unknown & (self.vocabulary | say.FORMER):
                yield Claim(door.system, frozenset(unknown), at)

    def _customary(
        self,
        numbered: Sequence[str],
        usual: Sequence[str],
        bare: Mapping[str, tuple[tuple[str, ...], set[int]]],
        foreign: Mapping[str, frozenset[str]],
        anywhere: Mapping[str, int],
        decided: Mapping[str, str],
    ) -> set[str]:
        """Of one system's doors, those words that go with the way of writing, or share the house out."""
        here = _spread(usual, bare, foreign)
        known = {mark for said in self.said_rooms for mark in marks_of(said)} | self.vocabulary
        bearers: dict[str, list[Name]] = defaultdict(list)
        hits: dict[str, list[set[int]]] = defaultdict(list)
        taught = Counter[str]()
        for door_id in numbered:
            for word in foreign[door_id] - known:
                bearers[word].append(self.said_doors[door_id])
                hits[word].append(bare[door_id][1])
                taught[word] += any(self.rooms[at].key == decided.get(door_id) for at in bare[door_id][1])
        rooms = sum(said.has_number for said in self.said_rooms) or 1
        prefixes = {self.said_doors[door_id].core[0] for door_id in numbered if self.said_doors[door_id].cut}
        # Names that say a number and nothing else, and no room's as they are read: those may be the house's own.
        without_words = sum(
            not self.said_doors[door_id].words - known - self.own_words and not bare[door_id][1] for door_id in numbered
        )
        could_be_rooms = sum(len(bare[door_id][1]) == 1 for door_id in numbered)
        customary: set[str] = set()
        floors: set[str] = set()
        buildings: set[str] = set()
        for word, doors in bearers.items():
            if taught[word] >= FEW:
                customary.add(word)
                continue
            named = sum(len(hit) == 1 for hit in hits[word])
            if len(doors) < FEW or named < MOST * len(doors) or word in here:
                continue
            is_constant = (
                len(doors) >= USUAL * could_be_rooms
                and len(doors) >= min(MANY, rooms / 2)
                and len(doors) >= OFTEN * (len(doors) + without_words)
            )
            is_code = all(word in said.codes for said in doors) or prefixes == {word}
            is_building = any(word in marks_of(said) or word in said.of_building for said in doors)
            if is_floor(word):
                floors.add(word)
            elif is_building and word not in anywhere:
                buildings.add(word)
            if (
                is_constant
                and anywhere[word] <= RATHER * len(doors)
                and (is_code or not is_building)
                and word not in say.DIRECTIONS.values()
                and word not in say.FORMER
            ):
                customary.add(word)
        reached = {at for door_id in usual for at in bare[door_id][1]}
        for words in (floors, buildings):
            # One building's name may say that it is not this one; several that share the house out say where they
            # are. A word that others have a part of ("Aurora" of "Aurora North" and "Aurora South") is no part itself.
            rooms_of = {word: {at for hit in hits[word] for at in hit} for word in words}
            parts = [word for word in words if not any(rooms_of[other] < rooms_of[word] for other in words)]
            covered = set().union(*(rooms_of[word] for word in parts))
            if len(parts) > 1 and len(covered) >= max(0.6 * len(reached), 0.25 * rooms):
                customary |= words
        return customary

    def _customs(self, members: Sequence[NamedDoor]) -> set[str]:
        """Those of "join", "within", "letter" and "initial" that nearly all doors of a system bear out."""
        could, does = Counter[str](), Counter[str]()
        for door in members:
            said = self.said_doors[door.id]
            if said.apart:
                continue
            readings = self.door_readings[door.id]
            for how in ("join", "letter"):
                if any(reading.how == how for reading in readings):
                    could[how] += 1
                    does[how] += any(reading.how == how and reading.core in self.by_core for reading in readings)
            numbers = [part for part in said.core[0 if said.cut == 2 else said.cut :] if part.isdecimal()]
            if len(numbers) > 1 and len(numbers[-2]) < 3 <= len(numbers[-1]):
                could["within"] += 1
                does["within"] += any(reading.how == "within" for reading in readings)
            if said.cut:
                could["initial"] += 1
                found = self.by_core.get(tuple(said.core), ())
                does["initial"] += any(reading.how in ("", "initial") for _, reading in found)
        return {how for how in could if does[how] >= max(FEW, MOST * could[how])}

    def fits(self, door: NamedDoor) -> list[Fit]:
        """The rooms that a door may belong to, best first."""
        found: dict[int, Fit] = {}
        for reading in self.door_readings[door.id]:
            for at, other in self.by_core.get(reading.core, ()) if reading.core else self._of_a_name(door):
                fit = self._fit(door, reading, at, other)
                if fit is not None and (at not in found or rank(fit) < rank(found[at])):
                    found[at] = fit
        for at, room in enumerate(self.rooms):
            if room.is_common and (fit := self._common_fit(door, at)) is not None:
                found[at] = fit
        said = self.said_doors[door.id]
        if not said.apart:
            numbers = {part for form in self.door_readings[door.id] for part in form.core if part.isdecimal()}
            for at in sorted({at for number in numbers for at in self.by_number.get(number, ())} - set(found)):
                core, theirs = Counter(said.core), self.parts[at]
                if core <= theirs or theirs <= core:
                    level = FAR if core == theirs or self._contradict(door, at) else LOOSE
                    found[at] = Fit(at, level, ("only a part of the name is the same",))
        return sorted(found.values(), key=rank)

    def _of_a_name(self, door: NamedDoor) -> Iterable[tuple[int, Reading]]:
        """The rooms that may be called by a name alone and have a word of this door's; all of them is a lot."""
        if self.by_name is None:
            self.by_name = defaultdict(list)
            for at, reading in self.by_core.get((), ()):
                room = self.said_rooms[at]
                for word in {*room.words, *room.said, room.initials} if room.words else ("",):
                    self.by_name[word].append((at, reading))
        said = self.said_doors[door.id]
        found = {at: (at, reading) for word in {"", *said.words, *said.said} for at, reading in self.by_name[word]}
        return found.values()

    def _contradict(self, door: NamedDoor, at: int) -> bool:
        """Whether each says something that the other does not."""
        said, room = self.said_doors[door.id], self.said_rooms[at]
        more = said.words - room.words - self.harmless[door.system] or Counter(said.core) - self.parts[at]
        return bool(more and (room.words - set(said.said) - said.words or self.parts[at] - Counter(said.core)))

    def _fit(self, door: NamedDoor, reading: Reading, at: int, other: Reading) -> Fit | None:
        said, room = self.said_doors[door.id], self.said_rooms[at]
        extra = set(reading.dropped | (said.words - room.words) | ((said.apart | said.inside) - room.words))
        missing = set(other.dropped | (room.words - set(said.said) - said.words))
        how = reading.how or other.how
        if any(
            one.how in ("floor", "join", "within") and any(is_floor(part) for part in another.dropped)
            for one, another in ((reading, other), (other, reading))
        ):
            return None
        if said.has_number and room.has_number:
            missing -= self.of_all
        both = said.labels.keys() & room.labels.keys()
        several_numbers = sum(part.isdecimal() for part in said.core) > 1
        if several_numbers and any(said.labels[kind] != room.labels[kind] for kind in both):
            return None
        extra |= (said.kinds & self.shared_kinds) - room.kinds - say.GENERIC_KINDS
        if other.how == "initial":
            missing -= room.words
        if how != "initial" and not self._is_only(at, other):
            missing |= (room.kinds & self.shared_kinds) - said.kinds - say.GENERIC_KINDS
        if not said.has_number:
            extra |= {word for word in said.said if say.KINDS.get(word, "room") != "room"} - set(room.said)
        generic = room.kinds & self.shared_kinds & say.GENERIC_KINDS
        if generic and said.kinds & self.shared_kinds & say.GENERIC_KINDS and not generic & said.kinds:
            missing |= generic
            extra |= said.kinds & say.GENERIC_KINDS
        if (
            len(room.initials) > 1
            and room.initials in extra
            and self.borne[door.system, room.initials] >= FEW
            and missing <= room.words
        ):
            extra.remove(room.initials)
            missing, how = set(), how or "abbreviated"
        extra -= self.harmless[door.system]
        if said.has_number:
            both_say = (said.words | set(said.said)) & (room.words | set(room.said))
            missing -= {more for word in both_say for more in self.implied.get(word, ())}
        if extra & said.apart or (
            missing and (extra or (not said.has_number and (how != "name" or missing & room.words)))
        ):
            return None
        doubts = []
        if extra & said.inside:
            doubts.append(f"{quoted(extra & said.inside, said)} sounds like a door inside the room")
        if extra - said.inside:
            doubts.append(f"the name also says {quoted(extra - said.inside, said)}, which no room of that number does")
        if missing & self.telling:
            doubts.append(f"the name does not say {quoted(missing, room)}, and numbers repeat in this house")
        if several_numbers and not both and not how and (said.turned or room.turned):
            doubts.append("it is not clear which number is which")
        if how == "turned" and not both:
            doubts.append("it is not clear which number is which")
        if how == "name" and not self.have_names:
            doubts.append(f"the name does not say {quoted(other.dropped, room)}")
        if said.is_unclear:
            doubts.append("it is not clear which number is the floor")
        unproven = {reading.how, "initial" if other.how == "initial" else ""} & {
            "join",
            "within",
            "letter",
            "initial",
        }
        if unproven - self.customs[door.system] and reading.how != other.how:
            doubts.append("other doors of this lock system are not written in this way")
        if apart := self.telling_systems[door.system] - room.words:
            doubts.append(f"the lock system is called {quoted(apart, said)}")
        is_read = (how and how not in ("initial", "turned")) or door.id in self.mistyped
        level = PART if missing else READ if is_read else FULL
        return Fit(at, level, tuple(doubts), not extra.isdisjoint(marks_of(said)), door.id in self.mistyped)

    def _is_only(self, at: int, reading: Reading) -> bool:
        """Whether no other room has all the numbers and letters of this one: then its kind tells nothing more."""
        core = self.said_rooms[at].core
        return (
            len(core) > 1
            and not reading.dropped
            and {one for one, as_read in self.by_core[reading.core] if not as_read.dropped} == {at}
        )

    def _common_fit(self, door: NamedDoor, at: int) -> Fit | None:
        said, room = self.said_doors[door.id], self.said_rooms[at]
        everything = set(said.said) | said.words
        if not room.words or not room.words <= everything:
            return None
        extra = {word for word in everything - room.words if not word.isdecimal() and len(word) > 1}
        extra -= say.DOOR | say.ENTRY | say.NEW | say.SIDES | say.ORDINALS | self.harmless[door.system]
        extra -= {word for word in extra if say.KINDS.get(word) == "room"}
        extra |= marks_of(said) - marks_of(room)
        doubts = []
        if extra:
            doubts.append(f"the name also says {quoted(extra, said)}")
        numbers = [part for part in said.core if part not in room.core]
        is_other = (
            len(numbers) > 1
            or any(part not in "123456789" for part in numbers)
            or (numbers and room.words & say.COUNTED)
        )
        if set(room.core) - set(said.core) or is_other:
            doubts.append("the numbers are not those of the area")
        level = FULL if not numbers and set(said.said) == set(room.said) else READ
        return Fit(at, level, tuple(doubts))


_SHORTEST = 3
"""Letters of a word that is cut short."""
_TELLING_SYSTEMS = say.NAMES_A_BUILDING | {
    folded(word)
    for word in ("locker", "lockers", "parking", "safe", "safes", "minibar", "mailbox", "parcel", "spind", "storage")
}


def _all_words(said: Name) -> set[str]:
    return said.words | said.apart | said.inside


def _name_kinds(said: Name, words: Collection[str]) -> None:
    """Names a kind by its word where that is one of `words`."""
    for word in said.said:
        if word in words:
            said.kinds.discard(say.KINDS[word])
            said.kinds.add(word)


def marks_of(said: Name) -> set[str]:
    """The parts of the core that name building and floor, where a number is left without them."""
    cut = said.core[: said.cut] if said.cut < len(said.core) else []
    return {*cut, *(part for part in said.core if is_floor(part) and said.has_number)}


def _spread(
    doors: Iterable[str],
    bare: Mapping[str, tuple[tuple[str, ...], set[int]]],
    foreign: Mapping[str, frozenset[str]],
) -> Counter[str]:
    """Words by which doors of one number are told apart, and how many numbers each."""
    seen: dict[object, set[frozenset[str]]] = defaultdict(set)
    for door_id in doors:
        core, hit = bare[door_id]
        seen[core if len(hit) != 1 else frozenset(hit)].add(foreign[door_id])
    return Counter(
        word
        for sets in seen.values()
        if len(sets) > 1
        for word in frozenset.union(*sets) - frozenset.intersection(*sets)
    )


def rank(fit: Fit) -> tuple[bool, int, int, int]:
    return fit.level >= LOOSE, len(fit.doubts), fit.level, fit.room


def quoted(words: Iterable[str], said: Name) -> str:
    """Words for a person, as the name has them."""
    return " and ".join(
        sorted(
            "ground floor"
            if word == GROUND
            else f"floor {word.removeprefix(FLOOR)}"
            if is_floor(word)
            else f'"{said.written.get(word, word)}"'
            for word in words
        )
    )
