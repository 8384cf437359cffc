"""What hosts write behind a guest's name: who comes along, when she comes, what she has paid, asked for or been sent.

It changes from day to day while the guest stays the same, so it is no part of the name. A part of a title is a remark
where no word of it can be a name, and only behind a whole name: "Lake House - Anna Novak" is a house, and a guest.
"""

import re

from connectors.words.letters import folded
from connectors.words.not_a_stay import is_of_a_status

_COMPANY = (
    "family familie famille familia famiglia familj perhe rodzina rodzine rodinou rodina kids kid child children "
    "kinder kind kindern baby babies infant infants toddler dog dogs cat pet pets hund hunde hunden katze "
    "haustier chien chat enfant enfants bebe perro perros hijos ninos nino bambini bambino figli cane cani "
    "crianca criancas filhos cachorro kinderen hond honden gezin dzieci dziecko psem pies deti dite pes friend "
    "friends freunde freunden amis amigos amici vrienden partner partnerin husband wife frau mann mari femme "
    "marido mujer marito moglie guest guests gast gaste people pers pax adult adults erw erwachsene personen "
    "person personnes personas persone pessoas osoby osob"
)
_NOTES = (
    "vip late early arrival arrivals arrives arrive arrived departure check in out checkin checkout eta etd uhr "
    "stammgast stammgaste returning repeat regular loyal honeymoon hochzeitsreise flitterwochen birthday geburtstag "
    "anreise abreise ankunft spat spate spater fruh fruhe llegada salida tarde temprano arrivee depart tardive arrivo "
    "partenza tardi chegada saida aankomst vertrek laat przyjazd wyjazd prijezd odjezd key keys code codes pin "
    "schluessel schlussel cle clefs clave llave llaves chiave chiavi chave sent gesendet geschickt collected abgeholt "
    "uebergeben handed given returned ubergeben contract vertrag contrat contrato contratto signed unterschrieben "
    "mietvertrag invoice rechnung facture factura fattura fatura faktura receipt paid bezahlt offen open due pending "
    "unpaid restzahlung anzahlung rate rest balance deposit kaution caution fianza cauzione kurtaxe ortstaxe tax taxe "
    "tourist citytax tasse cash bar card karte transfer ueberweisung uberweisung refund parking parkplatz garage "
    "stellplatz car auto cot crib babybett kinderbett gitterbett hochstuhl highchair bed beds bett betten zustellbett "
    "extra towels handtucher bettwasche linen breakfast fruhstuck halbpension halfboard nonsmoking raucher "
    "nichtraucher allergy allergie vegan vegetarian quiet ruhig ground floor erdgeschoss view smoking allergic needs "
    "wants ok done erledigt note notiz info via von uber from agent agency direct direkt email whatsapp sms mail "
    "called angerufen informed informiert confirmed extension extended extends verlangerung verlangert prolongation "
    "prolonge prolongee prorroga ampliacion prolungamento estensione prorrogacao extensao verlenging verlengd "
    "przedluzenie prodlouzeni forlangning forlaengelse forlengelse produzetak jatkoaika hosszabbitas prelungire uzatma "
    "продление part teil deel partie parte continued cont fortsetzung umgebucht rebooked message nachricht booking "
    "bookings buchung website webseite homepage manual"
)
_BESIDE = (
    "and und et y e i en og och a the with mit med avec con com w 1x 2x x no not yet is are noch nicht nach vor "
    "ab um at by his her "
)
_COMPANIONS = frozenset(_COMPANY.split())
_REMARKS = frozenset(f"{_COMPANY} {_NOTES}".split())
_ASIDE = frozenset(_BESIDE.split())
_PARTS = re.compile(r"(\s[–—-]\s|\s?[|•·;/([\])]\s?|,\s|:\s)")
_ALONG = re.compile(
    r"\s{0,3}(?:[+&]|(?<!\w)(?:and|und|u\.|et|y|e|i|en|og|och|with|w/|mit|med|avec|con|com)(?!\w))\s{0,3}"
)
_NUMBER = re.compile(r"\+?\d{1,2}")
_DATES = re.compile(
    r"(?<![\w.])\d{1,2}\s?[./]\s?\d{1,2}\s?[./]?(?:\s?\d{2,4})?(?:\s?[–—-]\s?(?:\d{1,2}\s?[./]\s?){1,2}(?:\d{2,4})?)?(?![\w/])"
)
_COUNT = re.compile(r"\s{1,3}(?:\d{1,2}\s{0,2}(?:pers|pax|erw|ad|kd|osob|os|p|n)\.?|#\d{1,3}|\.)$", re.IGNORECASE)
_COUNTRY = re.compile(r"\s{1,3}[(\[][A-Z]{2,3}[)\]]$")
_EASTERN = re.compile(r"\s{0,3}(?:[(（]?\d{1,2}\s?(?:名様?|人|位|명|인)[)）]?|[御ご]一行様?|様|さま|님)$")
"""How many they are, and what is said behind a name out of politeness."""
_CHANNEL_WAS = re.compile(r"\s{1,3}(?:via|über|by|from|von|through|par|por|tramite|przez)$", re.IGNORECASE)
_TRAILING = " -–—:;,|/+&*!#"


def without_remarks(name: str) -> str:
    """The name alone; the text as it is where nothing of it is surely a name, or nothing else."""
    text = _DATES.sub(" ", name)
    parts = _PARTS.split(" ".join(text.split()))
    first = parts[0]
    kept = first
    if _is_whole(first):
        for sign, part in zip(parts[1::2], parts[2::2], strict=True):
            if not is_remark(part):
                kept += sign + part
    else:
        kept = "".join(parts)
    kept += ")" * (kept.count("(") - kept.count(")")) + "]" * (kept.count("[") - kept.count("]"))
    kept = _without_last_words(_alone(kept))
    while (
        shorter := _CHANNEL_WAS.sub("", _EASTERN.sub("", _COUNT.sub("", _COUNTRY.sub("", kept)))).strip(_TRAILING)
    ) != kept:
        kept = shorter
    return kept if any(map(str.isalpha, kept)) else name


def _is_whole(part: str) -> bool:
    """Whether it is a first and a last name, as far as anybody can tell."""
    words = [one for one in part.split() if any(map(str.isalpha, one))]
    return len(words) > 1 and not any(map(str.isdigit, part)) and not is_remark(part)


def is_remark(part: str) -> bool:
    """Whether no word of it can be a name: numbers, and what is written beside names."""
    words = folded(part).split()
    said = [one for one in words if one not in _ASIDE]
    return all(one in _REMARKS or any(map(str.isdigit, one)) for one in said)


def _without_last_words(text: str) -> str:
    """Without remarks that no sign parts from a whole name: "Anna Novak paid", "Anna Novak arriving 18h". Who is
    written with a capital letter may be called so."""
    words = text.split()
    while len(words) > 2 and words[0][0].isupper() and (words[-1][0].islower() or words[-1][0].isdigit()):
        if not (is_remark(words[-1]) or is_of_a_status(folded(words[-1]))) or not any(map(str.isupper, words[1])):
            break
        words.pop()
    return " ".join(words)


def _alone(text: str) -> str:
    """Without those who come along: "Anna Novak + 2 kids", "Anna Novak und Familie"."""
    for found in _ALONG.finditer(text):
        before, behind = text[: found.start()], text[found.end() :]
        words = [one for one in folded(behind).split() if one not in _ASIDE]
        along = all(one in _COMPANIONS or _NUMBER.fullmatch(one) for one in words)
        if before.strip() and words and along and any(map(str.isalpha, before)):
            return before
        if before.strip() and not behind.strip():
            return before
    return text
