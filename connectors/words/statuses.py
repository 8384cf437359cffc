"""What a column of statuses says of a booking, in the words of PMSs, of the large channels and of many languages.

What says that somebody is expected or is there stands here; what takes that away is in the table that feeds use as well
(`not_a_stay`). A word that says neither ("Paid", "Complete") is one that nobody knows, as is a cell of which
one part says the one and another the other: that is told, and never guessed.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from connectors.records import BookingStatus
from connectors.words.letters import folded
from connectors.words.lookup import words_of
from connectors.words.not_a_stay import standing_of
from connectors.words.words_of_status import ASIDE, Standing

_WORDS = {
    BookingStatus.CONFIRMED: (
        "confirmed, confirm, reserved, booked, reservation, booking, check in, checkin, definite, guaranteed, "
        "accepted, future, preleased, pre leased, due in, expected, upcoming, ok, okay, new, modified, changed, "
        "amended, updated, arriving, checking in, conf, cnf, gtd, def, expected arrival, bevorstehend, kommend, "
        "zukünftig, à venir, próxima, próximo, in programma, in arrivo, aankomend, nadchodząca, buchung, reservierung, "
        "prenotazione, reserva, boeking, reservering, rezerwacja, bokning, bestätigt, bestätigte, reserviert, gebucht, "
        "fest gebucht, fixbuchung, fix, fest, definitiv, angenommen, garantiert, erwartet, définitif, définitive, "
        "definitivo, definitiva, definitief, confirmé, confirmée, réservé, réservée, accepté, acceptée, garanti, "
        "garantie, attendu, confirmado, confirmada, reservado, reservada, aceptado, aceptada, garantizada, confermato, "
        "confermata, prenotato, prenotata, accettato, accettata, garantita, aceito, aceita, garantida, bevestigd, "
        "geboekt, gereserveerd, geaccepteerd, potwierdzone, potwierdzona, potwierdzony, potwierdzono, zarezerwowane, "
        "zarezerwowana, potvrzeno, potvrzená, potvrzený, potvrdené, potvrdená, potvrđeno, potrjeno, potrjena, "
        "bekræftet, bekräftad, bekräftat, bekreftet, vahvistettu, megerősítve, megerősített, visszaigazolt, confirmat, "
        "confirmată, onaylandı, onaylı, επιβεβαιωμένη, επιβεβαιώθηκε, подтверждено, подтверждена, подтвержден, "
        "підтверджено, потвърдена, 確定, 確定済み, 予約済み, 予約済, 予約, 予約確定, 已确认, 已確認, 预订确认, 已预订, "
        "已預訂, 확정, 예약확정, 예약 확정, 예약완료, 예약 완료"
    ),
    BookingStatus.IN_HOUSE: (
        "in house, inhouse, checked in, arrived, current, active, month to month, notice, currently hosting, hosting, "
        "staying, stayover, stay over, currently staying, currently in house, resident, in partenza, aktiv, actif, "
        "attiva, attivo, activa, activo, actief, aktywna, aktivní, notice to vacate, on notice, move out date given, "
        "eviction, evict, under eviction, due out, checking out, angereist, eingecheckt, im haus, anwesend, arrivé, "
        "arrivée, présent, présente, llegado, alojado, alojada, en casa, arrivato, arrivata, in casa, chegou, "
        "hospedado, hospedada, ingecheckt, aangekomen, in huis, zameldowany, zameldowana, zameldowane, ubytován, "
        "ubytovaná, prijavljen, incheckad, indtjekket, innsjekket, sisäänkirjautunut, bejelentkezett, cazat, заселен, "
        "заехал, stay in progress, check in done, check in completed, check in erledigt, check in effettuato, "
        "check in effectué, check in realizado, check in hecho, check in feito, check in gedaan, チェックイン済み, "
        "チェックイン済, 滞在中, 已入住, 체크인"
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
_BEGINNINGS = tuple((start, BookingStatus.CANCELLED) for start in ("cancelled by", "canceled by", "storniert"))
"""Words that a name follows."""
_ARRIVALS = frozenset(
    "arriving arrives arrive arrival arrivals checkin anreise ankunft kommt arrivee arrivo arriva llegada "
    "llega chegada chega aankomst komt przyjazd przyjezdza prijezd prijizdi ankommer ankomst ankomende anlander saapuu "
    "erkezes erkezik sosire dolazak prihod varis giris заезд прибытие".split()
)
_DEPARTURES = frozenset(
    "departing departs departure checkout leaving leaves abreise depart sortie partenza parte salida sale "
    "saida partida vertrek vertrekt wyjazd odjezd afrejse avresa avreise выезд".split()
)
_NEAR = frozenset(
    "today tonight tomorrow heute morgen aujourdhui demain hoy manana oggi domani hoje amanha vandaag dzis dzisiaj "
    "jutro dnes zitra idag imorgon imorgen tanaan huomenna ma holnap azi maine danas sutra danes jutri bugun yarin "
    "сегодня завтра".split()
)
"""Days that every status of a day counts from."""
_SPANS = frozenset(
    "day days night nights week weeks hour hours hr hrs h tag tage tagen stunde stunden woche wochen jour jours heure "
    "heures dia dias hora horas giorno giorni ora ore settimana settimane semana semanas dag dagen dage dagar uur dni "
    "dzien den dnu".split()
)
_OF_WHEN = frozenset(
    "in on at the out due expected planned am um an le la el il em op na za tra fra dans en within less than over i om "
    "later this next soon now den de o w v et prevue prevu prevista previsto erwartet verwacht aan st nd rd th".split()
)
_DAY_OF_YEAR = re.compile(
    r"\d{1,4}(?:st|nd|rd|th|am|pm|h)?|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|maer|mrz|mai|okt|dez|janv|fev|avr|"
    r"juin|juil|aout|ene|abr|ago|set|out|dic|gen|mag|giu|lug|ott|mrt|mei|sty|lut|maj|cze|lip|sie|wrz|paz|lis|gru)[a-z]{0,7}|"
    r"(?:mon|tue|wed|thu|fri|sat|sun|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mie|jue|vie|sab|gio|dom)[a-z]{0,9}"
)
_PARTS = re.compile(r"[,;/|()\[\]<>+]|\s[–—-]\s|:\s")
_NUMBER = re.compile(r"[a-z]|\d+", re.ASCII)
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
_BY_WHOM = frozenset("vip ota web online website channel group direct".split())
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
        # "1 - Confirmed": what numbers the statuses says nothing.
        parts = [phrase for part in _PARTS.split(text) if (phrase := folded(part)) and not _NUMBER.fullmatch(phrase)]
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


def _by_when(phrase: str) -> BookingStatus | None:
    """What a phrase says that tells when somebody comes or goes, and nothing else: "Arriving in 2 days", "Anreise am
    20.09.", "Checking out tomorrow". Who goes on some day is a guest of whom nobody knows whether she has come."""
    tokens = re.sub(r"^check(ing)? (in|out)\b", r"check\2", phrase.removeprefix("in ")).split()
    is_going = bool(tokens) and tokens[0] in _DEPARTURES
    if not is_going and (not tokens or tokens[0] not in _ARRIVALS):
        return None
    behind = [one for one in tokens[1:] if one not in _OF_WHEN]
    is_near = any(one in _NEAR or one in _SPANS for one in behind)
    days = [one for one in behind if one not in _NEAR and one not in _SPANS]
    if not behind or not all(_DAY_OF_YEAR.fullmatch(one) for one in days):
        return None
    if is_going:
        return BookingStatus.IN_HOUSE if is_near else None
    return BookingStatus.CONFIRMED


def _said(phrase: str, is_first: bool) -> BookingStatus | None:
    """What a part of a cell says. Behind the first one, only a whole phrase counts: "cancellation policy: strict"."""
    found = _known().get(phrase) or _by_when(phrase)
    if found is None:
        found = next((status for start, status in _starts() if f"{phrase} ".startswith(f"{start} ")), None)
    if found is None and (standing := standing_of(phrase, whole=not is_first)) is not None:
        found = OF_STANDING.get(standing)
    # "Booking confirmed", "Guest in house", "OTA confirmed".
    return found or _known().get(" ".join(one for one in phrase.split() if one not in ASIDE and one not in _BY_WHOM))


@lru_cache(maxsize=1)
def _known() -> dict[str, BookingStatus]:
    return {folded(word): status for status, words in _WORDS.items() for word in words.split(", ")}


@lru_cache(maxsize=1)
def _vocabulary() -> frozenset[str]:
    """Every word of the statuses that are known, and such as stand beside them."""
    told = (*_known(), *words_of().standings, folded(_BESIDE), "check checking")
    return frozenset(word for phrase in told for word in phrase.split()).union(
        _ARRIVALS, _DEPARTURES, _NEAR, _SPANS, _OF_WHEN, _BY_WHOM
    )


@lru_cache(maxsize=1)
def _starts() -> list[tuple[str, BookingStatus]]:
    return [(folded(start), status) for start, status in _BEGINNINGS]
