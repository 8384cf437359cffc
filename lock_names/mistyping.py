"""Words of locks' names that are mistyped: "Voordeug 101" among three hundred with "Voordeur".

Numbers are never corrected. What is corrected makes a lock's claim weaker than that of one that is written as it should
be, and nothing is corrected that might be two words.
"""

import functools
import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from lock_names import words as say
from lock_names.read import is_known
from lock_names.shares import FEW
from lock_names.tokens import Token, tokens_of
from lock_names.vocabulary import meanings

_SHORTEST = 4
"""Letters of the right word; the mistyped one may lack one."""
_TWICE = 2


def corrected(names: Mapping[str, str], of_rooms: Collection[str]) -> dict[str, str]:
    """Those of the names, by door id, that have a mistyped word, with the word that is meant.

    A word is mistyped that fewer than three locks have (any number, where a word for a room or a door is meant) and no
    list of ours, if one slip of a finger (a letter too many,
    too few, another, or two in the wrong order) makes it a word of the rooms (`of_rooms`) or of three other locks, and
    no second one.
    """
    said = {door_id: tokens_of(name) for door_id, name in names.items()}
    borne = Counter(word for tokens in said.values() for word in {token.text for token in tokens if _is_word(token)})
    right = {word for word, count in borne.items() if count >= FEW} | set(of_rooms)
    right = {word for word in right if len(word) >= _SHORTEST and not word.isdecimal()}
    near = _by_neighbour(right)
    elsewhere = _by_neighbour(word for word in say.NOT_A_ROOM | say.INSIDE | say.FORMER if len(word) > _SHORTEST)
    meant: dict[str, str] = {}
    # "Rood 3" of "Red 3" is no room.
    of_words = frozenset[str]().union(*map(meanings, of_rooms))
    translated = {word for word in borne if word not in of_rooms and not of_words.isdisjoint(meanings(word))}
    for word, count in borne.items():
        if word in of_rooms or is_known(word) or word in translated or len(word) < _SHORTEST - 1:
            continue
        found = {one for key in _neighbours(word) for one in near.get(key, ()) if is_a_slip(word, one)}
        if found and all(say.KINDS.get(one) in say.GENERIC_KINDS or one in say.DOOR for one in found):
            # Nobody calls a house "Roon".
            found = {min(found)}
        elif count >= FEW:
            continue
        if len(found) == 1 and not any(
            is_a_slip(word, one) for key in _neighbours(word) for one in elsewhere.get(key, ()) if one not in found
        ):
            meant[word] = next(iter(found))
    glued = glued_letters(borne, of_rooms, 1)
    meant = {word: one for word, one in meant.items() if word not in glued or _is_swapped(word, one)}
    meant |= _words_for_rooms(said.values(), borne, {*of_rooms, *translated})
    short = {word for word in {*of_rooms, *(word for word, count in borne.items() if count >= FEW)} if len(word) == FEW}
    for word, count in borne.items():
        if count == 1 and len(word) == FEW and word not in of_rooms and not is_known(word):
            swapped = [one for one in short if _is_swapped(word, one)]
            if len(swapped) == 1:
                meant[word] = swapped[0]
    result = {}
    for door_id, tokens in said.items():
        name = names[door_id]
        for token in tokens:
            if token.text in meant and _is_word(token):
                pattern = rf"(?<![^\W\d_]){re.escape(token.raw)}(?![^\W\d_])"
                name = re.sub(pattern, meant[token.text], name, count=1)
        if name != names[door_id]:
            result[door_id] = name
    return result


def _words_for_rooms(
    names: Iterable[Sequence[Token]], borne: Mapping[str, int], of_rooms: Collection[str]
) -> dict[str, str]:
    """The words of one lock before its number that are a word for a room with a letter put twice, left out or in the
    wrong place, whether or not another lock has that word: "Romm 19". "Roos 19" may be a house's name."""
    found = {}
    for tokens in names:
        for token, behind in itertools.pairwise(tokens):
            word = token.text
            if not behind.is_number or borne[word] != 1 or word in of_rooms or is_known(word) or not _is_word(token):
                continue
            right = [one for one in _WORDS_FOR_ROOMS if _is_same_letters(word, one) and is_a_slip(word, one)]
            if len(word) >= _SHORTEST and right:
                found[word] = min(right)
    return found


_WORDS_FOR_ROOMS = frozenset(
    word for word, kind in say.KINDS.items() if kind in say.GENERIC_KINDS and len(word) >= _SHORTEST
)


def _is_same_letters(word: str, right: str) -> bool:
    return word[:1] == right[:1] and (
        set(word) == set(right) or (len(right) > _SHORTEST + 1 and len(word) < len(right))
    )


def glued_letters(borne: Mapping[str, int], of_rooms: Collection[str], least: int = 2) -> dict[str, set[str]]:
    """By word, the letter glued before ("z~") or behind ("~b") it, where the word stands without that letter elsewhere
    and `least` locks have the letter: a slip of the finger is hardly made twice. A letter that is merely doubled
    ("Doorr") is a slip where fewer than two have it.

    `borne`: how many locks have each word; `of_rooms`: the words of the rooms' names.
    """
    stems = {word for word, count in borne.items() if count >= FEW} | set(of_rooms)
    starts = {word[:length] for word in stems for length in range(_SHORTEST - 1, len(word))}
    found: dict[str, set[str]] = {}
    locks: Counter[str] = Counter()
    for word, count in borne.items():
        # "Badg" is "Badger" cut short.
        if len(word) < _SHORTEST or not word.isalpha() or is_known(word) or word in of_rooms or word in starts:
            continue
        found[word] = {
            letter
            for stem, letter in ((word[:-1], f"~{word[-1]}"), (word[1:], f"{word[0]}~"))
            if stem in stems or is_known(stem)
        }
        for letter in found[word]:
            locks[letter] += count
    told = {
        word: {letter for letter in letters if locks[letter] >= (_TWICE if _is_doubled(word, letter) else least)}
        for word, letters in found.items()
    }
    return {word: letters for word, letters in told.items() if letters}


def _is_doubled(word: str, letter: str) -> bool:
    return word[0] == word[1] if letter.endswith("~") else word[-1] == word[-2]


def _is_word(token: Token) -> bool:
    return not token.is_number and len(token.text) > 1


def _neighbours(word: str) -> set[str]:
    """The word, and what is left of it without one letter. Words of which one is a slip for the other share one."""
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


def _by_neighbour(words: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for word in words:
        for key in _neighbours(word):
            found[key].add(word)
    return found


def is_a_slip(word: str, right: str) -> bool:
    """Whether one letter too many, too few, another, or two in the wrong order make the one the other."""
    if word == right or abs(len(word) - len(right)) > 1:
        return False
    at = next((at for at, (one, other) in enumerate(zip(word, right, strict=False)) if one != other), None)
    if at is None:
        return True
    return (
        word[at + 1 :] == right[at + 1 :]
        or word[at + 1 :] == right[at:]
        or word[at:] == right[at + 1 :]
        or (word[at : at + 2] == right[at : at + 2][::-1] and word[at + 2 :] == right[at + 2 :])
    )


def _is_swapped(word: str, right: str) -> bool:
    """Whether two letters behind the first are in the wrong order: "Atp" for "Apt"."""
    return word[:1] == right[:1] and sorted(word) == sorted(right) and is_a_slip(word, right)


_SOUNDS = (
    *(("ph", "f"), ("th", "t"), ("sch", "s"), ("sh", "s"), ("zh", "s"), ("ch", "h"), ("kh", "h"), ("ck", "k")),
    *(("c", "k"), ("q", "k"), ("x", "ks"), ("w", "v"), ("b", "v"), ("z", "s"), ("h", "")),
    *(("ai", "e"), ("ei", "e"), ("oi", "e"), ("ou", "u"), ("y", "e"), ("j", "e"), ("i", "e"), ("ee", "e")),
)


@functools.lru_cache(maxsize=100_000)
def sound_of(word: str) -> str:
    """What a word sounds like, whoever wrote it down in Latin letters: of "Hermes" and "Ermis" the same."""
    for letters, sound in _SOUNDS:
        word = word.replace(letters, sound)
    return "".join(letter for letter, _ in itertools.groupby(word))
