"""Who is who: which of the people on a booking is whom Seam knows already, where the PMS gives people no ids.

A PIN belongs to a person. A PMS that numbers the guests of a booking by their place in a list says nothing of who they
are, so that is told by name and contact; the place counts only where nothing else can tell.
"""

import unicodedata
from collections.abc import Callable, Collection, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import takewhile

from connectors.spellings import spellings
from mappers.resources import DesiredUserIdentity
from mappers.user_identities import contact_name

NEARLY = 0.75
"""Above so much likeness (of 1) two words may be one, written once with a mistake: Novak and Novakova, not Jana and
Hana."""
NOBODY = 0


def recognise(
    people: Sequence[DesiredUserIdentity],
    known: Sequence[DesiredUserIdentity],
    as_told: Collection[tuple[str, str]] = (),
) -> dict[str, str]:
    """Which of those whom Seam knows is which of the people on one booking: her key there, by the key of her place.

    `people` are as the PMS has them now, `known` as Seam has them; both by key, and a key says nothing but a place.
    `as_told` are pairs of such keys where the PMS says exactly what it said when Seam was told last: the same person by
    all that anybody can know. Nobody is taken for two people. Who is missing in the answer is somebody new.
    """
    likenesses = sorted(
        (
            (-rank, person.key != _place(other.key, person.key), place, number)
            for place, person in enumerate(people)
            for number, other in enumerate(known)
            if (rank := _likeness(person, other, as_told)) > NOBODY
        ),
    )
    found: dict[str, str] = {}
    taken: set[int] = set()
    for _, _, place, number in likenesses:
        if people[place].key not in found and number not in taken:
            found[people[place].key] = known[number].key
            taken.add(number)
    return found


def have_one_name(person: DesiredUserIdentity, other: DesiredUserIdentity) -> bool:
    """Whether two have the same name, of one word or more in whatever order, and no contact speaks against it."""
    one = sorted(_words(person.full_name))
    return bool(one) and one == sorted(_words(other.full_name)) and _contact(person, other) >= 0


def tells_less(name: str | None, known: str | None) -> bool:
    """Whether a name is no more than one word of the known one, or none: what is told of her now is not all that is
    known, and who follows her is to be compared with that."""
    told, all_of_it = _words(name), _words(known)
    return len(told) < min(2, len(all_of_it)) and set(told) <= set(all_of_it)


def next_key(place: str, number: int) -> str:
    """The key of the nth person who has had this place on a booking: the first has the place's own."""
    return place if number == 1 else f"{place}:{number}"


def _place(key: str, place: str) -> str:
    """The place that a key of `next_key` is for, if it is this one; else the key itself."""
    return place if key.startswith(f"{place}:") and key[len(place) + 1 :].isdigit() else key


def _likeness(person: DesiredUserIdentity, other: DesiredUserIdentity, as_told: Collection[tuple[str, str]]) -> int:
    """How surely two are one person; `NOBODY` where they are not."""
    same_place = _place(other.key, person.key) == person.key
    if same_place and (person.key, other.key) in as_told:
        return 9
    contact = _contact(person, other)
    one, two = _words(person.full_name), _words(other.full_name)
    if not one or not two:
        # No name to compare: a contact in common, else the place, unless anything speaks against it.
        return 4 if contact > 0 else 1 if contact == 0 and same_place else NOBODY
    if sorted(one) == sorted(two):
        return 8 if contact > 0 else 7 if contact == 0 else 3
    if contact >= 0 and _is_another_spelling(person.full_name, other.full_name):
        return 6 if contact > 0 else 2
    if contact > 0 and _nearly(one, two, _is_likely) and not _are_two_first_names(one, two):
        return 6
    if contact == 0 and (_nearly(one, _in_the_form_of(one, two), _is_misspelt) or _has_longer_surname(one, two)):
        return 2
    # The same first name and address: she has another surname now. Anybody else who has her address is somebody else:
    # couples share one, and so do all guests of an agency.
    has_new_surname = one[0] == two[0] and not any(_digits(word) for word in {*one} ^ {*two})
    return 5 if contact > 0 and has_new_surname and not _contradict(person, other) else NOBODY


def _contact(person: DesiredUserIdentity, other: DesiredUserIdentity) -> int:
    """How many contacts they share; below zero where they share none, and have different ones of the same kind."""
    shared = sum(
        one is not None and two is not None and contact_name(one) == contact_name(two)
        for one, two in _contacts(person, other)
    )
    return shared or (-1 if _contradict(person, other) else 0)


def _contradict(person: DesiredUserIdentity, other: DesiredUserIdentity) -> bool:
    return any(
        one is not None and two is not None and contact_name(one) != contact_name(two)
        for one, two in _contacts(person, other)
    )


def _contacts(person: DesiredUserIdentity, other: DesiredUserIdentity) -> list[tuple[str | None, str | None]]:
    return [(person.email_address, other.email_address), (person.phone_number, other.phone_number)]


@lru_cache(maxsize=16_384)
def _words(name: str | None) -> tuple[str, ...]:
    """A name without what people leave out or write otherwise: case, accents, hyphens, dots."""
    plain = unicodedata.normalize("NFKD", name or "").casefold()
    letters = "".join(one if one.isalnum() else " " for one in plain if not unicodedata.combining(one))
    return tuple(letters.split())


def _is_another_spelling(one: str | None, two: str | None) -> bool:
    """Whether two names have the same words, in other letters or by another country's rules."""
    mine, hers = sorted(spellings(one or "")), sorted(spellings(two or ""))
    return bool(mine) and mine == hers


def _nearly(one: tuple[str, ...], two: tuple[str, ...], is_same: Callable[[str, str], bool]) -> bool:
    """Whether one name may be the other with a mistake, a word more or less, an initial, or other spaces."""
    if "".join(one) == "".join(two):
        return True
    shorter, longer = sorted((list(one), list(two)), key=len)
    rest = list(longer)
    mistakes = 0
    for word in sorted(shorter, key=lambda each: each not in rest):
        match = word if word in rest else next((other for other in rest if is_same(word, other)), None)
        if match is None:
            return False
        mistakes += min(len(word), len(match)) > 1 and word != match
        rest.remove(match)
    return mistakes <= 1


def _in_the_form_of(one: tuple[str, ...], two: tuple[str, ...]) -> tuple[str, ...]:
    """The second name with the first one's surname, where that is one in another form: Novak and Novakova."""
    mine, other = one[-1], two[-1]
    common = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(mine, other, strict=False)))
    if common < 4 or max(len(mine), len(other)) - common > 3 or _digits(mine) or _digits(other):
        return two
    return (*two[:-1], mine)


def _is_likely(one: str, two: str) -> bool:
    """Whether two words may be one, where the address is the same."""
    if _digits(one) or _digits(two):
        # "Guest 12" is not "Guest 13" with a mistake, but may be "Guest 12e": the same number, a letter more or less.
        return _digits(one) == _digits(two) and _is_one_letter_longer(one, two)
    if min(len(one), len(two)) == 1:
        return one[0] == two[0]
    return SequenceMatcher(None, one, two, autojunk=False).ratio() > NEARLY


def _is_misspelt(one: str, two: str) -> bool:
    """Whether two words may be one though nothing but the name tells: one letter within the word, for what differs at
    its ends tells Mario from Maria, Jan from Jana and Hana from Jana."""
    if _digits(one) or _digits(two):
        return False
    if min(len(one), len(two)) == 1:
        return one[0] == two[0]
    if abs(len(one) - len(two)) > 1 or min(len(one), len(two)) < 4 or one[0] != two[0] or one[-1] != two[-1]:
        return False
    same = sum(block.size for block in SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks())
    return same >= max(len(one), len(two)) - 1


def _are_two_first_names(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether the first names, alike as they are, tell two people apart, as of a couple with one address: Jana and
    Hana, Mario and Maria, Jan and Jana."""
    first, second = sorted((one[0], two[0]), key=len)
    if one[0] in two or two[0] in one or len(first) == 1:
        return False
    if first[0] != second[0] or second == f"{first}a":
        return True
    return len(first) == len(second) and first[-1] != second[-1]


def _has_longer_surname(one: tuple[str, ...], two: tuple[str, ...]) -> bool:
    """Whether nothing differs but one long word after the first name, by a letter more or less: Novak and Novake."""
    different = [pair for pair in zip(one, two, strict=False) if pair[0] != pair[1]]
    if len(one) != len(two) or one[0] != two[0] or len(different) != 1:
        return False
    first, second = different[0]
    return (
        min(len(first), len(second)) > 3 and _digits(first) == _digits(second) and _is_one_letter_longer(*different[0])
    )


def _is_one_letter_longer(one: str, two: str) -> bool:
    """Whether one word is the other with one letter put in."""
    shorter, longer = sorted((one, two), key=len)
    return len(longer) == len(shorter) + 1 and any(
        longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer))
    )


def _digits(word: str) -> str:
    return "".join(letter for letter in word if letter.isdigit())
