"""Who gets nothing: the words by which feeds say that days are no guest's stay, or not yet, or not any more.

The words are data, one table for all languages; a connection's settings add to it (`not_a_stay`, `is_a_stay`). What
matters as much is *where* a word stands, for people are called Block, Holden and Pending, and flights are cancelled.
A word counts

1. as the event's STATUS, and behind a label for it in the title or the description ("Status: cancelled");
2. in the title as a part of its own: the whole title, or what signs part from the rest ("Hold - Anna", "[Cancelled]
   Anna", "Airbnb (Not available)"), words such as *booking* or *by host* beside it left aside;
3. at the beginning of the title, where nobody is called so ("Cancelled Anna Novak", "Not available until May");
4. as a whole line of the description, where nobody is called so, or with what follows such a word there ("Cancelled by
   the guest"); what is blocked only where the title names nobody.

Never as a part of a word or of a sentence. A comma or a slash parts only what nobody is called ("Block, Anna" is a
guest), and behind *Reserved* stands a name. What is cancelled beats what is not confirmed, and that beats what is
blocked. A block that carries a booking code or speaks of a guest may be a stay: that is unclear, and told, as is a
status that nobody knows, and a title of which no word can be a name (`everyday_words`). `is_a_stay` makes a
stay of what the table calls blocked or not confirmed by its title; a cancellation it never undoes.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from connectors.words.enquiries import is_answered, is_enquiry, may_be_a_person
from connectors.words.everyday_words import names_nobody
from connectors.words.labelled import labelled, yes_or_no
from connectors.words.letters import folded
from connectors.words.lookup import Words, words_of
from connectors.words.words_of_status import (
    ASIDE,
    ASKS,
    AT_START,
    BLOCKS_AT_START,
    CHECKS,
    DID_NOT_HAPPEN,
    EARLY_OR_LATE,
    ENDS_IN_SMALL_LETTERS,
    FINE,
    FIRMS,
    GOES_ON,
    HOSTS,
    NAMELESS,
    NAMES_BEHIND_RESERVED,
    NEGATIONS,
    NO_NAME_BEGINS,
    NO_NAME_GOES_ON,
    NOUNS,
    OF_OTHERS,
    OF_OWNERS,
    OF_STAYS,
    OWNERS,
    PARTIES,
    SHORTENED,
    STAFF,
    STAYS,
    TAKEN,
    UNITS,
    WHEN,
    WHOLE_ONLY,
    WORK,
    Standing,
)
from connectors.words.words_of_titles import (
    BLOCKS_AT_END,
    COUNT_OR_DAY,
    DOUBTS,
    FEES,
    GUEST_IN_IT,
    NOT_POSSIBLE,
    RATES,
    is_number,
    kept_for_hours,
    without_marks,
)

LONGEST_TITLE, LONGEST_TEXT, LONGEST_LINE = 500, 4_000, 300
"""Characters that are looked at."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an event is, and which word says so."""

    standing: Standing
    word: str = ""
    """As the table or the settings have it, in folded letters; empty where it is a part of more, or where somebody may
    be called so and it is unclear. Never a guest's name, which may stand in a title and where a STATUS should."""
    where: str = ""
    """ "the title", "the description", "the status", for a sentence; empty for a stay."""


_NAME_WORD = re.compile(r"[^\W\d_a-z][^\W\d_]*(?:['’.-][^\W\d_]*)*")
"""A word that begins like a name."""

_SIGNS = re.compile(r"[\n:|•·*#()\[\]{}<>–—;!?_=~\"“”„«»→]|(?<=\s)-|-(?=\s)|^-|-$|\.{2,}")
"""What parts the title. A dot ends abbreviations ("Mr. Block")."""

_WEAK_SIGNS = re.compile(r"[,/+&]")
"""What stands within the names of people as well."""

_SHORTENED = re.compile(rf"(?<!\w)({'|'.join(SHORTENED)})\.(?!\w)", re.IGNORECASE)

_OF_HERS = {"her", "his", "their", "the", "this"}

_OF_OWNERS = OWNERS | OF_OWNERS | (ASIDE - STAYS)


def standing(
    summary: str,
    description: str = "",
    status: str = "",
    *,
    categories: str = "",
    busy: str = "",
    code: str = "",
    extra_not: Sequence[str] = (),
    extra_is: Sequence[str] = (),
) -> Verdict:
    """What an event is, by its words.

    `summary`, `description`, `status`, `categories` and `busy` are the event's, without escapes; `code` the booking
    code that was found in it. `extra_not` and `extra_is` are the settings `not_a_stay` and `is_a_stay`.
    """
    words = words_of(tuple(extra_not), tuple(extra_is))
    title = _SHORTENED.sub(lambda found: SHORTENED[found[1].casefold()], without_marks(summary[:LONGEST_TITLE]))
    text = description[:LONGEST_TEXT]
    is_named_stay = _is_named(title, words)

    def speaks_of_guest() -> bool:
        return bool(code or GUEST_IN_IT.search(f"{title}\n{text}"))

    found: list[Verdict] = [
        *_by_status(status[:LONGEST_LINE], words),
        *_by_label(f"{title}\n{text}", words),
        *(one for one in _by_title(title, words) if not is_named_stay or _is_final(one)),
        *(one for one in _by_title(categories[:LONGEST_TITLE], words) if not is_named_stay or _is_final(one)),
        *(one for one in _by_line(text, words) if one.standing is not Standing.BLOCKED or not _has_name(title)),
    ]
    if not is_named_stay and (mark := DOUBTS.search(title)) is not None and title.count("?") == mark[0].count("?"):
        found.append(Verdict(Standing.UNCLEAR, mark[0].strip()[-3:], "the title"))
    if busy == "TENTATIVE":
        found.append(Verdict(Standing.NOT_CONFIRMED, "TENTATIVE", "the status"))
    for wanted in (Standing.CANCELLED, Standing.OVER, Standing.NOT_CONFIRMED, Standing.BLOCKED, Standing.UNCLEAR):
        for one in found:
            if one.standing is wanted:
                is_doubtful = wanted is Standing.BLOCKED and (speaks_of_guest() or _names_somebody(title, words))
                word = "" if one.word in words.called_so else one.word
                return Verdict(Standing.UNCLEAR, word, one.where) if is_doubtful else one
    if not is_named_stay and names_nobody(title, phrase := folded(title)) and not speaks_of_guest():
        # People are called Maler and Freitag: the words themselves are told to nobody.
        return Verdict(Standing.UNCLEAR, "" if phrase else title.strip()[:5], "the title")
    return Verdict(Standing.STAY)


def _names_somebody(title: str, words: Words) -> bool:
    """Whether a whole name stands beside a word for taken days ("CLOSED - Anna Novak", "Closed Anna Novak")."""
    parts = [part.strip() for part in _SIGNS.split(title) if part.strip()]
    if len(parts) == 1 and not parts[0].isupper():
        parts = parts[0].split(maxsplit=1)
    taken = [phrase for phrase in map(folded, parts) if phrase in TAKEN and phrase not in words.added]
    return bool(taken) and any(map(_is_whole_name, parts))


def _is_whole_name(part: str) -> bool:
    shown, phrase = part.split(), folded(part)
    if not 2 <= len(shown) <= 4 or not all(map(_NAME_WORD.fullmatch, shown)):
        return False
    common = any(names_nobody(one, one) or one in ASIDE | OF_STAYS | UNITS for one in phrase.split())
    return not common and words_of().standings.get(phrase) is None


def _has_name(title: str) -> bool:
    """Whether a title says more than that somebody comes."""
    return any(not _RESERVED.fullmatch(phrase) for part in _SIGNS.split(title) if (phrase := folded(part)))


def _is_final(verdict: Verdict) -> bool:
    return verdict.standing in (Standing.CANCELLED, Standing.OVER)


def _is_named(title: str, words: Words) -> bool:
    """Whether `is_a_stay` has the title, a part of it, or how it begins."""
    whole = folded(title)
    parts = {folded(part) for part in _SIGNS.split(title)}
    return any(one == whole or one in parts or f"{whole} ".startswith(f"{one} ") for one in words.stays)


def _by_status(status: str, words: Words) -> Iterable[Verdict]:
    for part in re.split(r"[,;/|]", status):
        phrase = folded(part)
        if not phrase or phrase in _fine() or phrase in words.stays:
            continue
        yield Verdict(_known(phrase, words) or Standing.UNCLEAR, _word(phrase, words), "the status")


def _by_label(text: str, words: Words) -> Iterable[Verdict]:
    for said in labelled(text, LONGEST_LINE):
        if said.value in _fine() or said.value in words.stays:
            continue
        known = _known(said.value, words)
        if known is not None and (said.is_status or known is Standing.BLOCKED):
            yield Verdict(known, _word(said.value, words), "the description")
        elif said.is_status and said.is_sure and len(said.value) <= 40:
            yield Verdict(Standing.UNCLEAR, "", "the description")


def _word(phrase: str, words: Words) -> str:
    """The phrase, where the table or the settings have just that."""
    return phrase if phrase in words.standings else ""


def _known(phrase: str, words: Words) -> Standing | None:
    """By a whole phrase, by one with words beside it, or by how it begins."""
    known = words.standings.get(phrase)
    if known is not None:
        return known
    bare = " ".join(one for one in phrase.split() if one not in ASIDE)
    return words.standings.get(bare) or _by_start(phrase, words)


def standing_of(phrase: str, whole: bool = False) -> Standing | None:
    """What a phrase in folded letters says that stands where nothing but a status does; None where it says nothing, or
    only that days are taken. `whole`: nothing but the phrase itself counts, and not how it begins."""
    words = words_of()
    if phrase in _fine() or phrase in WHOLE_ONLY:
        return None
    if not whole:
        return _known(phrase, words)
    bare = " ".join(one for one in phrase.split() if one not in ASIDE)
    return words.standings.get(phrase) or words.standings.get(bare)


def may_be_a_name(word: str, not_a_stay: tuple[str, ...] = ()) -> bool:
    """Whether somebody may be called like a word of the table, and the setting `not_a_stay` does not have it."""
    return word in words_of(not_a_stay).called_so


def _by_title(title: str, words: Words) -> Iterable[Verdict]:
    written = [part for part in _SIGNS.split(title) if folded(part)]
    parts = [folded(part) for part in written]
    is_reserved = bool(parts) and bool(_RESERVED.fullmatch(parts[0]))
    is_alone = sum(not set(phrase.split()) <= ASIDE | OF_STAYS for phrase in parts) <= 1
    for place, phrase in enumerate(parts):
        known = words.standings.get(phrase)
        if phrase in WHOLE_ONLY and phrase not in words.added and not is_alone:
            continue
        behind = "".join(parts[place + 1 : place + 2]).split()
        if known is Standing.NOT_CONFIRMED and place and not OF_OTHERS.isdisjoint(behind):
            # "Anna Novak - request: cot"
            continue
        if known is not None and not (is_reserved and place and phrase in NAMES_BEHIND_RESERVED):
            yield Verdict(known, phrase, "the title")
            continue
        if place and _is_of_rates_or_fees(written[place - 1], phrase):
            continue
        bare = " ".join(one for one in phrase.split() if one not in ASIDE)
        if not OWNERS.isdisjoint(phrase.split()) and _OF_OWNERS.issuperset(phrase.split()):
            yield Verdict(Standing.BLOCKED, "", "the title")
            continue
        known = words.sure(bare) or _by_start(phrase, words) or _by_end(_without_tail(phrase, words), words)
        if known is None and Standing.NOT_CONFIRMED in map(words.standings.get, kept_for_hours(phrase)):
            known = Standing.NOT_CONFIRMED
        has_number = any(map(str.isdigit, phrase))
        unnumbered = [one for one in phrase.split() if not (has_number and is_number(one))]
        alone = " ".join(one for one in unnumbered if one not in OF_STAYS)
        if known is None and alone != phrase:
            # "Booking pending", "Airbnb block" and "Offer no. 5" are no guests of that name.
            known = words.standings.get(alone) or words.standings.get(" ".join(unnumbered))
        if known is Standing.UNCLEAR and "," in written[place] and _is_whole_name(written[place].partition(",")[0]):
            continue  # "Anna Novak, no cleaning"
        if known is None and is_enquiry(written[place], phrase, place == len(parts) - 1):
            known = Standing.NOT_CONFIRMED
        if known in (None, Standing.NOT_CONFIRMED) and may_be_a_person(phrase):
            known = Standing.UNCLEAR
        if known is Standing.NOT_CONFIRMED and is_answered(phrase):
            continue
        if known is None:
            known = _by_letter_case(written[place], phrase, words, others=parts[:place] + parts[place + 1 :])
        if known is not None and not (
            phrase.split()[0] in words.called_so and title.lstrip()[len(phrase.split()[0]) :][:1] == ","
        ):
            yield Verdict(known, _word(bare, words), "the title")
    several = _WEAK_SIGNS.split(title)
    for part in several if len(several) > 1 else ():
        if (known := words.sure(phrase := folded(part))) is not None:
            yield Verdict(known, phrase, "the title")


def _is_of_rates_or_fees(before: str, phrase: str) -> bool:
    """Whether a part behind a name speaks of a rate ("annulation gratuite") or of a fee ("cleaning fee paid")."""
    tokens = set(phrase.split())
    is_of_a_fee = not tokens.isdisjoint(WORK) and not tokens.isdisjoint(FEES) and _is_whole_name(before)
    return is_of_a_fee or not (tokens.isdisjoint(NOUNS) or tokens.isdisjoint(RATES))


def _by_letter_case(written: str, phrase: str, words: Words, others: Sequence[str]) -> Standing | None:
    """By what no name is written like: "Not taking guests", "Wir sind da", "Novak hold", "Weekend block", "Unbookable".
    `others` are the other parts of the title: behind a name, "no breakfast" is a remark."""
    tokens = phrase.split()
    shown = written.split()
    if len(tokens) == 1 and NOT_POSSIBLE.fullmatch(tokens[0]):
        return Standing.BLOCKED
    if any(one in phrase for one in _unparted_blocks()):
        return Standing.UNCLEAR
    of_names = [one for one in others if not set(one.split()) <= ASIDE | OF_STAYS | STAYS | UNITS]
    is_blocked = min(map(len, tokens[-2:])) > 1 and words.sure(" ".join(tokens[-2:])) is Standing.BLOCKED
    if len(tokens) > 1 and not of_names and (is_blocked or shown[-1].casefold() in BLOCKS_AT_END):
        # "Hostfully Blocked", "Marriott not available": under the name of any platform.
        return Standing.UNCLEAR
    if len(shown) < 2 or len(tokens) < 2 or folded(shown[0]) != tokens[0] or folded(shown[-1]) != tokens[-1]:
        return None
    is_sentence = tokens[0] in ASKS or (tokens[0] in NO_NAME_BEGINS | HOSTS and shown[1][0].islower())
    if is_sentence and phrase not in NAMELESS:
        return Standing.UNCLEAR if not of_names else None
    if tokens[-1] in OWNERS and tokens[-2] in _OF_OWNERS:
        return Standing.UNCLEAR
    if shown[0].islower() or not shown[-1].islower():
        return None
    if tokens[-1] in BLOCKS_AT_START or (tokens[-1] in ("block", "owner") and tokens[-2] not in OF_OTHERS):
        return Standing.UNCLEAR
    if tokens[-1] in ENDS_IN_SMALL_LETTERS and (shown[-2][0].isupper() or tokens[-2] in PARTIES):
        return words.standings.get(tokens[-1])
    return None


@lru_cache(maxsize=1)
def _unparted_blocks() -> tuple[str, ...]:
    """What is blocked, in scripts that do not part words: it is found within a title, and in no name."""
    blocked = (phrase for phrase, one in words_of().standings.items() if one is Standing.BLOCKED)
    return tuple(phrase for phrase in blocked if len(phrase) > 1 and "\u3040" <= phrase[0] <= "\u9fff")


_RESERVED = re.compile(
    r"(?:reserved|reservation|booked|booking|reserviert|gebucht|buchung|reserve|reservee|reservado|"
    r"reservada|reserva|prenotato|prenotata|prenotazione|gereserveerd|geboekt|boeking|rezerwacja|zarezerwowane)"
)


def is_reserved(summary: str, description: str = "") -> bool:
    """Whether a title says that somebody has booked, as channels do without a name; or the text speaks of a guest."""
    phrases = [folded(one) for one in _SIGNS.split(summary[:LONGEST_TITLE])]
    words = {word for phrase in phrases for word in phrase.split()}
    said = any(_RESERVED.match(one) for one in phrases) or bool(words & STAYS)
    return said or GUEST_IN_IT.search(f"{summary[:LONGEST_TITLE]}\n{description[:LONGEST_TEXT]}") is not None


def _by_start(phrase: str, words: Words) -> Standing | None:
    """By how a title or a line begins, where nobody is called so; behind *booking* or a channel as well ("Buchung
    storniert Müller")."""
    tokens = phrase.split()
    while len(tokens) > 2 and (tokens[0] in OF_STAYS | STAYS or _RESERVED.fullmatch(tokens[0]) or tokens[0].isdigit()):
        tokens = tokens[1:]
    if tokens[0] in WORK and len(tokens) > 1 and not FIRMS.intersection(tokens):
        # "Cleaning Anna", "Repair of the roof".
        return Standing.UNCLEAR
    if tokens[0] in STAFF:
        return Standing.UNCLEAR
    if tokens[0] in OWNERS and len(tokens) > 1:
        # The owner by name, or the owner's guest.
        return words.standings.get(phrase) or Standing.UNCLEAR
    for size in (4, 3, 2, 1):
        if len(tokens) <= size:
            continue
        start = " ".join(tokens[:size])
        is_status = start in AT_START or tokens[size] in NO_NAME_GOES_ON or (start == "hold" and len(tokens) > 2)
        known = words.standings.get(start) if is_status else words.sure(start)
        is_spoken_of = start in NOUNS and tokens[size] in GOES_ON
        is_spoken_of |= known is Standing.NOT_CONFIRMED and tokens[size] in EARLY_OR_LATE
        if known is None or is_spoken_of or tokens[size] in OF_OTHERS:
            continue
        may_start = start in BLOCKS_AT_START or start in words.added or tokens[size] in NO_NAME_GOES_ON
        if known is not Standing.BLOCKED or may_start:
            return known
    return None


def _without_tail(phrase: str, words: Words) -> str:
    """A phrase up to the word for a status in it, where nothing follows but when, by whom or for how many: "Smith
    cancelled on 12 9", "Müller Option bis Freitag", "Rossi provvisorio 2 pax". Else the phrase itself."""
    tokens = phrase.split()
    for place in range(1, len(tokens) - 1):
        goes_on = tokens[place + 1]
        said = words.sure(tokens[place]) or words.sure(" ".join(tokens[place - 1 : place + 1]))
        has_happened = goes_on in ("am", "on", "dne", "dnia", "den", "vom") and tokens[-1].isdigit()
        if said is None or said is Standing.BLOCKED or (tokens[place] in NOUNS and not has_happened):
            continue
        is_told = (
            goes_on in WHEN
            or (_OF_HERS | OF_STAYS).issuperset(tokens[place + 1 :])
            or (said in (Standing.CANCELLED, Standing.OVER) and goes_on in GOES_ON)
        )
        if is_told or all(COUNT_OR_DAY.fullmatch(one) for one in tokens[place + 1 :]):
            return " ".join(tokens[: place + 1])
    return phrase


def _by_end(phrase: str, words: Words) -> Standing | None:
    """By how a title ends, where nobody is called so; what is blocked, where nothing but a room stands before."""
    tokens = phrase.split()
    for size in (4, 3, 2, 1):
        if len(tokens) <= size:
            continue
        known = words.sure(" ".join(tokens[-size:]))
        if size == 1 and tokens[-1] in WORK:
            return Standing.UNCLEAR
        if known is None or tokens[-size - 1] in OF_OTHERS or tokens[-size - 2 : -size] in CHECKS:
            continue
        if tokens[-1] in NOUNS and not DID_NOT_HAPPEN.isdisjoint(tokens[:-size]):
            return None
        if tokens[-size - 1] in NEGATIONS:
            return Standing.UNCLEAR
        if known is not Standing.BLOCKED or all(one in UNITS or one.isdigit() for one in tokens[:-size]):
            return known
    return None


def _by_line(text: str, words: Words) -> Iterable[Verdict]:
    for line in text.split("\n"):
        phrase = folded(line[:LONGEST_LINE])
        tokens = phrase.split()
        if not tokens:
            continue
        bare = " ".join(one for one in tokens if one not in ASIDE)
        if phrase in words.of_titles or bare in words.of_titles:
            continue
        if (answer := yes_or_no(line[:LONGEST_LINE])) is not None:
            label = " ".join(one for one in answer[0].split() if one not in ASIDE | WHEN)
            known = words.sure(label)
            if known is not None and answer[1] and (label not in NOUNS or "date" in answer[0]):
                yield Verdict(Standing.UNCLEAR if label in NOUNS else known, _word(label, words), "the description")
            if known is not None:
                continue
        known = words.sure(phrase) or (words.sure(bare) if bare not in NOUNS else None)
        if known is None and len(tokens) > 1 and tokens[1] in GOES_ON and tokens[0] not in (*NOUNS, *words.of_titles):
            known = words.sure(tokens[0])
        if known is None and tokens[0] in ASIDE and _is_cancelled(tokens, words):
            known = Standing.CANCELLED
        if known is not None:
            yield Verdict(known, _word(bare, words) or _word(tokens[0], words), "the description")


def _is_cancelled(tokens: Sequence[str], words: Words) -> bool:
    """Whether a sentence about the booking says so: "This reservation was cancelled by the guest on 3 Sep", "Die
    Buchung wurde am 3.9. storniert", "Booking 4711 - cancelled"."""
    said = [one for one in tokens if one not in ASIDE]
    if said[1:2] and said[1] not in GOES_ON and tokens[tokens.index(said[0]) + 1] in GOES_ON:
        said = said[:1]
    elif said[:1] and words.sure(said[0]) is None:
        said = [one for one in said if one not in WHEN and not any(map(str.isdigit, one))]
    is_of_the_stay = not (OF_STAYS | STAYS).isdisjoint(tokens)
    return is_of_the_stay and len(said) == 1 and said[0] not in NOUNS and words.sure(said[0]) is Standing.CANCELLED


def is_nobodys_name(name: str) -> bool:
    """Whether what stands in place of a name says that somebody comes ("Reserved", "Airbnb guest"), and not who."""
    phrase = folded(name)
    words = [one for one in phrase.split() if not _RESERVED.fullmatch(one)]
    return bool(phrase) and (
        phrase in NAMELESS or all(one in STAYS or one in OF_STAYS or one.isdigit() for one in words)
    )


def is_of_a_status(phrase: str) -> bool:
    """Whether a phrase in folded letters speaks of how a booking stands, or of a room, and is no part of a name."""
    words = phrase.split()
    return (
        phrase in _fine()
        or words_of().sure(phrase) in (Standing.CANCELLED, Standing.OVER, Standing.NOT_CONFIRMED)
        or " ".join(one for one in words if one not in ASIDE) in _fine()
        or (bool(words) and words[0] in UNITS and all(len(one) == 1 or one[0].isdigit() for one in words[1:]))
    )


@lru_cache(maxsize=1)
def _fine() -> frozenset[str]:
    return frozenset(folded(one) for one in FINE.split(", "))
