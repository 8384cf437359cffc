"""Sides of a house and the letters that stand for them: "102 E" for "East 102", "3 D" for "3 Dto"."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping

from lock_names import words as say
from lock_names.shares import FEW
from lock_names.tokens import Token, tokens_of
from lock_names.words import folded

_LETTER_OF_A_DIRECTION = {"north": "n", "south": "s", "east": "e", "west": "w"}
_SIDES = {*say.DIRECTIONS.values(), *say.WHICH_OF_TWO.values()}


def with_letters_of_sides(names: Mapping[str, str], room_cores: Collection[tuple[str, ...]]) -> dict[str, str]:
    """Names of locks, by id, with "102 E" for "East 102" and "3 D" for "3 Dto", where the letters behind the rooms'
    numbers are all first letters of such words: as the locks have them, or of directions in English."""
    letters = Counter(core[1] for core in room_cores if len(core) == 2 and core[0].isdecimal() and core[1].isalpha())
    if len(letters) < 2 or min(letters.values()) < FEW:
        return dict(names)
    said: dict[str, tuple[tuple[Token, ...], int, int]] = {}
    of_words: dict[str, set[str]] = defaultdict(set)
    for door_id, name in names.items():
        tokens = tokens_of(name)
        sides = [at for at, token in enumerate(tokens) if token.text in _SIDES and len(token.raw) > 1]
        numbers = [at for at, token in enumerate(tokens) if token.is_number]
        if len(sides) == len(numbers) == 1:
            said[door_id] = tokens, sides[0], numbers[0]
            side = tokens[sides[0]]
            of_words[side.text].add(folded(side.raw)[0])
    found = {side: next(iter(firsts)) for side, firsts in of_words.items() if len(firsts) == 1}
    for letter_of in (found, _LETTER_OF_A_DIRECTION):
        if len(set(letter_of.values())) == len(letter_of) and letters.keys() <= set(letter_of.values()):
            break
    else:
        return dict(names)
    result = dict(names)
    for door_id, (tokens, side_at, number_at) in said.items():
        letter = letter_of.get(tokens[side_at].text)
        if letter is None:
            continue
        gone = {
            side_at,
            number_at,
            *(at for at in (side_at - 1, side_at + 1) if 0 <= at < len(tokens) and _is_wing(tokens[at])),
        }
        words = [token.raw for at, token in enumerate(tokens) if at not in gone]
        result[door_id] = " ".join((*words, f"{tokens[number_at].raw}{letter}"))
    return result


def _is_wing(token: Token) -> bool:
    return token.text in say.BUILDING and token.text not in say.NAMES_A_BUILDING
