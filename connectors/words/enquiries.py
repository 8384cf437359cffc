"""Requests of channels, which are no bookings yet: "Airbnb request Anna", "Demande Anna Novak", "Anna Novak enquiry".

Some of these words stand in notes as well ("Anna Novak cot request"), and beside their answer the booking is one
("Request accepted Anna Novak"). So they count beside a name and nothing else: in front of it, behind what speaks of
channels and bookings at most, or behind it.
"""

import re

from connectors.words.everyday_words import names_nobody
from connectors.words.words_of_status import ASIDE, OF_OTHERS, OF_STAYS, STAYS, UNITS

ENQUIRIES = frozenset(
    "request enquiry inquiry query rfq quote quotation estimate preapproval anfrage angebot demande requete devis "
    "solicitud consulta peticion presupuesto cotizacion richiesta preventivo offerta pedido solicitacao orcamento "
    "aanvraag offerte verzoek forfragan offert foresporgsel foresporsel tilbud kysely "
    "tiedustelu tarjous pyynto zapytanie prosba poptavka dotaz zadost upit zahtjev dopyt povprasevanje erdeklodes "
    "ajanlatkeres cerere solicitare talep запрос заявка запит запитване αιτημα リクエスト 問い合わせ 문의 询问".split()
)
"""In folded letters. *Offer* is none, for people are called so."""
_FIRST_NAMES, _LAST_NAMES = frozenset(("devis", "offer")), frozenset(("devis",))
_IN_ONE_WORD = re.compile(
    r"\w{3,}(?:anfrage|aanvraag|forfragan|foresporsel|foresporgsel|tarjouspyynto|pyynto|kerelem)|"
    r"\w{0,12}(?:リクエスト|問い合わせ|問合せ|询价|詢價|询问|문의)\w{0,4}"
)
_OF_STAYS = ASIDE | OF_STAYS | STAYS | (UNITS - {"room"})
_BEFORE = frozenset(
    "new neue nouvelle nueva nuova nova nieuwe ny trip stay dates travel availability booking direct".split()
)
_BETWEEN = frozenset("from by for of von fur vom de da do du del di della van voor fra fran od от".split())
_ANSWERED = frozenset(
    "accepted approved confirmed converted won bestatigt angenommen zugesagt acceptee accepte confirmee confirme "
    "aceptada aceptado confirmada confirmado accettata accettato confermata confermato aceita aceito bevestigd "
    "geaccepteerd goedgekeurd bekraftad bekraeftet bekreftet godkand potwierdzona potwierdzone zaakceptowana potvrzena "
    "potvrzeno hyvaksytty vahvistettu".split()
)
_OF_NOTES = frozenset(
    "special guest room parking late early cot extra pet invoice dietary bed food name change transfer quiet floor "
    "view pickup wunsch sonder spezial speciale especial special speciaal arrival departure address key code".split()
)
_NAME = re.compile(r"[^\W\d_a-z][^\W\d_]*(?:['’.-][^\W\d_]*)*")


def is_enquiry(written: str, phrase: str, is_last: bool) -> bool:
    """Whether a part of a title is an enquiry beside a name. `phrase` is the part in folded letters; `is_last`: whether
    no other part follows, which would say what is asked for."""
    tokens = phrase.split()
    place = next((number for number, one in enumerate(tokens) if _is_word(one)), -1)
    before, behind = tokens[:place], tokens[place + 1 :]
    if place < 0 or is_answered(phrase) or any(map(_is_of_notes, behind or before)):
        return False
    if behind:
        named = [one for one in behind if one not in _OF_STAYS | _BETWEEN]
        return (_OF_STAYS | _BEFORE).issuperset(before) and 0 < len(named) <= 4 and not _is_common(named)
    named = [one for one in before if one not in _OF_STAYS]
    shown = [one for one in written.split() if _NAME.fullmatch(one)]
    return is_last and bool(named) and len(shown) >= len(named) and not _is_common(named)


def may_be_a_person(phrase: str) -> bool:
    """Whether a phrase in folded letters is such a word beside one other one, and people have it as a name: "Devis
    Mangia" and "Offer Anna" may be guests, and requests of guests."""
    tokens = [one for one in phrase.split() if one not in OF_STAYS]
    if len(tokens) != 2 or not (tokens[0] in _FIRST_NAMES or tokens[1] in _LAST_NAMES):
        return False
    other = tokens[1] if tokens[0] in _FIRST_NAMES else tokens[0]
    return not _is_common([other]) and not _is_word(other) and other not in _BETWEEN


def is_answered(phrase: str) -> bool:
    """Whether a phrase says of a request that it was accepted, and so of a booking."""
    tokens = phrase.split()
    return not _ANSWERED.isdisjoint(tokens) and any(_is_word(one) for one in tokens)


def _is_word(token: str) -> bool:
    return token in ENQUIRIES or _IN_ONE_WORD.fullmatch(token) is not None


def _is_of_notes(token: str) -> bool:
    return token in _OF_NOTES or token in OF_OTHERS


def _is_common(tokens: list[str]) -> bool:
    return any(any(map(str.isdigit, one)) or names_nobody(one, one) for one in tokens)
