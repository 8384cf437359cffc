"""First letters of what rooms are called: "GFF" of "Ground Floor Flat", "P13" of "Private 13"."""

import re
from collections.abc import Collection, Mapping

from lock_names.read import is_known
from lock_names.shares import FEW
from lock_names.tokens import plain_number, tokens_of, words_in
from lock_names.words import folded

_CALLED = re.compile(r"(?<![^\W\d_])(?P<word>[^\W\d_]{2,})[\W_]*(?P<number>\d+)")
_LETTERED = re.compile(r"^[\W_]*(?P<letter>[^\W\d_])[\W_]{0,3}(?P<number>\d+)(?![^\W_])(?P<rest>.*)$")
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


_DOTTED = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,5}(?=[\s\d]|[^\W\d_]{2}|$)")


def without_dots_of_initials(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of locks, by id, with "HH 301" for "H.H. 301" where rooms have words with these first letters one behind
    the other ("Harbour House 301"). `rooms`: the names of those let."""
    found = {name for name in names.values() if _DOTTED.search(name)}
    if not found:
        return dict(names)
    there: set[str] = set()
    for room in rooms:
        firsts = "".join(folded(word)[:1] for word in _WORD.findall(room))
        there |= {firsts[at:end] for at in range(len(firsts)) for end in range(at + 2, at + _LONGEST + 1)}

    def joined(dotted: re.Match[str]) -> str:
        letters = dotted[0].replace(".", "")
        return f"{letters} " if folded(letters) in there else dotted[0]

    return {door_id: _DOTTED.sub(joined, name) if name in found else name for door_id, name in names.items()}


def with_first_letters_spelled_out(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, with "Private 13" for "P13" and "Cabin 21 Magpie" for "C21 Magpie", where
    that is what rooms are called. `rooms`: the names of those let.

    As they are unless all locks that begin with a letter and a number are such a room's, each another one that no other
    lock says; there are two letters, or each such lock says more of its room; and no room has such a letter itself.
    """
    called: dict[str, dict[str, str]] = {}
    words_of: dict[tuple[str, str], set[str]] = {}
    for room in rooms:
        if found := _CALLED.search(room):
            word, number = folded(found["word"]), plain_number(found["number"])
            called.setdefault(word[0], {})[word] = found["word"]
            words_of.setdefault((word, number), set()).update(token.text for token in tokens_of(room))
    said = {door_id: found for door_id, name in names.items() if (found := _LETTERED.match(name))}
    letters = {folded(found["letter"]) for found in said.values()}
    if len(said) < FEW or not letters.isdisjoint(words_in(rooms)):
        return dict(names)
    meant: dict[str, tuple[str, str]] = {}
    for door_id, found in said.items():
        may_be = called.get(folded(found["letter"]), {})
        if len(may_be) != 1:
            return dict(names)
        meant[door_id] = next(iter(may_be)), plain_number(found["number"])
    in_full = {
        (folded(found["word"]), plain_number(found["number"]))
        for door_id, name in names.items()
        if door_id not in said and (found := _CALLED.search(name))
    }
    says_more = all(
        any(token.text in words_of.get(meant[door_id], ()) for token in tokens_of(found["rest"]) if len(token.text) > 1)
        for door_id, found in said.items()
    )
    is_told = len(set(meant.values())) == len(meant) and set(meant.values()) <= words_of.keys()
    if not is_told or (len(letters) < 2 and not says_more) or any(_is_said(one, in_full) for one in meant.values()):
        return dict(names)
    return dict(names) | {
        door_id: f"{called[folded(found['letter'])][meant[door_id][0]]} {found['number']}{found['rest']}"
        for door_id, found in said.items()
    }


def _is_said(room: tuple[str, str], in_full: Collection[tuple[str, str]]) -> bool:
    """Whether another lock says it, with the word or with the beginning of it."""
    word, number = room
    return any(number == other and word[:FEW] == one[:FEW] for one, other in in_full)
