"""First letters of what rooms are called: "GFF" of "Ground Floor Flat"."""

import re
from collections.abc import Collection, Mapping

from lock_names.read import is_known
from lock_names.shares import FEW
from lock_names.tokens import words_in
from lock_names.words import folded

_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN_PARTS = re.compile(r"[^\w '’]|[\d_]")
_LONGEST = 5


def with_initials_spelled_out(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, with "Ground Floor Flat" for "GFF" where that is what a room is called, or a
    part of its name between other signs. `rooms`: the names of those let.

    As they are unless several such letters are there, of three words at the least: one alone, or of two words, may be a
    house's. Letters that may be of two such parts, or are a word, tell nothing.
    """
    meant: dict[str, set[str]] = {}
    for room in rooms:
        for part in _BETWEEN_PARTS.split(room):
            words = [folded(word) for word in _WORD.findall(part)]
            if FEW <= len(words) <= _LONGEST:
                meant.setdefault("".join(word[0] for word in words), set()).add(" ".join(words))
    words_of_rooms = words_in(rooms)
    told = {
        letters: next(iter(parts))
        for letters, parts in meant.items()
        if len(parts) == 1 and letters not in words_of_rooms and not is_known(letters)
    }
    said = {folded(word) for name in names.values() for word in _WORD.findall(name)} & told.keys()
    if len(said) < 2:
        return dict(names)
    return {
        door_id: _WORD.sub(lambda word: f" {told[folded(word[0])]} " if folded(word[0]) in said else word[0], name)
        for door_id, name in names.items()
    }
