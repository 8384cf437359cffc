"""Locks that say a name which one room alone has: then what else they say can hardly be another house's.

With the room's number as well, a code that several locks have behind is a model ("hab22_niebla_S31"); how many sleep
there is the room's ("Bulan 3BR"), and so are its storey ("Giono 2e") and a word for a room before it ("Ch. Tournesol"
of "Chambre Tournesol").
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

from lock_names import words as say
from lock_names.read import is_known
from lock_names.shares import FEW
from lock_names.tokens import Token, texts_of, tokens_of
from lock_names.words import folded

_CODE_BEHIND = re.compile(r"(?<=[^\W_])[\s_(\[-]+(?P<code>[A-Za-z]{1,3}\d{2,4}[A-Za-z]{0,2})[)\]]?$")
_STOREY_BEHIND = re.compile(r"(?<=[^\W\d_])[\s_(,-]+\d{1,2}(?P<ending>[^\W\d_]+)\)?$")
_SIZE = re.compile(r"(?<![^\W_])(?P<number>\d{1,2})\s?(?P<unit>[^\W\d_]+)\.?(?![^\W_])")
_INITIAL = re.compile(r"^(?P<letter>[^\W\d_])\.\s?(?=[^\W\d_]{2})")
_SHORTEST = 3
_LONGEST_RUN = 4


def without_what_names_explain(names: Mapping[str, str], rooms: Sequence[str]) -> dict[str, str]:
    """Names of one account's locks, by door id, without models, sizes and words for a room beside the name of one room
    alone. `rooms`: the names of those let. A name stays as it is where another lock would have the same."""
    tokens = [tokens_of(room) for room in rooms]
    owners = _owners(tokens)
    words = {token.text for there in tokens for token in there} | {
        folded(chunk) for room in rooms for chunk in re.split(r"[\W_]+", room)
    }
    named = {door_id: at for door_id, name in names.items() if (at := _room_of(name, owners)) is not None}
    codes = {
        door_id: found
        for door_id, at in named.items()
        if (found := _CODE_BEHIND.search(names[door_id]))
        and folded(found["code"]) not in words
        and _says_its_number(names[door_id][: found.start()], tokens[at])
    }
    borne = Counter(folded(found["code"]) for found in codes.values())
    claims = Counter(named.values())
    storeys = {
        door_id: found
        for door_id, at in named.items()
        if (found := _STOREY_BEHIND.search(names[door_id]))
        and folded(found["ending"]) in say.ORDINALS
        and not any(token.is_number and not _is_a_size(tokens[at], place) for place, token in enumerate(tokens[at]))
    }
    initials = {
        door_id: found
        for door_id in named
        if (found := _INITIAL.match(names[door_id])) and found["letter"] not in words
    }
    result = dict(names)
    for door_id, at in named.items():
        name = names[door_id]
        if (code := codes.get(door_id)) and borne[folded(code["code"])] >= FEW:
            name = name[: code.start()]
        name = _with_words_apart(name, tokens[at])
        # "Bulan 1BR" beside "Bulan 3BR" are bedrooms' doors.
        if claims[at] == 1:
            if door_id in storeys and len(storeys) >= FEW:
                name = name[: storeys[door_id].start()]
            name = _without_word_for_room(_without_size(name, rooms[at]), tokens[at])
        result[door_id] = name[initials[door_id].end() :] if door_id in initials and len(initials) >= FEW else name
    said = Counter(texts_of(name) for name in result.values())
    return {door_id: name if said[texts_of(name)] == 1 else names[door_id] for door_id, name in result.items()}


def _owners(rooms: Sequence[Sequence[Token]]) -> dict[str, set[int]]:
    """By word, and by words written as one, the rooms that say it."""
    found: dict[str, set[int]] = defaultdict(set)
    for at, tokens in enumerate(rooms):
        for first in range(len(tokens)):
            whole = ""
            for token in tokens[first : first + _LONGEST_RUN]:
                if token.is_number:
                    break
                whole += token.text
                found[whole].add(at)
    return found


def _room_of(name: str, owners: Mapping[str, Collection[int]]) -> int | None:
    """The one room of which a lock's name says a word that no other room has."""
    found = {
        at
        for token in tokens_of(name)
        if len(token.text) >= _SHORTEST and not token.is_number and not _says_little(token.text)
        for at in owners.get(token.text, ())
    }
    return next(iter(found)) if len(found) == 1 else None


def _says_little(word: str) -> bool:
    return is_known(word) or word in say.HOW_MANY or say.is_no_room(word)


def _says_its_number(name: str, room: Sequence[Token]) -> bool:
    numbers = {token.text for at, token in enumerate(room) if token.is_number and not _is_a_size(room, at)}
    return not numbers.isdisjoint(token.text for token in tokens_of(name))


def _is_a_size(tokens: Sequence[Token], at: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1].text in say.HOW_MANY


def _with_words_apart(name: str, room: Sequence[Token]) -> str:
    """A name with three or more words of the room's that are written as one taken apart: "hierveelagua"."""
    runs = {
        "".join(token.text for token in room[first:ends]): [token.raw for token in room[first:ends]]
        for first in range(len(room))
        for ends in range(first + 3, min(len(room), first + _LONGEST_RUN) + 1)
        if not any(token.is_number for token in room[first:ends])
    }
    for token in tokens_of(name):
        if token.text in runs and token.text not in {one.text for one in room}:
            name = name.replace(token.raw, " ".join(runs[token.text]), 1)
    return name


def _without_size(name: str, room: str) -> str:
    theirs = {(found["number"], folded(found["unit"])) for found in _SIZE.finditer(room)}

    def left_of(found: re.Match[str]) -> str:
        size = (found["number"], folded(found["unit"]))
        return " " if size in theirs and size[1] in say.HOW_MANY and found.start() else found[0]

    return _SIZE.sub(left_of, name)


def _without_word_for_room(name: str, room: Sequence[Token]) -> str:
    """A name that is a word for a room and the room's own words, without that word where the room has one like it."""
    first, *rest = tokens_of(name)
    kind = say.KINDS.get(first.text)
    theirs = {token.text for token in room}
    if (
        kind in say.GENERIC_KINDS
        and kind in {say.KINDS.get(word) for word in theirs}
        and first.text not in say.MAY_BE_A_HOUSE
        and rest
        and all(token.text in theirs and not token.is_number and not token.is_letter for token in rest)
    ):
        return name[name.find(rest[0].raw, len(first.raw)) :]
    return name
