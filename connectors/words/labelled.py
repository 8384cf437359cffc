"""Fields within a text that say how a booking stands: "Status: cancelled", "Guests: 2 | Estado = pendiente".

What such a label says counts, wherever it stands in a line. "State" and "Estado" are parts of an address as well, and
people are called Stan: beside the rest of an address, only a value counts that is a word for a status.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from connectors.words.letters import folded

_STATUS = frozenset(
    map(
        folded,
        "status, booking status, reservation status, stay status, order status, current status, confirmation status, "
        "trip status, booking state, reservation state, buchungsstatus, reservierungsstatus, statut, statut de la "
        "réservation, statut réservation, estado de la reserva, estado da reserva, estatus, stato prenotazione, stato "
        "della prenotazione, boekingsstatus, reserveringsstatus, status rezerwacji, stav rezervace, bookingstatus, "
        "bokningsstatus, rezervasyon durumu, foglalás állapota, varauksen tila, starea rezervării, κατάσταση, "
        "κατάσταση κράτησης, статус, статус бронирования, статус бронювання, 状态, 状態, 預訂狀態, 预订状态, 订单状态, "
        "訂單狀態, ステータス, 予約状況, 상태, 예약 상태, الحالة, حالة الحجز, סטטוס, trạng thái, สถานะ".split(", "),
    )
)
_STATUS_OR_PLACE = frozenset(map(folded, "state, état, estado, stato, stan, stav".split(", ")))
_STATUS_OR_CONDITION = frozenset(
    map(folded, "zustand, situación, situação, durum, állapot, tila, stare, stanje, מצב".split(", "))
)
"""They say more often how a thing is."""
_KIND = frozenset(
    map(
        folded,
        "type, booking type, reservation type, stay type, kind, event type, typ, art, buchungsart, buchungstyp, type "
        "de réservation, tipo, tipo de reserva, tipo di prenotazione, soort, rodzaj".split(", "),
    )
)
_ADDRESS = re.compile(
    r"(?:^|[|;,\n])\W{0,5}(?:street|address|city|town|zip(?: ?code)?|post(?:al)? ?code|country|adresse|straße|"
    r"ort|stadt|plz|"
    r"postleitzahl|land|rue|ville|code postal|pays|direcci[oó]n|ciudad|c[oó]digo postal|pa[ií]s|endereço|cidade|cep|"
    r"indirizzo|citt[aà]|cap|paese|adres|miasto|kod pocztowy|kraj|město|psč|země)\s{0,3}[:=]",
    re.IGNORECASE,
)
_PARTS = re.compile(r"\s{0,3}[|;]\s{0,3}|,\s(?=[^\W\d][^,:=|;]{1,40}[:=])")
"""What parts several fields of one line; a comma only before the next label."""
_FIELD = re.compile(r"\W{0,9}([^:=：]{1,60}?)\s{0,5}(?:([:=：])|\s[–—-]\s)(.*)")
_VALUE_ENDS = re.compile(r"[/,;|(\[<]| - |\. ")
_YES = frozenset("yes true y 1 ja si sim oui tak ano da evet да".split())
_NO = frozenset(("", *"no false none null nil n 0 nein non nao nee nie ne нет".split()))
_DAY = re.compile(r"\s{0,5}\d{1,4}[-/.]\s?\d")


@dataclass(frozen=True, slots=True)
class Said:
    """What a label says, in folded letters."""

    value: str
    is_status: bool
    """Otherwise it says what kind of booking it is."""
    is_sure: bool
    """Whether a value that nobody knows is a status nevertheless: at the beginning of a line."""


def labelled(text: str, longest: int) -> Iterable[Said]:
    """The fields of a text that are about the booking. Of each line, `longest` characters are looked at."""
    has_address = _ADDRESS.search(text) is not None
    for line in text.split("\n"):
        for place, part in enumerate(_PARTS.split(line[:longest])):
            if (found := _FIELD.fullmatch(part)) is None:
                continue
            label = folded(found[1])
            is_plain = label in _STATUS or label in _KIND
            if not is_plain and not (found[2] and label in _STATUS_OR_PLACE | _STATUS_OR_CONDITION):
                continue
            value = folded(_VALUE_ENDS.split(found[3], maxsplit=1)[0])
            is_of_an_address = label in _STATUS_OR_PLACE and (has_address or found[2] == "=")
            is_sure = bool(found[2]) and not place and not is_of_an_address and label not in _STATUS_OR_CONDITION
            if value:
                yield Said(value, label not in _KIND, is_sure)


def yes_or_no(line: str) -> tuple[str, bool] | None:
    """The label of a line, in folded letters, and whether its value says so: "Cancelled: yes", "Storniert: nein",
    "Cancelled at: -", "Cancelled on: 2026-09-10". None where the line has no label, or the value says more."""
    label, sign, value = line.partition(":")
    said = folded(value)
    is_yes = said in _YES or _DAY.match(value) is not None
    return (folded(label), is_yes) if sign and (is_yes or said in _NO) else None
