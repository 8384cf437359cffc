"""Locks and rooms whose numbers are the same one to one: then what else such locks say need not be explained.

"A-101" to "A-302" are the rooms "Hab. 101" to "Hab. 302" where just these rooms have just these locks, though no room
says an A; "Rm 107 handicap" is room 107 among them, whatever is remarked behind it. Only where nothing contradicts: no
number of such locks is no room's, none is said twice, and none is in another part of the house as well.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lock_names import words as say
from lock_names.explaining import likeness
from lock_names.shares import MOST
from lock_names.slots import POSSESSIVE
from lock_names.tokens import CHUNK, plain_number, tokens_of, words_in
from lock_names.words import folded

_A_THIRD = 0.36
"""So many of the rooms must have locks that are written alike: a storey's may be an annex's."""
_LEAST = 8
_LIKE = 0.5
_MOST_SIGNS = 5
_SHORTEST = 3
_NEVER = say.NO_ROOM | say.NAMES_A_BUILDING | say.NEW | frozenset(say.DIRECTIONS.values())
_ENDINGS = say.ORDINALS | say.FLOOR
_HARMLESS = (
    say.DOOR
    | say.ENTRY
    | say.BRANDS
    | say.JOINING
    | say.FLOOR
    | frozenset(word for word, kind in say.KINDS.items() if kind in say.GENERIC_KINDS | say.TYPES)
)


@dataclass(frozen=True, slots=True)
class _Coded:
    """A name as the words before its numbers, and the numbers and letters that follow."""

    head: tuple[str, ...]
    signs: tuple[str, ...]
    """Numbers as they are written, and single letters."""
    ends: tuple[int, ...]
    """Where each sign ends in the name."""
    name: str

    def code(self, kept: int, way: str) -> str:
        """The first signs put together; `way`: with letters, without, or without the first digit of numbers."""
        signs = self.signs[:kept] if way == "all" else [one for one in self.signs[:kept] if one.isdecimal()]
        numbers = [at for at, one in enumerate(signs) if one.isdecimal()]
        if not numbers or len(self.signs) < kept:
            return ""
        joined = "".join(one.zfill(2) if at in numbers[1:] else one for at, one in enumerate(signs))
        if way == "but for the first":
            return plain_number(joined[1:]) if len(joined) >= _SHORTEST else ""
        return joined if len(numbers) > 1 else joined.replace(signs[numbers[0]], plain_number(signs[numbers[0]]))

    def behind(self, kept: int) -> str:
        return self.name[self.ends[kept - 1] :]


_WAYS = ("all", "numbers", "but for the first")


def _coded(clean: str) -> _Coded:
    name = POSSESSIVE.sub(lambda found: " " * len(found[0]), clean)
    head: list[str] = []
    signs: list[str] = []
    ends: list[int] = []
    end = 0
    for token in tokens_of(name):
        start = name.find(token.raw, end)
        end = (start if start >= 0 else end) + len(token.raw)
        is_sign = token.is_number or token.is_letter
        if token.text in say.GROUND and not is_sign:
            signs.append("0")
        elif is_sign and (token.is_number or not token.glued or not head or signs):
            signs.append(token.raw if token.raw.isdecimal() else token.text)
        elif not any(map(str.isdecimal, signs)):
            head.append(token.text)
            continue
        elif token.text in _ENDINGS or say.KINDS.get(token.text) in say.GENERIC_KINDS:
            continue
        else:
            break
        ends.append(end)
        if len(signs) == _MOST_SIGNS:
            break
    return _Coded(tuple(head), tuple(signs), tuple(ends), clean)


def with_rooms_one_to_one(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, with the rooms' own names for those of locks whose numbers are those of
    rooms one to one. `rooms`: the names of those let."""
    everyone: dict[tuple[str, ...], list[_Coded]] = defaultdict(list)
    for room in rooms:
        as_coded = _coded(room)
        everyone[as_coded.head].append(as_coded)
    room_words = words_in(rooms)
    coded = {door_id: _coded(name) for door_id, name in names.items() if not _is_no_room(name, room_words)}
    words = Counter(folded(chunk) for name in names.values() for chunk in set(CHUNK.findall(name)))
    result = dict(names)
    families, locks = _left_by_own_words(everyone, coded)
    for members in _written_alike(locks):
        if len(members) < max(_LEAST, _A_THIRD * len(rooms)) or any(result[one] != names[one] for one in members):
            continue
        ways = list(_fitting(members, families, locks))
        if ways and all(one[0] == ways[0][0] for one in ways):
            found, kept, theirs = ways[0]
            for door_id, one in found.items():
                behind = members[door_id].behind(kept)
                is_remark = _is_a_remark(behind, one.name, rooms, words)
                result[door_id] = one.name if is_remark else one.name[: one.ends[theirs - 1]] + behind
    return result


def _left_by_own_words(
    families: Mapping[tuple[str, ...], Sequence[_Coded]], locks: Mapping[str, _Coded]
) -> tuple[Mapping[tuple[str, ...], Sequence[_Coded]], Mapping[str, _Coded]]:
    """The families and locks without those families of which each room has a lock that says the family's own words, and
    their locks: where locks say "Annexe 1" to "Annexe 8", "Inn 8" is no annexe's."""
    spoken_for: dict[tuple[str, ...], set[str]] = {}
    for head, family in families.items():
        if not _HARMLESS.issuperset(head):
            mine = {door_id: one.code(1, "all") for door_id, one in locks.items() if one.head == head}
            if sorted(mine.values()) == sorted(room.code(1, "all") for room in family):
                spoken_for[head] = set(mine)
    left = {head: family for head, family in families.items() if head not in spoken_for}
    # "X-101" is no "South 101" where locks say "North 101": X may be an annex.
    if any(
        not _HARMLESS.issuperset(head) for head, family in left.items() if any(room.code(1, "all") for room in family)
    ):
        return families, locks
    gone = {door_id for there in spoken_for.values() for door_id in there}
    return left, {door_id: one for door_id, one in locks.items() if door_id not in gone}


def _written_alike(locks: Mapping[str, _Coded]) -> Iterator[dict[str, _Coded]]:
    """The locks that say the same before their numbers, but for words that say a room or a door; then those of them
    with the same letter; then those with as many numbers: "V1-201", and not "V1-Bastu"."""
    heads: dict[tuple[str, ...], dict[str, _Coded]] = defaultdict(dict)
    lettered: dict[tuple[str, ...], dict[str, _Coded]] = defaultdict(dict)
    counted: dict[tuple[str, ...], dict[str, _Coded]] = defaultdict(dict)
    for door_id, coded in locks.items():
        if any(map(str.isdecimal, coded.signs)) and _NEVER.isdisjoint(coded.head):
            head = tuple(word for word in coded.head if word not in _HARMLESS)
            heads[head][door_id] = coded
            if not coded.signs[0].isdecimal():
                lettered[*head, coded.signs[0]][door_id] = coded
            counted[*head, *("#" for one in coded.signs if one.isdecimal())][door_id] = coded
    for groups in (heads, lettered, counted):
        yield from (members for _, members in sorted(groups.items()))


def _fitting(
    members: Mapping[str, _Coded],
    families: Mapping[tuple[str, ...], Sequence[_Coded]],
    locks: Mapping[str, _Coded],
) -> Iterator[tuple[dict[str, _Coded], int, int]]:
    """The ways to put numbers together in which all locks that are written alike are rooms of one family, one to one,
    or of all: the rooms by door id, how many signs of a lock's name make the number, and how many of a room's."""
    everyone = [room for family in families.values() for room in family]
    numbered = [room for room in everyone if any(map(str.isdecimal, room.signs))]
    for family in (*families.values(), numbered):
        mine = {id(room) for room in family}
        others = {
            room.code(kept, way)
            for room in everyone
            if id(room) not in mine
            for kept in range(1, len(room.signs) + 1)
            for way in _WAYS[:2]
        }
        for theirs in range(1, _MOST_SIGNS + 1):
            for room_way in _WAYS[:2]:
                borne = Counter(room.code(theirs, room_way) for room in family)
                codes = {code: room for room in family if (code := room.code(theirs, room_way)) and borne[code] == 1}
                if len(codes) < max(_LEAST, MOST * len(family)) or not others.isdisjoint(codes):
                    continue
                for kept in range(1, _MOST_SIGNS + 1):
                    for way in _WAYS:
                        said = {door_id: coded.code(kept, way) for door_id, coded in members.items()}
                        if way == "but for the first" and len({one.signs[0][:1] for one in members.values()}) > 1:
                            continue
                        if len(set(said.values())) < len(said) or not set(said.values()) <= codes.keys():
                            continue
                        if _is_borne_out(members, said, codes, locks):
                            yield {door_id: codes[code] for door_id, code in said.items()}, kept, theirs
                            break
                    else:
                        continue
                    break


def _is_borne_out(
    members: Mapping[str, _Coded], said: Mapping[str, str], codes: Mapping[str, _Coded], locks: Mapping[str, _Coded]
) -> bool:
    """Whether no other lock has the number of these rooms, and hardly a room of the family is without a lock."""
    mine = set(said.values())
    strange = {word for one in members.values() for word in one.head if word not in _HARMLESS}
    others = {
        coded.code(kept, way)
        for door_id, coded in locks.items()
        if door_id not in members
        for kept in range(1, len(coded.signs) + 1)
        for way in _WAYS[:2]
    }
    if not mine.isdisjoint(others):
        return False
    # Of two words that share the rooms out by storeys, either may be another house's.
    plain = {
        code
        for door_id, coded in locks.items()
        if door_id not in members and (not strange or _HARMLESS.issuperset(coded.head))
        for kept in range(1, len(coded.signs) + 1)
        for way in _WAYS[:2]
        for code in (coded.code(kept, way),)
    }
    return len(mine | (plain & codes.keys())) >= MOST * len(codes)


def _is_no_room(name: str, room_words: Collection[str]) -> bool:
    return any(say.is_no_room(token.text) and token.text not in room_words for token in tokens_of(name))


def _is_a_remark(behind: str, room: str, rooms: Collection[str], words: Mapping[str, int]) -> bool:
    """Whether what stands behind the number is the room's, says nothing, or is said by this lock alone and by no
    room."""
    mine = [token.text for token in tokens_of(room)]
    theirs = {token.text for other in rooms if other != room for token in tokens_of(other)}
    for chunk in CHUNK.findall(behind):
        word = folded(chunk)
        parts = [max((likeness(token.text, one) for one in mine), default=0.0) for token in tokens_of(chunk)]
        # "1B" is "One Bed".
        if word in _HARMLESS or (parts and max(parts) >= _LIKE and all(parts)):
            continue
        if word in theirs or word in _NEVER or word in say.BUILDING or say.is_no_room(word):
            return False
        if len(word) == 1 or words[word] > 1:
            return False
    return True
