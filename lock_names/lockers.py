"""Lockers of beds: "D1 Locker B" is "6-Bed Mixed Dorm 1 / Bed B", where the beds of dormitories are what is let.

A locker may as well be for luggage or for staff, or be counted by itself. So a locker is its bed's only where the
lockers of every dormitory that has any carry the signs of its beds one to one, and no lock of such a bed is there.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from lock_names import words as say
from lock_names.explaining import likeness
from lock_names.mistyping import is_a_slip
from lock_names.notes import without_notes
from lock_names.read import is_known
from lock_names.shares import FEW, MOST
from lock_names.tokens import Token, tokens_of

Dorm = tuple[str, ...]
"""What stands in a room's name before the bed."""
_SHORTEST = 5
_LIKE = 0.4
_COUNT = "beds"
_NOTHING = say.DOOR | say.JOINING | say.MAKERS


def beds_of_lockers(rooms: Mapping[str, str], locks: Mapping[str, str], claims: Mapping[str, str]) -> dict[str, str]:
    """The key of its bed for each locker, by door id.

    `rooms`: the names of those let, by key; `locks`: all locks' names, by door id, all cleaned; `claims`: the rooms of
    which locks are for sure, by door id.
    """
    beds = _beds(rooms)
    if not beds:
        return {}
    words = {token.text for name in rooms.values() for token in tokens_of(name)}
    said = {door_id: _counted(tokens_of(without_notes(name, words))) for door_id, name in locks.items()}
    lockers = {
        door_id: tokens for door_id, tokens in said.items() if any(is_locker(token.text, words) for token in tokens)
    }
    if len(lockers) < FEW:
        return {}
    others = [dorm for key, name in rooms.items() if (dorm := _whole_dorm(name, beds, key))]
    found: dict[str, str] = {}
    for door_id, locker in lockers.items():
        read = [
            (dorm, sign)
            for head, sign in _read(locker, words)
            # "Locker 2-4" may as well be the fourth of a second bank, or bed 2 of dormitory 4.
            if not all(token.is_number for token in head)
            for dorm in _dorms(head, beds, others)
        ]
        if not read:
            continue
        keys = [beds[dorm][sign] for dorm, sign in read if sign in beds[dorm]]
        if not keys:
            return {}
        found[door_id] = keys[0]
    mine = set(found.values())
    there = {key for dorm in beds.values() if not mine.isdisjoint(dorm.values()) for key in dorm.values()}
    is_one_to_one = max(Counter(found.values()).values(), default=0) == 1 and len(mine) >= MOST * len(there)
    is_said_otherwise = any(
        key in there and (door_id not in lockers or found.get(door_id, key) != key) for door_id, key in claims.items()
    ) or any(
        beds[dorm].get(sign) in there
        for door_id, tokens in said.items()
        if door_id not in lockers
        for head, sign in _read(tokens, words)
        for dorm in _dorms(head, beds, ())
        # "D1 Door" is dormitory 1, and not its bed 1.
        if {token.text for token in head}.issuperset(word for word in dorm if word.isdecimal())
    )
    return found if is_one_to_one and not is_said_otherwise else {}


def is_locker(word: str, room_words: Collection[str]) -> bool:
    """Whether a folded word says a locker, with a slip of the finger too."""
    if word in say.LOCKERS:
        return True
    is_strange = len(word) >= _SHORTEST and word not in room_words and not is_known(word)
    return is_strange and any(is_a_slip(word, one) for one in say.LOCKERS if len(one) > _SHORTEST)


def _beds(rooms: Mapping[str, str]) -> dict[Dorm, dict[str, str]]:
    """By dormitory, the keys of its beds by their sign."""
    found: dict[Dorm, dict[str, str]] = defaultdict(dict)
    twice = set[Dorm]()
    for key, name in rooms.items():
        tokens = _counted(tokens_of(name))
        at = max((at for at, token in enumerate(tokens) if token.text in say.BEDS), default=0)
        dorm, sign = tuple(token.text for token in tokens[:at]), _sign(tokens, at + 1)
        if not dorm or not sign:
            continue
        if sign in found[dorm]:
            twice.add(dorm)
        found[dorm][sign] = key
    return {dorm: signs for dorm, signs in found.items() if dorm not in twice and len(signs) > 1}


def _counted(tokens: Sequence[Token]) -> list[Token]:
    """The tokens with how many beds there are as one word: "6-Bed"."""
    found: list[Token] = []
    for at, token in enumerate(tokens):
        before = tokens[at - 1] if at else None
        is_count = before is not None and before.is_number and token.gap in ("", "-", " ")
        is_no_bed = at + 1 == len(tokens) or not _is_sign(tokens[at + 1])
        if token.text in say.BEDS | say.HOW_MANY and len(token.text) > 1 and is_count and is_no_bed:
            found[-1] = Token(f"{found[-1].text} {_COUNT}", token.raw, found[-1].gap)
        else:
            found.append(token)
    return found


def _is_sign(token: Token) -> bool:
    return token.is_number or token.is_letter


def _sign(tokens: Sequence[Token], first: int) -> str:
    """The number or letter that stands there, with what is glued to it."""
    sign = ""
    for token in tokens[first:]:
        if not _is_sign(token) or (sign and not token.glued):
            break
        sign += token.text
    return sign


def _read(tokens: Sequence[Token], room_words: Collection[str]) -> Iterator[tuple[list[Token], str]]:
    """What a locker's name may say of its dormitory, and the sign of its bed: what is behind the word for a locker or a
    bed, and the last sign."""

    def head(gone: Collection[int]) -> list[Token]:
        return [
            token
            for at, token in enumerate(tokens)
            if at not in gone
            and token.text not in say.BEDS
            and (token.text not in _NOTHING or token.is_letter)
            and not is_locker(token.text, room_words)
        ]

    for at, token in enumerate(tokens):
        if (is_locker(token.text, room_words) or token.text in say.BEDS) and (sign := _sign(tokens, at + 1)):
            ends = at + 1
            while ends < len(tokens) and _is_sign(tokens[ends]) and (ends == at + 1 or tokens[ends].glued):
                ends += 1
            yield head(range(at + 1, ends)), sign
    last = max((at for at, token in enumerate(tokens) if _is_sign(token)), default=None)
    if last is not None:
        yield head([last]), tokens[last].text


def _dorms(head: Sequence[Token], beds: Mapping[Dorm, object], others: Sequence[Dorm]) -> list[Dorm]:
    """The one dormitory that all of these words and numbers are said of; none where they may be another's."""
    if not head:
        return []
    found = [dorm for dorm in beds if _is_said(head, dorm)]
    return found if len(found) == 1 and not any(_is_said(head, dorm) for dorm in others) else []


def _is_said(head: Sequence[Token], dorm: Dorm) -> bool:
    initials = "".join(word[0] for word in dorm if word.isalpha())
    return all(
        token.text in dorm
        or (
            not token.is_number
            and (
                any(likeness(token.text, word) >= _LIKE for word in dorm if word.isalpha())
                or (len(token.text) > 1 and token.text in initials)
            )
        )
        for token in head
    )


def _whole_dorm(name: str, beds: Mapping[Dorm, Mapping[str, str]], key: str) -> Dorm:
    """A dormitory that is let as a whole, and none of whose beds are let one by one; empty for another room."""
    tokens = _counted(tokens_of(name))
    said = tuple(token.text for token in tokens)
    if any(key in signs.values() for signs in beds.values()) or not any(
        say.KINDS.get(word) == "dorm" or word.endswith(f" {_COUNT}") for word in said
    ):
        return ()
    is_theirs = any(_is_said([Token(word, word, " ") for word in dorm], said) for dorm in beds)
    return () if is_theirs else said
