"""Notes: what people write behind the name of a lock about the lock itself, and behind a room's how many sleep there.

"204 (batt 05/23)", "Zi 106 Zyl. getauscht", "Hab. 12 pila baja": none of it says a room. A note is taken away only
where all of its words are in our lists, none is a word of the rooms, and the room's own part stands before it: an
unknown word may be an annex's, and "New 101" may be in a new house.
"""

import re
from collections.abc import Collection, Sequence

from lock_names import words as say
from lock_names.shares import FEW, RATHER
from lock_names.tokens import CHUNK
from lock_names.words import folded

_OF_A_NOTE = say.of_text(
    "batt bat battery batteries batterie batterien battr akku accu pile piles pila pilas batería baterías bateria "
    "baterie baterii baterias batteria batterij batterijen batteri batterier batteriet paristo paristot patteri "
    "pilha pilhas "
    "baterka baterky elem pil μπαταρία батарея батарейка батарейки батерия 電池 电池 배터리 แบต แบตเตอรี่ بطارية سوללה "
    "replaced changed swapped exchanged repaired fixed serviced cleaned getauscht ausgetauscht gewechselt ersetzt "
    "repariert gewartet erneuert wechseln tauschen changée changé changées changer remplacée remplacé remplacer "
    "réparé réparée cambiada cambiado cambiar sustituida reparada reparado cambiata cambiato cambiate cambiare "
    "sostituita sostituito riparata trocada trocado trocar substituída vervangen gerepareerd wymieniona "
    "wymieniono wymiana wymienić naprawiona bytt bytte byta skiftet skift udskiftet utbytt vaihdettu vaihda "
    "vaihto vyměněna vyměněno výměna vymenit cserélve csere cserélni değişti değiştirildi promijenjena "
    "zamijenjena zamenjena αλλαγή заменена замена 交換済 交換済み 電池交換 電池交換済 電池交換済み "
    "jams jammed jamming sticks sticky stiff squeaks noisy klemmt "
    "hakt klemt klem kärvar trög tröga coince grippe atascada atasca bloccata dura zacina zacięty zasekává "
    "jumittaa szorul takılıyor zapinje batterieleer battlow lowbatt "
    "ada dda accessible wheelchair handicap handicapped barrierefrei rollstuhl rollstuhlgerecht pmr minusválidos "
    "discapacitados disabili rolstoel handikapp handicapvenlig"
)
"""Each of them says by itself that it is a note: about the lock, or who can use the room."""
_STATE = say.of_text(
    "low weak empty dead ok full good leer schwach voll fast bald faible vide baja bajo débil agotada "
    "scarica scarico bassa fraca fraco baixa leeg bijna zwak słaba slaba rozładowana svagt svag låg dårlig lavt "
    "lav tyhjä heikko slabá vybitá gyenge lemerült zayıf düşük bitik prazna new neu neue neuer nouveau nouvelle "
    "nueva nuevo nuova nuovo novo nova nowa nowy nowe ny nya nytt nye uusi uudet nový nová nové új yeni νέα νέο "
    "новая новый 新 since seit depuis desde dal sinds od sedan siden due check checked geprüft prüfen kontroll "
    "vérifié revisar controllare soon urgent again byt byte"
)
_OF_A_LOCK = say.of_text(
    "lock code cylinder cyl zyl zylinder schloss türschloss motor handle keypad reader leser griff serrure cylindre "
    "poignée cerradura cilindro cierre serratura maniglia fechadura slot cilinder zamek zámek cylindrow wkładka "
    "lås låset lukko lukkosylinteri vložka zár kilit brava κλειδαριά замок firmware fw update updated"
)
_MONTHS = say.of_text(
    "jan january januar janvier enero gennaio feb february februar février febrero febbraio mar march märz mars "
    "marzo apr april avril abril aprile may mai mayo maggio jun june juni juin junio giugno jul july juli juillet "
    "julio luglio aug august août agosto sep sept september septembre septiembre settembre oct okt october "
    "oktober octobre octubre ottobre nov november novembre noviembre dec dez dic december dezember décembre "
    "diciembre dicembre"
)
_BESIDE = _STATE | _OF_A_LOCK | _MONTHS | say.NEW | say.JOINING
_CHANGED = _STATE & (
    say.NEW
    | say.of_text("nowa nowy nowe ny nya nytt nye uusi uudet nový nová nové új yeni νέα νέο новая новый 新 novo nova")
)
"""Words of which one beside a lock's part or a month makes a note: "(uusi lukko)", "(new Sept)"."""
_MAY_BE_A_STOREY = say.of_text("bajo baja baixo baixa")
"""Where such a word stands first: "12 bajo pila"."""
_TOKEN = re.compile(r"(?P<date>\d{1,4}[./-]\d{1,4}(?:[./-]\d{2,4})?)(?![^\W_])|(?P<word>[^\W\d_]+)|(?P<number>\d+)")
_YEAR = re.compile(r"(?:19|20)?\d\d")


def without_notes(clean: str, room_words: Collection[str]) -> str:
    """A lock's name without the note behind it. `room_words`: what the rooms' names say, folded."""
    clean = _without_bracketed_note(clean, room_words)
    tokens = list(_TOKEN.finditer(clean))
    first = len(tokens)
    while first > 0 and _may_be_of_a_note(tokens, first - 1, room_words):
        first -= 1
    # "Maple front door (new Sept)": what belongs to the name stands before a sign or says a door.
    for at in range(max(first, 1), len(tokens)):
        if not _is_a_note(tokens[at:]):
            break
        if folded(tokens[at][0]) in _MAY_BE_A_STOREY:
            continue
        if at + 1 == len(tokens) or _is_parted(clean, tokens, at) or folded(tokens[at][0]) not in say.DOOR - _OF_A_NOTE:
            return clean[: tokens[at].start()].rstrip(" -–/,;:([{*!._")
    return clean


_BRACKETED = re.compile(r"(?<=[^\W_])[\W_]*[(\[](?P<note>\s*(?P<first>[^\W\d_]+)[^()\[\]]*)[)\]]?\s*$")


def _without_bracketed_note(clean: str, room_words: Collection[str]) -> str:
    """A name without a bracket behind that a word of a note begins: whatever it says then, it says of the lock. One
    that says a word or number of the rooms stays."""
    found = _BRACKETED.search(clean)
    if not found or folded(found["first"]) not in _OF_A_NOTE:
        return clean
    said = {folded(chunk) for chunk in CHUNK.findall(found["note"])}
    return clean[: found.start()] if said.isdisjoint(room_words) else clean


def _is_parted(name: str, tokens: Sequence[re.Match[str]], at: int) -> bool:
    """Whether something more than a blank stands before a token."""
    return bool(name[tokens[at - 1].end() : tokens[at].start()].strip()) if at else False


def _may_be_of_a_note(tokens: Sequence[re.Match[str]], at: int, room_words: Collection[str]) -> bool:
    token = tokens[at]
    if token["word"]:
        word = folded(token[0])
        return (word in _OF_A_NOTE or word in _BESIDE or _is_cut_short(token)) and word not in room_words
    before = folded(tokens[at - 1][0]) if at else ""
    if token["date"]:
        # "1-04 batt" is room 104.
        return at > 0 and (_is_cut_short(tokens[at - 1]) or before in _OF_A_NOTE or before in _BESIDE)
    return at > 0 and bool(_YEAR.fullmatch(token[0])) and before in _MONTHS


def _is_cut_short(token: re.Match[str]) -> bool:
    """Whether it is the beginning of a word of a note: "repl." for "replaced"."""
    word = folded(token[0])
    return (
        token.string[token.end() :].startswith(".")
        and len(word) > FEW
        and any(one.startswith(word) for one in _OF_A_NOTE)
    )


def _is_a_note(tokens: Sequence[re.Match[str]]) -> bool:
    words = {folded(token[0]) for token in tokens if token["word"]}
    if any(map(_is_cut_short, tokens)):
        return True
    has_time = any(token["date"] for token in tokens) or not words.isdisjoint(_MONTHS)
    return not words.isdisjoint(_OF_A_NOTE) or (
        not words.isdisjoint(_CHANGED) and (has_time or not words.isdisjoint(_OF_A_LOCK))
    )


_SIZE = re.compile(
    r"""(?P<open>[\s,;/|–-]{0,3}[(\[]\s?|\s?[-–,/|]\s?|\s)
    (?P<number>\d{1,3}(?:\s?[+x×]\s?(?:\d{1,2}|kk))?)\s?-?(?P<unit>[^\W\d_]{0,14}[²2]?)\.?\s?(?P<close>[)\]]?)
    (?=\s?(?:$|[-–,;(\[]))""",
    re.VERBOSE,
)
_UNITS = say.HOW_MANY | say.of_text(
    "p pp pax pers persone lůžka lůžko lůžek bäddar bädd sängar seng senge sengs senger sengepladser sengeplasser "
    "vuodetta ágyas fő kişilik kişi osoby osobowy osobní place places posto posti plaza plazas hab habs habitaciones "
    "hlô ατόμων άτομα "
    "κρεβάτια места мест сп adults ad rooms pokoje izby m²"
)
_FEW_SORTS = 2
_MOST_SLEEP = 16


def without_sizes(rooms: Sequence[str], locks: Collection[str]) -> list[str]:
    """Names of rooms without how many sleep there and how large they are: "Private 26 (2p)", "A7 Penthouse (4+2)",
    "C 25 kolmio 78 m²". As they are where few have it, where that leaves two alike, or where a lock says it too.
    """
    bare = {
        sign.strip("()[] ")
        for room in rooms
        for found in _SIZE.finditer(room)
        if found["close"] and not found["unit"]
        for sign in [found["number"]]
    }
    is_count = all(not one.isdecimal() or int(one) <= _MOST_SLEEP for one in bare)
    bracketed = sum(any(found["close"] and not found["unit"] for found in _SIZE.finditer(room)) for room in rooms)
    is_few = is_count and _FEW_SORTS * len(bare) <= bracketed

    def left_of(found: re.Match[str]) -> str:
        unit = folded(found["unit"]).replace("²", "2")
        if unit in _UNITS and (found["open"].strip() or unit in _OF_A_SIZE):
            return " "
        before = found.string[: found.start()]
        if not unit and found["close"] and is_few and any(map(str.isdecimal, before)):
            return " "
        if not unit and "+" in found["number"] and any(map(str.isdecimal, before)):
            return " "
        return found[0]

    result = [_SIZE.sub(left_of, room).strip() or room for room in rooms]
    changed = [room for one, room in zip(result, rooms, strict=True) if one != room]
    # A word for it leaves no doubt.
    has_word = all(any(found["unit"] for found in _SIZE.finditer(room)) for room in changed)
    usual = RATHER * len(rooms)
    is_custom = len(changed) >= (min(FEW, usual) if has_word else usual)
    if not is_custom or len(set(result)) < len(set(rooms)) or any(_says_a_size(lock) for lock in locks):
        return list(rooms)
    return result


_OF_A_SIZE = say.of_text("m2 m qm sqm 畳 坪 ㎡")


def _says_a_size(lock: str) -> bool:
    return any(found["unit"] and folded(found["unit"]) in _UNITS for found in _SIZE.finditer(lock))
