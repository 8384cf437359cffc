"""Numbers in words where a whole house counts in them: "Stuga Tjugotvå", "Aragó principal segunda".

In one name "to", "tre" or "sex" may be anything. Where half of the names say a number of the same language, and each
another one, they are numbers.
"""

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from lock_names.mistyping import is_a_slip
from lock_names.shares import FEW, MOST, OFTEN
from lock_names.words import folded

_MOST_WORDS = 3
_SHORTEST = 5
"""Letters of a word that may be mistyped."""
_WORD = re.compile(r"[^\W\d_]+")

_COUNTED: dict[str, tuple[str, str, str]] = {
    "sv": (
        "ett/en två tre fyra fem sex sju åtta nio tio elva tolv tretton fjorton femton sexton sjutton arton nitton",
        "tjugo trettio fyrtio femtio sextio sjuttio åttio nittio",
        "{tens}{unit}",
    ),
    "no": (
        "en/ett to tre fire fem seks sju/syv åtte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
        "tjue tretti førti femti seksti sytti åtti nitti",
        "{tens}{unit}",
    ),
    "da": (
        "en/et to tre fire fem seks syv otte ni ti elleve tolv tretten fjorten femten seksten sytten atten nitten",
        "tyve tredive fyrre halvtreds tres halvfjerds firs halvfems",
        "{unit}og{tens}",
    ),
    "fi": (
        "yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen yksitoista kaksitoista kolmetoista "
        "neljätoista viisitoista kuusitoista seitsemäntoista kahdeksantoista yhdeksäntoista",
        "kaksikymmentä kolmekymmentä neljäkymmentä viisikymmentä kuusikymmentä seitsemänkymmentä kahdeksankymmentä "
        "yhdeksänkymmentä",
        "{tens}{unit}",
    ),
    "pl": (
        "jeden/jedynka dwa/dwójka trzy/trójka cztery/czwórka pięć/piątka sześć/szóstka siedem/siódemka osiem/ósemka "
        "dziewięć/dziewiątka dziesięć/dziesiątka jedenaście dwanaście trzynaście czternaście piętnaście szesnaście "
        "siedemnaście osiemnaście dziewiętnaście",
        "dwadzieścia trzydzieści czterdzieści pięćdziesiąt sześćdziesiąt siedemdziesiąt osiemdziesiąt dziewięćdziesiąt",
        "{tens}{unit}",
    ),
    "cs": (
        "jedna/jeden dva/dvě tři čtyři pět šest sedm osm devět deset jedenáct dvanáct třináct čtrnáct patnáct šestnáct "
        "sedmnáct osmnáct devatenáct",
        "dvacet třicet čtyřicet padesát šedesát sedmdesát osmdesát devadesát",
        "{tens}{unit}",
    ),
    "hr": (
        "jedan/jedna dva/dvije tri četiri pet šest sedam osam devet deset jedanaest dvanaest trinaest četrnaest "
        "petnaest "
        "šesnaest sedamnaest osamnaest devetnaest",
        "dvadeset trideset četrdeset pedeset šezdeset sedamdeset osamdeset devedeset",
        "{tens}{unit} {tens}i{unit}",
    ),
    "hu": (
        "egy kettő/két három négy öt hat hét nyolc kilenc tíz tizenegy tizenkettő tizenhárom tizennégy tizenöt "
        "tizenhat "
        "tizenhét tizennyolc tizenkilenc",
        "huszon/húsz harminc negyven ötven hatvan hetven nyolcvan kilencven",
        "{tens}{unit}",
    ),
    "tr": (
        "bir iki üç dört beş altı yedi sekiz dokuz on onbir oniki onüç ondört onbeş onaltı onyedi onsekiz ondokuz",
        "yirmi otuz kırk elli altmış yetmiş seksen doksan",
        "{tens}{unit}",
    ),
    "el": (
        "ένα δύο τρία τέσσερα πέντε έξι επτά/εφτά οκτώ/οχτώ εννέα/εννιά δέκα έντεκα δώδεκα δεκατρία δεκατέσσερα "
        "δεκαπέντε "
        "δεκαέξι δεκαεπτά δεκαοκτώ δεκαεννέα",
        "είκοσι τριάντα σαράντα πενήντα εξήντα εβδομήντα ογδόντα ενενήντα",
        "{tens}{unit}",
    ),
    "ru": (
        "один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать "
        "пятнадцать шестнадцать семнадцать восемнадцать девятнадцать",
        "двадцать тридцать сорок пятьдесят шестьдесят семьдесят восемьдесят девяносто",
        "{tens}{unit}",
    ),
    "ca": (
        "un/una dos/dues tres quatre cinc sis set vuit nou deu onze dotze tretze catorze quinze setze disset divuit "
        "dinou",
        "vint trenta quaranta cinquanta seixanta setanta vuitanta noranta",
        "{tens}{unit} {tens}i{unit}",
    ),
    "en first": (
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth "
        "sixteenth seventeenth eighteenth nineteenth",
        "twentieth/twenty thirtieth/thirty fortieth/forty fiftieth/fifty sixtieth/sixty seventieth/seventy "
        "eightieth/eighty ninetieth/ninety",
        "{tens}{unit}",
    ),
    "de first": (
        "erste/erster/erstes zweite/zweiter/zweites dritte/dritter/drittes vierte/vierter/viertes "
        "fünfte/fünfter/fünftes "
        "sechste/sechster/sechstes siebte/siebter/siebtes achte/achter/achtes neunte/neunter/neuntes "
        "zehnte/zehnter/zehntes",
        "",
        "",
    ),
    "fr first": (
        "premier/première deuxième/second/seconde troisième quatrième cinquième sixième septième huitième neuvième "
        "dixième",
        "",
        "",
    ),
    "es first": (
        "primero/primera/primer segundo/segunda tercero/tercera/tercer cuarto/cuarta quinto/quinta sexto/sexta "
        "séptimo/séptima octavo/octava noveno/novena décimo/décima undécimo/undécima duodécimo/duodécima",
        "",
        "",
    ),
    "ca first": (
        "primer/primera segon/segona tercer/tercera quart/quarta cinquè/cinquena sisè/sisena setè/setena vuitè/vuitena "
        "novè/novena desè/desena",
        "",
        "",
    ),
    "pt first": (
        "primeiro/primeira segundo/segunda terceiro/terceira quarto/quarta quinto/quinta sexto/sexta sétimo/sétima "
        "oitavo/oitava nono/nona décimo/décima",
        "",
        "",
    ),
    "it first": (
        "primo/prima secondo/seconda terzo/terza quarto/quarta quinto/quinta sesto/sesta settimo/settima ottavo/ottava "
        "nono/nona decimo/decima",
        "",
        "",
    ),
    "nl first": ("eerste tweede derde vierde vijfde zesde zevende achtste negende tiende", "", ""),
    "sv first": ("första andra tredje fjärde femte sjätte sjunde åttonde nionde tionde", "", ""),
    "pl first": (
        "pierwszy/pierwsza/pierwsze drugi/druga/drugie trzeci/trzecia/trzecie czwarty/czwarta/czwarte "
        "piąty/piąta/piąte "
        "szósty/szósta/szóste siódmy/siódma/siódme ósmy/ósma/ósme dziewiąty/dziewiąta/dziewiąte "
        "dziesiąty/dziesiąta/dziesiąte",
        "",
        "",
    ),
}
"""By language: one to nineteen, twenty to ninety, and how they are put together."""


def _table(counted: tuple[str, str, str]) -> dict[str, int]:
    units, tens, patterns = counted
    small = {folded(word): value for value, words in enumerate(units.split(), 1) for word in words.split("/")}
    large = {folded(word): 10 * value for value, words in enumerate(tens.split(), 2) for word in words.split("/")}
    found = small | large
    for pattern, (ten, more), (unit, value) in itertools.product(patterns.split(), large.items(), small.items()):
        if value < 10:
            found.setdefault(pattern.format(tens=ten, unit=unit), more + value)
    return found


_TABLES = {language: _table(counted) for language, counted in _COUNTED.items()}


def with_counted(names: Mapping[str, str]) -> dict[str, str]:
    """Names with digits for the numbers that they say in words of one language, where at least half of all names have
    no digits and such a number, and hardly two the same; any others as they are."""
    words = {
        key: [(found, folded(found[0])) for found in _WORD.finditer(name)]
        for key, name in names.items()
        if not any(map(str.isdecimal, name))
    }
    if len(words) < max(FEW, OFTEN * len(names)):
        return dict(names)
    best: dict[str, list[tuple[int, int, int]]] = {}
    spoken: dict[str, int] = {}
    for table in _TABLES.values():
        said = {key: list(_numbers(there, table)) for key, there in words.items()}
        said = {key: numbers for key, numbers in said.items() if numbers}
        rest = {
            key: (tuple(value for *_, value in numbers), _but(words[key], numbers)) for key, numbers in said.items()
        }
        if len(said) > len(best) and len(set(rest.values())) >= MOST * len(said) and _differ(said):
            best, spoken = said, table
    if len(best) < max(FEW, OFTEN * len(names)):
        return dict(names)
    result = dict(names)
    borne = Counter(text for there in words.values() for text in {text for _, text in there})
    meant = dict(spoken)
    for text, count in borne.items():
        values = {value for word, value in spoken.items() if is_a_slip(text, word)} if count < FEW else set()
        if len(text) >= _SHORTEST and len(values) == 1:
            meant.setdefault(text, values.pop())
    for key, there in words.items():
        numbers = list(_numbers(there, meant))
        for start, end, value in reversed(numbers):
            result[key] = f"{result[key][:start]}{value}{result[key][end:]}"
    return result


def _numbers(words: list[tuple[re.Match[str], str]], table: Mapping[str, int]) -> Iterator[tuple[int, int, int]]:
    """The numbers that a name says: from where to where, and which."""
    first = 0
    while first < len(words):
        for last in range(min(len(words), first + _MOST_WORDS), first, -1):
            value = table.get("".join(text for _, text in words[first:last]))
            if value is not None:
                yield words[first][0].start(), words[last - 1][0].end(), value
                first = last - 1
                break
        first += 1


def _but(words: list[tuple[re.Match[str], str]], numbers: list[tuple[int, int, int]]) -> tuple[str, ...]:
    """The words of a name that are no numbers."""
    return tuple(text for found, text in words if not any(start <= found.start() < end for start, end, _ in numbers))


def _differ(said: Mapping[str, list[tuple[int, int, int]]]) -> bool:
    """Whether these count: at least three numbers, from a low one on."""
    values = {value for numbers in said.values() for *_, value in numbers}
    return len(values) >= FEW and min(values) <= FEW and len(values) * FEW >= max(values)
