"""What a column of statuses says of a booking, in the words of PMSs, of the large channels and of many languages.

What says that somebody is expected or is there stands here; what takes that away is in the table that feeds use as well
(`not_a_stay`). A word that says neither ("Paid", "Complete") is one that nobody knows, as is a cell of which
one part says the one and another the other: that is told, and never guessed.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from connectors.records import BookingStatus
from connectors.words.not_a_stay import folded, standing_of, words_of
from connectors.words.words_of_status import ASIDE, Standing

_WORDS = {
    BookingStatus.CONFIRMED: (
        "confirmed, confirm, reserved, booked, reservation, booking, check in, checkin, "
        "definite, guaranteed, accepted, future, preleased, pre leased, due in, "
        "expected, upcoming, ok, okay, new, modified, arriving, checking in, "
        "buchung, reservierung, réservation, prenotazione, reserva, boeking, reservering, rezerwacja, bokning, "
        "bestätigt, bestätigte, reserviert, gebucht, fest gebucht, fixbuchung, fix, fest, definitiv, "
        "angenommen, garantiert, erwartet, définitif, définitive, definitivo, definitiva, definitief, "
        "confirmé, confirmée, réservé, réservée, accepté, acceptée, garanti, garantie, attendu, "
        "confirmado, confirmada, reservado, reservada, aceptado, aceptada, garantizada, "
        "confermato, confermata, prenotato, prenotata, accettato, accettata, garantita, "
        "aceito, aceita, garantida, bevestigd, geboekt, gereserveerd, geaccepteerd, "
        "potwierdzone, potwierdzona, potwierdzony, potwierdzono, zarezerwowane, zarezerwowana, "
        "potvrzeno, potvrzená, potvrzena, potvrzený, potvrdené, potvrdená, potvrđeno, potvrđena, potrjeno, potrjena, "
        "bekræftet, bekräftad, bekräftat, bekreftet, vahvistettu, megerősítve, megerősített, visszaigazolt, "
        "confirmat, confirmată, onaylandı, onaylı, επιβεβαιωμένη, επιβεβαιώθηκε, "
        "подтверждено, подтверждена, подтвержден, підтверджено, потвърдена, "
        "確定, 予約済み, 予約済, 予約, 予約確定, 已确认, 已確認, 预订确认, 확정, 예약확정, 예약 확정"
    ),
    BookingStatus.IN_HOUSE: (
        "in house, inhouse, checked in, arrived, current, active, month to month, notice, currently hosting, hosting, "
        "notice to vacate, on notice, move out date given, eviction, evict, under eviction, due out, checking out, "
        "angereist, eingecheckt, im haus, anwesend, arrivé, arrivée, présent, présente, llegado, alojado, "
        "alojada, en casa, arrivato, arrivata, in casa, presente, chegou, hospedado, hospedada, ingecheckt, "
        "aangekomen, in huis, zameldowany, zameldowana, zameldowane, ubytován, ubytovaná, prijavljen, incheckad, "
        "indtjekket, innsjekket, sisäänkirjautunut, bejelentkezett, cazat, заселен, заехал, "
        "stay in progress, check in done, check in completed, check in erledigt, check in effettuato, "
        "check in effectué, check in realizado, check in hecho, check in feito, check in gedaan, "
        "チェックイン済み, チェックイン済, 滞在中, 已入住, 체크인"
    ),
    BookingStatus.CHECKED_OUT: (
        "checked out, departed, past, former, moved out, ended, closed, past guest, previous guest, review guest, "
        "awaiting guest review, left, parti, partie, sorti, salido, partito, partita, saiu, uitgecheckt, "
        "vertrokken, wymeldowany, wymeldowana, odhlášen, odjavljen, utcheckad, udtjekket, utsjekket, kijelentkezett, "
        "выехал, выселен, früherer gast, ancien voyageur, huésped anterior, ospite precedente, hóspede anterior, "
        "post stay, check out done, check out completed, check out erledigt, check out effettuato, "
        "check out effectué, check out realizado, check out hecho, check out feito, check out gedaan, "
        "チェックアウト済み, チェックアウト済, 已退房, 체크아웃"
    ),
    BookingStatus.NO_SHOW: "no show, noshow, nicht erschienen, nicht angereist, non présenté, non présentée, "
    "no presentado, no se presentó, mancato arrivo, não compareceu, niet verschenen, niedojazd",
    BookingStatus.CANCELLED: "cancelled, canceled, denied, fall through, void, deleted, timed out, timedout",
    BookingStatus.TENTATIVE: (
        "tentative, option, optional, inquiry, enquiry, request, requested, pending, waitlist, waitlisted, applicant, "
        "applied, approved, prospect, hold, on hold"
    ),
}
"""By status; the languages one after the other. `new` and `modified` are what channel managers call a booking that came
or was changed (Hostaway, SiteMinder), and `ok` is Booking.com's word."""
_BEGINNINGS = (
    *(
        (start, BookingStatus.CONFIRMED)
        for start in (
            *("arriving", "arrives", "ankunft in", "anreise in", "ankunft heute", "ankunft morgen", "arrive dans"),
            *("arrivée dans", "llega en", "llega el", "arrivo tra", "arriva tra", "chega em", "komt aan over"),
            *("anreise heute", "anreise morgen", "arrive aujourd'hui", "arrive demain", "llega hoy", "llega mañana"),
            *("arriva oggi", "arriva domani", "chega hoje", "chega amanhã", "checking in today"),
        )
    ),
    *((start, BookingStatus.CANCELLED) for start in ("cancelled by", "canceled by", "storniert")),
)
"""Words that a number or a name follows."""
_PARTS = re.compile(r"[,;/|()\[\]<>+]|\s[–—-]\s|:\s")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a program's word ("CheckedIn", "awaitingPayment") has its blank."""
OF_STANDING = {
    Standing.CANCELLED: BookingStatus.CANCELLED,
    Standing.OVER: BookingStatus.CHECKED_OUT,
    Standing.NOT_CONFIRMED: BookingStatus.TENTATIVE,
    Standing.BLOCKED: BookingStatus.TENTATIVE,
}
"""Who gets nothing, and why, as a booking's status."""
_LIVE = {BookingStatus.CONFIRMED, BookingStatus.IN_HOUSE}
_BESIDE = (
    "a all and approval at awaiting balance by charged complete completed created deposit due fully has is no not of "
    "on online open partial partially payment paid pre pro received refunded sent signed status the to true false "
    "unknown unpaid verified waiting with yes yet bezahlt unbezahlt offen anzahlung payé pagado pagato pago betaald"
)
"""Words that stand beside those of statuses, or in their place, and are nobody's name."""
LONGEST = 200
"""Characters of a cell that are looked at."""


class Statuses:
    """The words of one connection."""

    def __init__(self, own: Mapping[str, str]):
        """`own` is the setting `statuses`: a status by their word, or by how it begins ("Due*")."""
        told = {word.strip(): BookingStatus(status) for word, status in own.items()}
        self._words = {folded(word): status for word, status in told.items() if not word.endswith("*")}
        beginnings = [(folded(word), status) for word, status in told.items() if word.endswith("*")]
        self._beginnings = sorted(beginnings, key=lambda one: -len(one[0]))

    def status_of(self, cell: str) -> BookingStatus:
        """What the text of a cell says; `UNKNOWN` where nobody knows, or where its parts differ."""
        text = _HUMP.sub(" ", cell[:LONGEST])
        whole = folded(text)
        own = self._own(whole) or self._own(folded(cell[:LONGEST]))
        if own is not None:
            return own
        if whole in _known():
            return _known()[whole]
        parts = [phrase for part in _PARTS.split(text) if (phrase := folded(part))]
        found = [self._own(one) or _said(one, is_first=not place) for place, one in enumerate(parts)]
        said = {one for one in found if one is not None}
        if not parts or (found[0] is None and not said - _LIVE):
            # "Paid - booked" may be a word for money; "Paid - cancelled" says enough.
            return BookingStatus.UNKNOWN
        if said <= _LIVE:
            return max(said, key=lambda one: one is BookingStatus.IN_HOUSE)
        return said.pop() if len(said) == 1 else BookingStatus.UNKNOWN

    def told(self, cell: str) -> str:
        """The cell, where none of its words can be a guest's name: each is one of statuses, of the settings, or one
        that stands beside them. Empty otherwise, for columns slip."""
        phrases = (*self._words, *(start for start, _ in self._beginnings))
        words = [one for one in folded(cell[:LONGEST]).split() if not one.isdigit() or len(one) > 3]
        known = _vocabulary().union(*map(str.split, phrases))
        return cell[:LONGEST] if known.issuperset(words) else ""

    def _own(self, phrase: str) -> BookingStatus | None:
        found = self._words.get(phrase)
        return found or next((status for start, status in self._beginnings if phrase.startswith(start)), None)


def _said(phrase: str, is_first: bool) -> BookingStatus | None:
    """What a part of a cell says. Behind the first one, only a whole phrase counts: "cancellation policy: strict"."""
    found = _known().get(phrase)
    if found is None:
        found = next((status for start, status in _starts() if f"{phrase} ".startswith(f"{start} ")), None)
    if found is None and (standing := standing_of(phrase, whole=not is_first)) is not None:
        found = OF_STANDING.get(standing)
    # "Booking confirmed", "Guest in house".
    return found or _known().get(" ".join(one for one in phrase.split() if one not in ASIDE))


@lru_cache(maxsize=1)
def _known() -> dict[str, BookingStatus]:
    return {folded(word): status for status, words in _WORDS.items() for word in words.split(", ")}


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """Every word of the statuses that are known, and such as stand beside them."""
    return frozenset(word for phrase in (*_known(), *words_of().standings, folded(_BESIDE)) for word in phrase.split())


@lru_cache(maxsize=1)
def _starts() -> list[tuple[str, BookingStatus]]:
    return [(folded(start), status) for start, status in _BEGINNINGS]
