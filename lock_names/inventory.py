"""The rooms and the locks that are left over, and what of a lock's name no room explains."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lock_names import words as say
from lock_names.explaining import (
    STRONG,
    Explained,
    ExplainingRooms,
    is_short_for,
    is_side_of,
    place_of,
    says_how_many,
)
from lock_names.likeness import TELLS_NO_ROOM
from lock_names.shares import FEW, OFTEN, SELDOM, USUAL
from lock_names.sharing import SMALL, said_by_most
from lock_names.tokens import Token, tokens_of
from lock_names.vocabulary import meanings

_NOTHING = 0.05
SAYS_NOTHING = say.DOOR | say.ENTRY | say.BRANDS | say.FLOOR | say.KEY | say.INSTALLATION
SHORTEST_NAME = 3
_A_PART_OF_A_HOUSE = say.BUILDING | say.NAMES_A_BUILDING | frozenset(say.DIRECTIONS.values()) | say.MAY_BE_A_HOUSE
"""What even nearly all locks of an account may have because they are another house's."""
_ROOMS = frozenset(
    word
    for word, kind in say.KINDS.items()
    if kind in say.TYPES | {"room", "suite", "studio", "dorm"}
    if not (word[-1] == "s" and word[:-1] in say.KINDS)
)
"""Words for one room: the "Rosa Suites" are a house."""
_PLACES = meanings("basement") | meanings("rear")
_DWELLINGS = frozenset({"house", "haus", "casa", "maison", "huis", "home"})
_ENDINGS = say.ORDINALS | frozenset(["a", "o", "r", "n", "t", "e"])
"""Behind a number that counts: "1r 2a"."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock's name, taken apart."""

    system: str
    tokens: tuple[Token, ...]

    @property
    def form(self) -> tuple[str, ...]:
        """How it is written, whatever the words."""
        return tuple("#" if token.is_number else "@" if token.is_letter else "w" for token in self.tokens)


class Inventory:
    """Rooms, and the locks that may be rooms', with what is known of them so far."""

    def __init__(
        self,
        rooms: Mapping[int, str],
        doors: Mapping[str, tuple[str, str]],
        known: Mapping[str, int],
        noise: Mapping[str, Collection[str]],
        have_names: bool,
    ):
        names = _with_roman_letters({at: _without_ordinals(tokens_of(clean)) for at, clean in rooms.items()})
        are_beds = sum(any(token.text in say.BEDS for token in tokens) for tokens in names.values()) >= OFTEN * len(
            names
        )
        # What belongs to a bed and has a lock is its locker.
        self.lockers = say.LOCKERS if are_beds else frozenset()
        self.rooms = ExplainingRooms(names)
        self.words = {token.text for tokens in names.values() for token in tokens}
        self.letters_behind = {
            behind.text
            for tokens in names.values()
            for token, behind in itertools.pairwise(tokens)
            if token.is_number and behind.glued and behind.is_letter
        }
        self.noise, self.have_names = noise, have_names
        borne = Counter(
            (place_of(tokens, at), token.text)
            for tokens in names.values()
            for at, token in enumerate(tokens)
            if token.is_number
        )
        self.repeated = {place for (place, _), count in borne.items() if count > 1}
        """The places of numbers that several rooms have."""
        self.known = dict(known)
        locks = Counter(system for system, _ in doors.values())
        self.devices = said_by_most(doors.values())
        self.locks = {
            door_id: lock
            for door_id, (system, clean) in doors.items()
            if not self._is_no_room(lock := Lock(system, tuple(tokens_of(clean))))
        }
        self._read_roman_letters()
        self._take_endings_away()
        lettered = Counter(
            (lock.system, letter)
            for lock in self.locks.values()
            for letter in {token.text for token in lock.tokens if token.is_letter and not token.glued}
        )
        self.letters_of_all = {
            (system, letter)
            for (system, letter), count in lettered.items()
            if count >= max(FEW, USUAL * locks[system]) and locks[system] >= SMALL * len(self.rooms.tokens)
        }
        """By lock system, the letters that most of its locks have, wherever."""
        self.running = self._running_numbers()
        self.open: list[str] = [door_id for door_id in self.locks if door_id not in known]
        self.explained: dict[str, list[Explained]] = {}
        self.customs: dict[str, set[str]] = {}
        self.certain: dict[str, Explained] = {}

    def _read_roman_letters(self) -> None:
        """Of a place in which other locks have II, III or IV, an I, V or X is a Roman number as well."""
        roman = {
            (lock.system, len(lock.tokens), at)
            for lock in self.locks.values()
            for at, token in enumerate(lock.tokens)
            if len(token.text) > 1 and token.text.upper() in say.ROMAN
        }
        for door_id, lock in self.locks.items():
            read = tuple(
                replace(token, text=say.ROMAN[token.text.upper()])
                if (lock.system, len(lock.tokens), at) in roman and token.text.upper() in say.ROMAN
                else token
                for at, token in enumerate(lock.tokens)
            )
            self.locks[door_id] = Lock(lock.system, read)

    def _take_endings_away(self) -> None:
        """Takes letters away that a number always has behind it: "1r 2a", "1st"."""
        behind: dict[object, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        locks: Counter[object] = Counter()
        of_rooms = {
            (token.text, behind.text)
            for tokens in self.rooms.tokens.values()
            for token, behind in itertools.pairwise(tokens)
            # "1. th" is the right-hand side of a Danish stairway; "1st St" is a street.
            if token.is_number and (behind.glued or "." in behind.gap)
        }
        for lock in self.locks.values():
            for at in _letters_behind(lock):
                locks[lock.system, lock.form, at] += 1
                behind[lock.system, lock.form, at][lock.tokens[at - 1].text].add(lock.tokens[at].text)
        for door_id, lock in self.locks.items():
            gone = set()
            for at in _letters_behind(lock):
                if lock.tokens[at].text not in _ENDINGS:
                    continue
                endings = behind[lock.system, lock.form, at]
                is_fixed = 2 * len(endings) <= locks[lock.system, lock.form, at] + 1 and all(
                    len(letters) == 1 for letters in endings.values()
                )
                is_the_rooms = any((number, letters) in of_rooms for number, one in endings.items() for letters in one)
                if (is_fixed or len(lock.tokens[at].text) > 1) and not is_the_rooms:
                    gone.add(at)
            if gone:
                left = tuple(token for at, token in enumerate(lock.tokens) if at not in gone)
                self.locks[door_id] = Lock(lock.system, left)

    def _is_no_room(self, lock: Lock) -> bool:
        is_numbered = any(token.is_number for token in lock.tokens)
        return any(
            # "Cantina vecchia" is what a room is called; "vecchia 5" may have another number now.
            (token.text in say.FORMER and (is_numbered or token.text not in self.words))
            or (
                token.text not in say.FORMER
                and token.text not in self.lockers
                and token.text not in self.devices[lock.system]
                and say.is_no_room(token.text)
                and token.text not in self.words
                and not self._is_coded(token.text)
                # "Parking 4" is no flat of Park Row.
                and (token.text in say.NO_ROOM or not self._begins_as_a_room(token.text))
            )
            for token in lock.tokens
        )

    def _begins_as_a_room(self, word: str) -> bool:
        return any(word[:length] in self.words for length in range(FEW, len(word) + 1))

    def _is_coded(self, word: str) -> bool:
        """Whether a word for what is no room may be what a room has by a code or another word: "rear" of 2R, "garden"
        of GDN, "basement" of "kl."."""
        return any(
            (is_side_of(code, word) and code in self.letters_behind)
            or not _PLACES.isdisjoint(meanings(word) & meanings(code))
            or (len(code) == FEW and is_short_for(code, word))
            for code in self.words
        )

    def learn_customs(self) -> dict[str, set[str]]:
        """By lock system, what most of its locks have and hardly one that names a room again."""
        locks = Counter(lock.system for lock in self.locks.values())
        rooms = {door_id: self.known.get(door_id, -1) for door_id in self.locks}
        rooms |= {
            door_id: found[0].room
            for door_id, found in self.explained.items()
            if found and any(sign.like >= STRONG for sign in found[0].by.values())
        }
        claims = Counter(rooms.values())
        bearers: dict[tuple[str, str], list[int]] = defaultdict(list)
        for door_id, lock in self.locks.items():
            for sign in {_sign(lock.tokens, at) for at in range(len(lock.tokens))}:
                bearers[lock.system, sign].append(rooms[door_id])
        found: dict[str, set[str]] = defaultdict(set)
        for (system, sign), there in bearers.items():
            if (
                len(there) >= max(FEW, USUAL * locks[system])
                and locks[system] >= SMALL * len(self.rooms.tokens)
                and sign not in _A_PART_OF_A_HOUSE
                and sign not in self.words
                and sum(claims[at] > mine for at, mine in Counter(there).items()) <= max(1, SELDOM * len(there))
            ):
                found[system].add(sign)
        return found

    def strange(self, door_id: str, explained: Explained) -> list[str]:
        """What a lock's name says and the room does not explain."""
        lock = self.locks[door_id]
        found = []
        for at, token in enumerate(lock.tokens):
            sign = explained.by.get(at)
            if sign and (sign.like >= STRONG or sign.told > _NOTHING):
                continue
            if (
                token.text in self.lockers
                or _sign(lock.tokens, at) in self.customs[lock.system]
                or token.text in self.noise[lock.system]
            ):
                continue
            if sign and (lock.system, token.text) in self.letters_of_all:
                # The "u." of a street, "utca".
                continue
            if token.text in SAYS_NOTHING or (token.text in say.JOINING and not token.is_letter):
                continue
            if self._says_its_word_again(lock.tokens, at, explained):
                continue
            if token.text in say.BUILDING - say.NAMES_A_BUILDING and self._names_a_part(lock, at, explained):
                continue
            if say.KINDS.get(token.text) in say.GENERIC_KINDS and token.text not in say.MAY_BE_A_HOUSE:
                continue
            found.append(token.text)
        may_be_noise = _DWELLINGS | self.running.get(door_id, set())
        if not may_be_noise.isdisjoint(found) and self.is_a_name(door_id, explained):
            return [word for word in found if word not in may_be_noise]
        return found

    def _says_its_word_again(self, tokens: Sequence[Token], at: int, explained: Explained) -> bool:
        """Whether a letter before the room's number is that of the word which the room has there and the lock says as
        well: the D of "D1 dorm mixto" of "Dorm 1"."""
        if not tokens[at].is_letter or at + 1 == len(tokens) or not tokens[at + 1].glued or at + 1 not in explained.by:
            return False
        before = explained.by[at + 1].by[0] - 1
        word = self.rooms.tokens[explained.room][before].text if before >= 0 else ""
        return word[:1] == tokens[at].text and any(token.text == word for token in tokens if len(word) > 1)

    def _names_a_part(self, lock: Lock, at: int, explained: Explained) -> bool:
        """Whether the word beside "wing" or "tower" is one that the room says: "North Wing" of N-101. A number is not
        enough: "Annexe 12" is no room 12."""
        return any(
            near in explained.by and not lock.tokens[near].is_number
            for near in (at - 1, at + 1)
            if 0 <= near < len(lock.tokens)
        )

    def _running_numbers(self) -> dict[str, set[str]]:
        """By door id, the numbers of a lock that counts along: in their place each lock of the form has another."""
        forms: dict[tuple[str, tuple[str, ...]], dict[str, Lock]] = defaultdict(dict)
        for door_id, lock in self.locks.items():
            forms[lock.system, lock.form][door_id] = lock
        found: dict[str, set[str]] = defaultdict(set)
        for (_, form), locks in forms.items():
            for at in (at for at, sign in enumerate(form) if sign == "#"):
                there = {lock.tokens[at].text for lock in locks.values()}
                if len(there) == len(locks) >= FEW:
                    for door_id, lock in locks.items():
                        found[door_id].add(lock.tokens[at].text)
        return found

    def is_a_name(self, door_id: str, explained: Explained) -> bool:
        """Whether a word tells the room by itself: no other room has a word like it."""
        tokens = self.locks[door_id].tokens
        return any(
            sign.like >= STRONG
            and len(tokens[at].text) >= SHORTEST_NAME
            and not tokens[at].is_number
            and tokens[at].text not in say.KINDS
            and tokens[at].text not in say.NO_ROOM | say.JOINING
            and not self._is_common(tokens[at].text, explained.room, sign.by)
            for at, sign in explained.by.items()
        )

    def _is_common(self, word: str, room: int, places: Sequence[int]) -> bool:
        """Whether another room may be meant by a word; the Dachstein is not by "Dachs" where it has its lock."""
        taken = {*self.known.values(), *(one.room for one in self.certain.values())}
        there = self.rooms.explaining(word)
        meant = {word, *(self.rooms.tokens[room][place].text for place in places)}
        mine = max((like for like, _ in there.get(room, ())), default=0.0)
        return any(
            max(like for like, _ in found) > mine - 0.25
            and (at not in taken or any(token.text in meant for token in self.rooms.tokens[at]))
            for at, found in there.items()
            if at != room
        )

    def tells(self, door_id: str, explained: Explained) -> bool:
        """Whether a name says more of a room than first letters and words that join or say a door."""
        tokens = self.locks[door_id].tokens
        return any(
            sign.told > _NOTHING
            and tokens[at].text not in TELLS_NO_ROOM
            and (not tokens[at].is_letter or sign.like == 1)
            for at, sign in explained.by.items()
        )

    def is_enough(self, door_id: str, explained: Explained, is_a_name: bool) -> bool:
        """Whether no number of the room's name is missing, nor a word where numbers repeat."""
        theirs = self.rooms.tokens[explained.room]
        said = {place for sign in explained.by.values() for place in sign.by}
        if is_a_name:
            numbers = {
                token.text for at, token in enumerate(theirs) if token.is_number and not says_how_many(theirs, at)
            }
            if self.have_names or not numbers or any(theirs[place].is_number for place in said):
                return True
            # "Suite Tejo" is "501 Suite Tejo"; "Tejo" alone may be a street door.
            if any(self.locks[door_id].tokens[at].text in _ROOMS for at in explained.by):
                return True
            # "Aribau Bajos" is in Aribau 36, as all of Aribau are.
            return any(
                len(there) > 1 and all(numbers <= {token.text for token in self.rooms.tokens[at]} for at in there)
                for place in said
                for there in ([at for at, tokens in self.rooms.tokens.items() if theirs[place] in tokens],)
            )
        tokens = self.locks[door_id].tokens
        if any(not tokens[at].is_number for at in explained.by):
            return True
        # "Floor 1" is no room 1.
        return all(say.FLOOR.isdisjoint((*_beside(tokens, at),)) for at in explained.by) and self.repeated.isdisjoint(
            place_of(theirs, at) for at in said if theirs[at].is_number
        )


def _without_ordinals(tokens: Sequence[Token]) -> list[Token]:
    """A room's tokens without the "st" of "1st", which elsewhere is a ground floor."""
    return [
        token
        for before, token in zip([None, *tokens], tokens, strict=False)
        if not (before and before.is_number and token.glued and token.text in _OF_ORDINALS)
    ]


def _with_roman_letters(names: Mapping[int, Sequence[Token]]) -> dict[int, list[Token]]:
    """Rooms' tokens with the I of "I/4" as a number, where other rooms have "II/4" and "III/4"."""
    gaps = Counter(
        behind.gap
        for tokens in names.values()
        for token, behind in itertools.pairwise(tokens)
        if len(token.text) > 1 and token.raw in say.ROMAN and behind.is_number
    )

    def is_roman(tokens: Sequence[Token], at: int) -> bool:
        is_before_one = at + 1 < len(tokens) and tokens[at + 1].is_number and gaps[tokens[at + 1].gap] >= FEW
        return tokens[at].is_letter and tokens[at].raw in say.ROMAN and is_before_one

    return {
        room: [
            replace(token, text=say.ROMAN[token.raw]) if is_roman(tokens, at) else token
            for at, token in enumerate(tokens)
        ]
        for room, tokens in names.items()
    }


_OF_ORDINALS = frozenset({"st"})


def _beside(tokens: Sequence[Token], at: int) -> Iterator[str]:
    yield from (token.text for token in tokens[max(at - 1, 0) : at + 2])


def _sign(tokens: Sequence[Token], at: int) -> str:
    """A word; a number or letter with what stands before it."""
    if len(tokens[at].text) > 1 and not tokens[at].is_number:
        return tokens[at].text
    before = tokens[at - 1] if at else None
    return f"{'' if before is None else '#' if before.is_number else before.text} {tokens[at].text}"


def _letters_behind(lock: Lock) -> Iterator[int]:
    for at, (token, behind) in enumerate(zip(lock.tokens, lock.tokens[1:], strict=False), 1):
        if token.is_number and behind.glued and not behind.is_number:
            yield at
