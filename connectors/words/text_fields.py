"""Names, contacts, codes and times out of the free text of an event: what is labelled, or can be nothing else.

A feed's texts are lines, and most lines are a label and what belongs to it ("Phone: +43 660 5550101"). Labels are data,
in the languages of the large platforms. What has a label that nobody knows (the host's phone) is nobody's.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import time
from functools import lru_cache

from connectors.phones import phone_in
from connectors.words.labels import LABELS
from connectors.words.letters import folded
from connectors.words.not_a_stay import is_of_a_status
from connectors.words.remarks import is_remark, without_remarks
from connectors.words.words_of_status import STAYS

LONGEST_TITLE, LONGEST_TEXT, LONGEST_LINE, LONGEST_NAME = 500, 4_000, 300, 100
"""Characters that are looked at."""

_FOURS = re.compile(r"\b(?:4|four|vier|quatre|cuatro|quattro|quatro|cztery|ctyri|fire|fyra|cetiri|negy|patru|nelja)\b")
_EASTERN_ENDS = re.compile(
    "(?=.*(?:電話|携帯|电话|手机|手機|전화|휴대폰|연락처|телефон))"
    ".*(?:下[4四]桁|[后後末][4四]位|(?:뒤|끝|마지막) ?4 ?자리|последн)"
)
"""What calls four digits the last of a phone where words are not parted, or another alphabet is written."""
_LASTS = re.compile(r"\b(?:last|letzt|derni|ultim|laatst|ostatni|posledn|sidst|sist|viimei|utolso|zadnj|ending|final)")
_ENDS = re.compile(
    r"\b(?:end(?:s|ing)? (?:in|with)|endet (?:auf|mit)|finit par|termina (?:en|con|em|in)|eindigt op|konczy sie)\b"
)
_CARDS = re.compile(
    r"\b(?:card|credit|visa|master|kart|karte|carte|tarjeta|carta|cartao|kreditkarte|passport|id|iban|account)"
)
_PHONES = re.compile(
    r"\b(?:phone|tele|tel|mobil|cell|handy|movil|portable|numer|number|digit|ziffer|chiffre|cifr|digito|rufnummer)"
)
_CODES = (
    re.compile(r"/reservations/details/([A-Za-z0-9]{4,32})"),
    re.compile(r"/reservation/itinerary\?code=([A-Za-z0-9]{4,32})"),
    re.compile(r"\b(HM(?=[A-Z]{0,9}\d)[A-Z0-9]{6,10})\b"),
    re.compile(r"(?:^|[(\[#:]\s?)(HM[A-Z]{8})(?=[)\]]|\s*$)", re.MULTILINE),
    re.compile(r"[?&]res_id=(\d{5,20})\b"),
)
"""What is a code wherever it stands: of Airbnb, four times (one of letters alone stands by itself or in brackets), and
of Booking.com."""
_CODE = re.compile(r"[#\s]{0,5}([A-Za-z0-9][\w./-]{1,62}[A-Za-z0-9])(?![\w-])")
_DATE = re.compile(r"\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.]\d{2,4}")
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%'-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
_URL = re.compile(r"\b(?:https?|webcal|mailto|tel):\S{1,300}|\bwww\.\S{1,300}", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h\d)\b[^<>]{0,100}>", re.IGNORECASE)
_TAG = re.compile(r"<(?![^<>\s=]{1,100}@)[^<>]{0,300}>")
"""Not an address in angles: <anna@example.com>."""
_RESERVED = re.compile(
    r"^\W{0,10}(?:reserv(?:ed|ation|iert|ierung|ering|eret|erat|ert|ad[oa]|a)|réserv(?:ée?|ation)|(?:re)?book(?:ed|ing)|"
    r"umgebucht|umbuchung|omgeboekt|ombokad|ombooket|gebucht|buchung|prenotat[oa]|prenotazione|geboekt|boeking|bokad|"
    r"gereserveerd|zarezerwowan[eay]|rezerwacja|rezerv(?:ace|ováno|irano|acija|are|at|asyon|e)|obsazeno|varattu|varaus|"
    r"foglalás|foglalva|κράτηση|rented(?: "
    r"out)?|vermietet|verhuurd|louée?|alquilad[oa]|arrendad[oa]|alugad[oa]|affittat[oa]|"
    r"udlejet|utleid|uthyr[dt]|wynajęt[eay]|pronajato|iznajmljeno|kiadva|予約|预订|預訂|حجز|הזמנה)\b"
    r"(?:\s{1,3}(?:for|by|from|via|on|at|für|von|über|bei|pour|par|de|du|sur|d'|para|por|do|em|per|da|di|su|voor|door|"
    r"van|dla|z|przez|od|to|an|à|aan|till|til))?(?!\w)[\s:–—|-]{0,10}",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    r"[\s(\[,;x-]{0,5}\b\d{1,3}\s{0,3}x?\s{0,3}(?:guests?|persons?|people|ppl|pax|adults?|kids?|child(?:ren)?|nights?|rooms?|gäste?|"
    r"gast|personen|erwachsene|kinder|nächte|nacht|voyageurs?|personnes?|adultes?|enfants?|nuits?|huéspedes|personas?|"
    r"adultos?|niños?|noches?|ospiti|persone|adulti|bambini|notti|hóspedes|pessoas?|noites?|gasten|nachten|osób|osoby|noce|"
    r"nocy)\b[\s)\]]{0,3}|[\s(\[（]{0,3}(?:大人|子供|小人|成人|儿童|兒童|성인|어린이)?\s?\d{1,3}\s?"
    r"(?:名様?|人|位|명|泊|晚|박)(?![^\W\d_])[\s)\]）]{0,3}",
    re.IGNORECASE,
)
_CHANNEL = re.compile(
    r"\b(?:airbnb(?:official)?|booking\.com|bookingcom|vrbo|homeaway|abritel|fewo-direkt|expedia|agoda|hostaway|guesty|beds24|smoobu|"
    r"lodgify|ownerrez|hospitable|tokeet|avantio|tripadvisor|hotels\.com|traum-ferienwohnungen)\b[\s:–—|/-]{0,6}",
    re.IGNORECASE,
)
_PRICE = re.compile(
    r"(?:[€$£¥]|\b(?:eur|usd|gbp|chf|czk|pln|huf|sek|nok|dkk|hrk)\b)\s{0,2}\d[\d.,' ]{0,12}(?:[.,]-)?|"
    r"(?<![\w.,])\d[\d.,']{0,12}(?:[.,]-)?\s{0,2}(?:[€$£¥]|\b(?:eur|usd|gbp|chf|czk|pln|huf|sek|nok|dkk|hrk|kč|zł|kr)\b)",
    re.IGNORECASE,
)
_PARTY = re.compile(
    r"(?<![\w.])(?:x\s?\d{1,2}|\d{1,2}\s?x|\d{1,2}\s?\+\s?\d{1,2}|\d{1,2}\s?[ACIEKB](?:\s?[,+/]?\s?\d{1,2}\s?[ACIEKB]){0,3}|"
    r"[([]\s?\d{1,2}\s?[)\]])(?!\w)"
)
"""How many they are: "2x", "2+1", "2A 1C", "(2)"."""
_NUMBERS = re.compile(
    r"(?<![^\s([|,/])(?:#[\w-]{0,40}\d[\w-]{0,40}|(?=[A-Z\d-]{0,40}[A-Z])(?=[A-Z-]{0,40}\d[A-Z-]{0,40}\d)[A-Z\d][A-Z\d-]{3,40})(?![^\s)\]|,/])"
)
"""What a program numbers its bookings by: "HA-1A2B3C", "#B1234567"."""
_WITH_LABEL = re.compile(
    r"(?<!\w)(?:no|nr|n[ºo°]|num|numero|número|numéro|id|ref|res|rsv|conf|bkg|cod)[.:#\s]{1,4}#?[\w-]{0,40}\d[\w-]{0,40}|"
    r"(?<!\w)[tmp][.:]\s?(?=[+(]?\d[\d\s().\-/]{5})",
    re.IGNORECASE,
)
"""A number with its label: "No. 4711", "ref 4711", "t: 0660 5550101"."""
_PICTURES = re.compile("[\u2190-\u2bff\ufe0f\u20e3\U0001f000-\U0001faff\U000e0020-\U000e007f]+")
"""Arrows, ticks, stars and emoji."""
_EMPTY_BRACKETS = re.compile(r"[(\[{<]\W{0,10}[)\]}>]")
_PARTS = re.compile(r"(\s[–—-]\s|\s?[|•·;/([\])]\s?|:\s)")
_CLOCK = re.compile(
    r"(?<![\d:])(\d{1,2})(?:\s{0,2}[:.h]\s{0,2}(\d\d))?(?::\d\d)?\s{0,3}(a\.?\s?m\b\.?|p\.?\s?m\b\.?|uhr\b|h\b|hrs?\b)?(?![\d:])",
    re.IGNORECASE,
)
_FOUR_DIGITS = re.compile(r"(?<!\d)([01]\d|2[0-3])([0-5]\d)(?!\d)")


@dataclass(frozen=True, slots=True)
class TextFields:
    """What a text tells of a booking and its guest; None or empty where it tells nothing."""

    name: str = field(default="", repr=False)
    """The whole name, without contacts, codes and words such as Reserved."""
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    """The first whole number: digits, with `+` before them where the country is told; without extension."""
    phone_last_4: str | None = field(default=None, repr=False)
    """Four digits that the text calls the last of the phone, or those of `phone`."""
    code: str = ""
    """The booking code or number."""
    status_word: str = ""
    """What stands behind a label for the status."""
    arrival_time: time | None = None
    """Local time of day, where the text tells it behind one of the words that the settings name."""
    departure_time: time | None = None


def fields_of(
    summary: str,
    description: str = "",
    location: str = "",
    url: str = "",
    *,
    arrival_words: Sequence[str] = (),
    departure_words: Sequence[str] = (),
) -> TextFields:
    """What the texts of an event tell. `arrival_words` and `departure_words` are labels for times of day.

    A name that is labelled as the guest's counts before the title, and the title before a name of whatever.
    Location and address are looked at for a booking code only.
    """
    title = lines_of(summary[:LONGEST_TITLE])
    text = lines_of(description[:LONGEST_TEXT])
    told: dict[str, list[str]] = {}
    free: list[str] = []
    behind: list[str] = []
    last_4 = None
    for lines, is_title in ((title, True), (text, False)):
        waiting = ""
        for line in lines:
            for label, value in _labelled(line, is_title):
                kind = _kind_of(label)
                if label and not last_4 and _is_last_4(label):
                    last_4 = _four(value)
                elif kind:
                    told.setdefault(kind, []).append(value)
                    if is_title and kind == "count" and len(value.split()) > 1:
                        # "3 nights: Anna Novak"
                        behind.append(value)
                elif waiting and not label:
                    told[waiting].append(value)
                elif is_title and not label:
                    free.append(value)
                elif is_title and label not in _OTHERS:
                    # "Apartment 3: Anna Novak", "Agoda: Anna Novak"; nobody knows all words that stand before a name.
                    behind.append(line if is_remark(value) else value)
                # What a label stands alone before may be in the next line.
                waiting = kind if kind and not value else ""
    phone, last_4 = _phone([*told.get("phone", ()), *(one for one in free if "+" in one)], last_4)
    mails = [*told.get("email", ()), *free, *told.get("phone", ())]
    code = _code(told.get("code", ()), [*title, *text], f"{location[:LONGEST_LINE]}\n{url[:LONGEST_LINE]}")
    first = _name(next(iter(told.get("first_name", ())), ""), code)
    last = _name(next(iter(told.get("last_name", ())), ""), code)
    other = _name(next(iter(told.get("any_name", ())), ""), code)
    if first and not last and first not in other:
        # "Name: Novak, Vorname: Anna"
        last = other
    elif last and not first and last not in other:
        # "Nome: Anna, Cognome: Novak"
        first = other
    names = [*told.get("name", ()), *free, *behind, *told.get("any_name", ())]
    name = next((found for one in names if (found := _name(one, code))), "")
    if first or last:
        name = f"{first} {last}".strip()
    else:
        first, last = _parted(name)
    return TextFields(
        name=name,
        first_name=first,
        last_name=last,
        email=next((mail[0].rstrip(".") for one in mails if (mail := _EMAIL.search(one))), None),
        phone=phone,
        phone_last_4=last_4,
        code=code,
        status_word=next((one[:60] for one in told.get("status", ()) if one), ""),
        arrival_time=_time_behind(arrival_words, [*title, *text]),
        departure_time=_time_behind(departure_words, [*title, *text]),
    )


def time_in(text: str) -> time | None:
    """The first time of day in a text, as people write it: 16:00, 4 PM, 16h30, 1600; None where there is none."""
    text = _DATE.sub(" ", text[:100])
    for found in _CLOCK.finditer(text):
        hours, minutes = int(found[1]), int(found[2] or 0)
        half = (found[3] or "").lower()[:1]
        if found[2] is None and not half:
            continue
        if half in ("a", "p"):
            if not 1 <= hours <= 12:
                continue
            hours = hours % 12 + (12 if half == "p" else 0)
        if hours < 24 and minutes < 60:
            return time(hours, minutes)
    bare = _FOUR_DIGITS.search(text)
    return time(int(bare[1]), int(bare[2])) if bare else None


def lines_of(text: str) -> list[str]:
    """The lines of a text without blanks, marks of HTML and what is not seen; each at most `LONGEST_LINE` long."""
    if "<" in text:
        text = _TAG.sub("", _BREAK.sub("\n", text))
    text = unicodedata.normalize("NFC", html.unescape(text)).replace("\\n", "\n").replace("\r", "\n")
    text = re.sub(r"[​-‏‪-‮⁠-⁩﻿]", "", text)
    text = _PHONE_SIGN.sub("Phone: ", text)
    lines = (re.sub(r"[^\S\n]+", " ", line[:LONGEST_LINE]).strip() for line in re.split(r"[\n\u2028\u2029]", text))
    return [line for line in lines if line]


@lru_cache(maxsize=1)
def _kinds() -> dict[str, str]:
    return {folded(label): kind for kind, labels in LABELS.items() for label in labels.split(", ")}


@lru_cache(maxsize=512)
def _kind_of(label: str) -> str:
    """What a label in folded letters is of; a number behind it ("Phone 1") makes no difference. Empty: of nothing.

    Labels of phones, addresses and numbers are put together in many ways ("Tél. portable", "Email (guest)", "Airbnb
    confirmation code"): one of which every word is of one kind, or says whose it is, is of that kind.
    """
    bare = re.sub(r" \d$", "", label)
    if (known := _kinds().get(label) or _kinds().get(bare)) is not None or len(label) > 60:
        return known or ""
    words = bare.replace("booking com ", "").split()
    for kind, several in _words_of_labels().items() if 1 < len(words) <= 6 else ():
        own = [one for one in words if one in several]
        if kind in map(_kinds().get, (*own, " ".join(own))) and all(one in own or one in _WHOSE for one in words):
            return kind
    names, guests = _words_of_names()
    is_of_guest = not names.isdisjoint(words) and not guests.isdisjoint(words)
    return "name" if is_of_guest and all(one in names or one in guests or one in _OF for one in words) else ""


@lru_cache(maxsize=1)
def _words_of_names() -> tuple[frozenset[str], frozenset[str]]:
    """Words for a name, and for a guest: "Nom du voyageur", "Full name of the guest"."""
    names, guests = (folded(LABELS[kind].replace(",", " ")).split() for kind in ("any_name", "name"))
    # A Czech guest is an English host.
    return frozenset(names), frozenset(guests) - frozenset(names) - _OF - {"host"}


@lru_cache(maxsize=1)
def _words_of_labels() -> dict[str, frozenset[str]]:
    """By kind, the words of its labels that are not of others."""
    return {
        kind: frozenset(folded(LABELS[kind].replace(",", " ")).split()) - _WHOSE - _OTHERS
        for kind in ("phone", "email", "code")
    }


_PHONE_SIGN = re.compile(r"(?:^|(?<=\s))[☎✆📞📱☏]\ufe0f?\s?:?\s?(?=\+?\(?\d)")
_OF = frozenset("primary main lead the of de du del des di da do dell la le el il der van z".split())
_WHOSE = frozenset(
    "guest guests customer client gast gastes kunde kunden voyageur huesped viajero ospite cliente hospede gosc goscia "
    "primary main lead first second private privat home work your the of de du del des di da do dell la le el il der "
    "van z hosta hosti гостя airbnb vrbo expedia agoda channel ota whatsapp sms viber signal telegram".split()
)
"""Words that say whose a phone is, or where a number is from."""


@lru_cache(maxsize=1)
def _next_label() -> re.Pattern[str]:
    """Where another label begins within a line: one with a colon, or one of phones with a number behind it."""

    def either(kinds: Iterable[str]) -> str:
        words = {label for kind in kinds for label in LABELS[kind].split(", ")}
        words |= {_unaccented(one) for one in words}
        return "|".join(re.escape(one).replace(r"\ ", r"[\s-]") for one in sorted(words, key=len, reverse=True))

    behind = r"\.?(?:\s\([^()]{0,40}\))?\s?[:：]"
    number = r"\.?\s?\+?\(?\d"
    ahead = rf"(?:{either(LABELS)}){behind}|(?:{either(['phone'])}){number}"
    return re.compile(rf"(?:[,;|/•·]\s{{0,3}}|\s)(?={ahead})", re.IGNORECASE)


def _unaccented(text: str) -> str:
    """The text, letter for letter, without accents: "Tél" is a label as "Tel" is."""
    return text if text.isascii() else "".join(unicodedata.normalize("NFD", one)[0] for one in text)


def _at_labels(text: str) -> list[str]:
    """A line, parted where another label begins: not within a label that ends as another one does ("First name")."""
    parts, start = [], 0
    for found in _next_label().finditer(_unaccented(text)):
        label = _COLON.split(text[found.end() : found.end() + 80], maxsplit=1)[0]
        before = folded(text[start : found.start()])
        if not _kind_of(f"{before} {folded(label)}") and before.rpartition(" ")[2] not in _OTHERS:
            parts.append(text[start : found.start()])
            start = found.end()
    return [*parts, text[start:]]


def _labelled(line: str, is_title: bool) -> Iterable[tuple[str, str]]:
    """The parts of a line, each with its label in folded letters; an empty label where there is none.

    A line with a label that nobody knows is of something else, all of it; but the title may begin with a name.
    """
    label, value = _parts(line)
    if label and (_kind_of(label) or _is_last_4(label)):
        value, *others = _at_labels(value)
        yield label, value
        if is_title and _kind_of(label) == "code" and (behind := _BEHIND_CODE.match(value)) is not None:
            # "Ref: 4711 / Anna Novak"
            yield "", behind[1]
        if is_title and _RESERVED.fullmatch(label):
            # "Reservation: Anna" as well as "Reservation: 4711".
            yield "", value
        yield from map(_parts, others)
        return
    if not is_title:
        yield label, value
        return
    reserved = _RESERVED.match(line)
    rest = line[reserved.end() :] if reserved is not None else ""
    if rest and _kind_of(_parts(rest)[0]):
        # "Reserved - Guest: Anna"
        yield from _labelled(rest, is_title)
        return
    first, *others = _at_labels(line)
    if others and folded(first) not in _OTHERS:
        others_told = list(map(_parts, others))
        if _RESERVED.fullmatch(others_told[0][0]):
            # "Direct booking: Anna" is not Direct.
            yield "", others_told[0][1]
        yield "", first
        yield from others_told
    elif label and reserved is None:
        yield label, value
    else:
        # "Reserved: Anna", whatever the language.
        yield "", line


_BEHIND_CODE = re.compile(r"#?(?=\S*\d)[\w-]{2,40}\s?(?:[/|,;·•–—]|\s-\s)\s?(.*)")
_COLON = re.compile(r"[:：=]")
_OTHERS = frozenset(
    "host owner emergency property agency cleaner office reception manager landlord vermieter notfall".split()
)
"""Whose phone may stand in a text beside the guest's."""
_DASHED = re.compile(r"[\W_]{0,10}([^:：=\d]{2,40}?)\s[–—-]\s(.*)")
_NUMBERED = re.compile(r"[\W_]{0,10}([^:：=\d(+]{2,60}?)[\s.]{0,3}(?=\+?\(?\d|[xX*•]{2})(.*)")
_ENDS_IN_FOUR = re.compile(r"[\W_]{0,10}(.{4,70}?)[\s:–—-]{1,5}(?:[xX*•]{1,12}[\s-]{0,3})?(\d{4})\W{0,3}$")


def _parts(line: str) -> tuple[str, str]:
    """A line's label in folded letters, and what stands behind it; an empty label where there is none."""
    found = re.match(r"[\W_]{0,10}([^:：=]{1,80}?)\s?[:：=]\s{0,3}(?!//)(.*)", line)
    label = folded(found[1]) if found is not None else ""
    if found is not None and label in ("tel", "mailto") and not _COLON.split(line)[1].startswith(" "):
        return "phone" if label == "tel" else "email", found[2].strip()
    if found is not None and (_kind_of(label) or _is_last_4(label)):
        return label, found[2].strip()
    for pattern, kinds in ((_NUMBERED, ("phone",)), (_DASHED, ("name", "phone", "email"))):
        other = pattern.match(line)
        if other is not None and _kind_of(one := folded(other[1])) in kinds:
            return one, other[2].strip()
    four = _ENDS_IN_FOUR.match(line)
    if four is not None and _is_last_4(one := folded(four[1])):
        return one, four[2]
    if found is None and _kinds().get(folded(line)) in ("phone", "email", "name", "code"):
        # A label alone, and what it labels in the next line.
        return folded(line), ""
    if found is None or not label or label in ("http", "https", "webcal"):
        return "", line
    return label, found[2].strip()


def _is_last_4(label: str) -> bool:
    """Whether a label says that four digits are the end of a phone number, and of nothing else."""
    return bool(
        _EASTERN_ENDS.match(unicodedata.normalize("NFC", label))
        or (
            ((_FOURS.search(label) and _LASTS.search(label)) or _ENDS.search(label))
            and _PHONES.search(label)
            and not _CARDS.search(label)
        )
    ) or (label in ("last 4", "last four"))


def _four(value: str) -> str | None:
    found = re.fullmatch(r"[\W_]{0,20}(?:[xX*]{1,12}[\W_]{0,5})?(\d{4})[\W_]{0,10}", value[:60])
    return found[1] if found else phone_in(value).last_4


def _phone(values: Sequence[str], last_4: str | None) -> tuple[str | None, str | None]:
    for value in values:
        found = phone_in(value)
        if found.number is not None:
            return found.number, last_4 or found.last_4
        if found.last_4 is not None:
            last_4 = last_4 or found.last_4
        elif (inner := re.match(r"\(?\s?([^:()]{4,40})\)?\s?:\s?(.{4,40})$", value)) and _is_last_4(folded(inner[1])):
            last_4 = last_4 or _four(inner[2])
    return None, last_4


def _code(labelled: Sequence[str], lines: Sequence[str], elsewhere: str) -> str:
    everything = "\n".join([*lines, elsewhere])
    found = _CODES[0].search(everything)
    if found is not None:
        return found[1]
    for value in labelled:
        told = _CODE.match(value)
        if told is not None and not _DATE.match(value.lstrip("# ")) and any(sign.isdigit() for sign in told[1]):
            return told[1]
        if known := next((one[1] for pattern in _CODES if (one := pattern.search(value))), ""):
            return known
    return next((found[1] for pattern in _CODES if (found := pattern.search(everything))), "")


def _name(text: str, code: str) -> str:
    """A name, without what is none; empty where nothing is left."""
    text = _URL.sub(" ", text[:LONGEST_LINE])
    text = _EMAIL.sub(" ", text)
    text = _RESERVED.sub("", _CHANNEL.sub("", text), count=1)
    if code:
        text = text.replace(code, " ")
    text = _COUNTED.sub(" ", _PRICE.sub(" ", _NUMBERS.sub(" ", _WITH_LABEL.sub(" ", text)))).partition(" @ ")[0]
    text = _PARTY.sub(" ", text)
    text = re.sub(r"[+(]?\d[\d\s().\-/]{5,40}\d", " ", text)
    text = re.sub(r"#?\b\d{4,}\b", " ", text)
    text = re.sub(r"['’]s (?:stay|booking|reservation)\b", " ", text)
    text = _PICTURES.sub(" ", _EMPTY_BRACKETS.sub(" ", text))
    text = _without_status(" ".join(text.split()))
    text = text.strip(" -–—:;,|/()[]<>#•·&").removeprefix(".").strip()
    text += next((behind for before, behind in ("()", "[]") if text.count(before) > text.count(behind)), "")
    if "@" in text or not any(one.isalpha() for one in text) or set(folded(text).split()) <= STAYS:
        return ""
    return without_remarks(text)[:LONGEST_NAME].strip()


def _without_status(text: str) -> str:
    """The text without parts of their own that only say how the booking stands: "Confirmed - Anna", "Anna | paid".

    Where nothing else is left, the text as it is: it may be a name after all.
    """
    before, *behind = text.split(", ")
    text = ", ".join([before, *(one for one in behind if " " not in one.strip() or not is_of_a_status(folded(one)))])
    parts = _PARTS.split(text)
    kept = [not is_of_a_status(folded(one)) for one in parts[::2]]
    if all(kept) or not any(keep and folded(one) for keep, one in zip(kept, parts[::2], strict=True)):
        return text
    left = ""
    for place, keep in enumerate(kept):
        if keep:
            left += (parts[2 * place - 1] if left else "") + parts[2 * place]
    return left


def _parted(name: str) -> tuple[str, str]:
    several = re.split(r"\s[/&+]\s", name)
    if len(several) > 1 and all("," in one for one in several):
        # "Smith, John / Smith, Mary": the first of them.
        name = several[0]
    last, comma, first = name.partition(",")
    if comma and first.strip():
        return first.strip(), last.strip()
    first, _, last = name.partition(" ")
    return first, last.strip()


def _time_behind(words: Sequence[str], lines: Sequence[str]) -> time | None:
    wanted = [one for word in words if (one := folded(word))]
    for line in lines if wanted else ():
        plain = folded(line)
        for word in wanted:
            if not f"{plain} ".startswith(f"{word} "):
                continue
            # As many words of the line as the label has.
            rest = re.match(r"[\W_]*" + r"[^\W_]+[\W_]+" * len(word.split()), line)
            if rest is not None and (found := time_in(line[rest.end() :])) is not None:
                return found
    return None
