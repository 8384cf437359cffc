"""The words of hotels and lock systems that `lock_names.read` understands, folded as it folds names.

Add a word where a hotel's language is missing. An unknown word never makes a door sure, so a gap costs a click and not
a wrong door; a word in the wrong list might.
"""

import functools
import unicodedata

_TYPED_UMLAUTS = (("ae", "a"), ("oe", "o"), ("ue", "u"))
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "a", "œ": "o", "þ": "th", "ħ": "h"})
"""Letters that Unicode takes for no letter with an accent, and everybody types without."""
_SCRIPTS = str.maketrans(
    {
        letter: latin
        for letters, latins in (
            ("αβγδεζηθικλμνξοπρσςτυφχψω", "a v g d e z i th i k l m n x o p r s s t y f ch ps o"),
            (
                "абвгдежзийклмнопрстуфхцчшщъыьэюяђєіјљњћџѓґ",
                "a b v g d e zh z i i k l m n o p r s t u f h ts ch sh sht a y _ e yu ya dj ye i j lj nj c dz g g",
            ),
        )
        for letter, latin in zip(letters, latins.replace("_", "").split(" "), strict=True)
    }
)
"""Greek and Cyrillic letters as they are written in Latin ones."""
_GREEK_PAIRS = (("ου", "ou"), ("μπ", "b"), ("ντ", "nt"), ("γγ", "ng"), ("αυ", "av"), ("ευ", "ev"))


def is_mark(letter: str) -> bool:
    """Whether it is an accent or a vowel sign above or below a letter."""
    return unicodedata.combining(letter) != 0 or unicodedata.category(letter) == "Mn"


@functools.lru_cache(maxsize=20_000)
def folded(word: str) -> str:
    """A word as names are compared: no case, no accents, Latin letters, "Tür" and "Tuer" alike."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", word.casefold()) if not is_mark(c)).translate(_STROKES)
    if not plain.isascii():
        for pair, letters in _GREEK_PAIRS:
            plain = plain.replace(pair, letters)
        plain = plain.translate(_SCRIPTS)
    if len(plain) > 2:  # "AE" by itself is a code: of the east wing, say.
        for pair, letter in _TYPED_UMLAUTS:
            plain = plain.replace(pair, letter)
    return plain


def of_text(text: str) -> frozenset[str]:
    """The words of a text, folded."""
    return frozenset(folded(word) for word in text.split())


JOINING = of_text(
    "a an and the of to in on at by with und mit am im et du des les au aux el los las con y do dos das da di del "
    "della dei e het een met s l d de la le der die von van"
)
"""Words and letters that join others."""
KINDS: dict[str, str] = {
    folded(word): kind
    for kind, text in {
        "room": "room rooms rm rms rom zimmer zi zim zimmernr zimmernummer gastezimmer gästezimmer hotelzimmer "
        "guestroom "
        "chambre chambres ch chb chbre habitación habitacion hab habitaciones cuarto camera stanza quarto qto kamer "
        "hotelkamer kmr rum værelse vaerelse huone szoba pokój pokoj izba soba oda номер комната ком комн "
        "δωμάτιο غرفة اتاق 部屋 客室 "
        "号室 号室 室 号 房 房间 호 호실 객실 客房 "
        "cam stanze pok pokoje kamers odası odasi vær vaer værelser huoneet חדר ห้อง ห้องพัก غرفه حجرة",
        "apartment": "apartment apartments apt apts apmt appartement appt app ap appartamento apartamento apto "
        "depto piso "
        "flat unit wohnung whg we fewo ferienwohnung wohneinheit lakás byt mieszkanie квартира кв residence "
        "apartament lokal fração woning daire lejl lejlighed leilighet lägenhet lgh huoneisto asunto "
        "apartman apartmani apartmán διαμέρισμα דירה ห้องชุด 아파트 세대 شقة شقه",
        "suite": "suite suites ste sviitti svit swit σουίτα люкс スイート",
        "studio": "studio studios στούντιο студия estudio monolocale",
        "dorm": "dorm dorms dormitory schlafsaal mehrbettzimmer dortoir dormitorio",
        "bed": "bed beds bett betten lit lits cama camas letto letti",
        "villa": "villa villas วิลล่า βίλα вилла",
        "cabin": "cabin cabine kabine hütte cottage chalet lodge bungalow bungaló pod tent zelt stuga stugor hytte "
        "hytta mökki "
        "domek chatka chata kućica cabaña cabana capanna bungalov",
        "penthouse": "penthouse",
        "loft": "loft",
        "single": "single sgl ez einzelzimmer einzel individual",
        "double": "double dbl dz doppelzimmer doppel doble doppia",
        "twin": "twin twn zweibettzimmer",
        "triple": "triple tpl dreibettzimmer dbz",
        "quad": "quad mbz",
        "king": "king kng",
        "queen": "queen qn",
        "family": "family fam familienzimmer familial familiar",
        "junior": "junior jr",
        "standard": "standard std estándar",
        "classic": "classic klassik",
        "comfort": "comfort komfort",
        "economy": "economy eco budget",
        "superior": "superior sup",
        "deluxe": "deluxe dlx luxe",
        "premium": "premium prem",
        "executive": "executive exec",
        "view": "view seaview seeblick meerblick bergblick sea ocean lake mountain",
    }.items()
    for word in text.split()
}
"""Kinds of places to sleep in. They tell rooms apart only where rooms and locks both use them."""
GENERIC_KINDS = frozenset({"room", "apartment"})
MAY_BE_A_HOUSE = of_text("residence")
"""Words for an apartment that are the names of houses as well."""
PLACES = frozenset({"villa", "cabin", "studio", "loft", "penthouse", "dorm", "bed"})
"""Kinds that may stand beside the house: such a door is not simply the room's of that number."""
TYPES = frozenset(KINDS.values()) - GENERIC_KINDS - PLACES - {"suite", "view"}
"""Kinds by which rooms are sold, and no house is called."""

DOOR = of_text(
    "door doors lock locks smart smartlock doorlock reader handle keypad cylinder device tür türe tur türschloss "
    "zimmertür wohnungstür schloss leser beschlag zylinder gerät porte serrure puerta pta cerradura porta serratura "
    "deur "
    "slot dr dør dver drzwi дверь замок no nr num number nummer numero número numéro the der die das le la el "
    "il of von de guest guests gast gäste huésped bunk battery batt akku batterie pila "
    "maniglia klamka fechadura deurslot deurklink cilinder kapı kapi kapısı kapisi kilit kilidi πόρτα κλειδαριά דלת "
    "מנעול ประตู ล็อค ล็อก 문 현관문 lockset deadbolts knob doorknob handleset keypads smartlocks doorlocks "
    "padlock padlocks vorhängeschloss cadenas candado lucchetto cadeado hangslot hänglås hengelås hængelås riippulukko "
    "kłódka lakat visací λουκέτο 南京錠 자물쇠 挂锁 "
    "スマートロック 電子錠 玄関錠 錠 鍵 ドア 扉 智能锁 门锁 门 도어락 قفل باب در двери"
)
"""Words that say no more than that it is a door."""
DOOR_ITSELF = of_text("door lock tür porte puerta porta deur")
ENTRY = of_text(
    "main front entry entrance entree entrée eingang eingangstür haupttür haustür hauptzugang zugang entrada ingresso "
    "entrata wejście wejscie ingang voordeur giriş giris είσοδος כניסה ทางเข้า 입구 현관 مدخل "
    "principal principale outer outside exterior external ext aussen außen frnt ent entr "
    "hoveddør inngang indgang ingång ytterdør inngangsdør yderdør ytterdörr ulkoovi välisuks genkan"
)
NEW = of_text(
    "new neu neue neuer nouveau nouvelle nueva nuevo nuova nuovo renamed updated installed inst installation eingebaut "
    "einbau montiert posé instalado instalada installato"
)
BEFORE = of_text(
    "old ex was former formerly previous previously alt alte alter altes früher ehem ehemals ehemalige vormals vorher "
    "bisher ancien ancienne anciennement anc antes antigua antiguo anterior vieja viejo vecchia vecchio già prima "
    "antiga antigo oud oude voorheen vroeger dawniej dawny stara stare stary starý staré původně dříve régi korábban "
    "tidligere tidigare förut gammel gammal gamla gamle vanha entinen eski önceki bivša bivši παλιό παλαιό παλιά "
    "πρώην старый старая бывш бывший 旧 舊 이전 구"
)
"""Words for what was before: beside a number, one that the room does not have any more."""
FORMER = BEFORE | of_text(
    "broken defekt defect defective kaputt unused disabled removed decommissioned retired spare reserve ersatz test "
    "demo dummy"
)
"""Words of a lock that is not in use, or not there any more: however many have one, it is never noise."""
MAKERS = of_text(
    "salto saltoks ks assa abloy dormakaba dorma kaba yale nuki ttlock igloohome igloo schlage august "
    "kwikset tedee "
    "vingcard vostio visionline onity saflok ilco latch brivo avigilon alta akiles lockly wyze ultraloq sifely "
    "hotek keyless wavelynx minut "
    "aperio smartair omnitec häfele simonsvoss evva miwa sciener remotelock resortlock tthotel eufy aqara switchbot "
    "danalock linus "
    "encode halo doorman assure touch mortise deadbolt wifi wi fi zwave rfid"
)
BRANDS = MAKERS | of_text("hotel resort hostel inn ring")

BUILDING = of_text(
    "building bldg bld blg blk haus house gebäude geb tower twr turm wing flügel trakt block bloc bau "
    "bâtiment batiment bat bât "
    "edificio edif torre ala portal корпус корп "
    "court bldng annex annexe anneks anbau dependance nebenhaus neubau altbau haupthaus gebouw hanare 離れ"
)
"""Words beside the name of a building."""
NAMES_A_BUILDING = of_text("annex annexe anneks anbau dependance nebenhaus neubau altbau haupthaus hanare 離れ")
"""Those that are a name themselves."""
BUILDING_ENDINGS = tuple(folded(one) for one in ("flügel", "trakt", "haus", "turm", "bau", "gebäude"))
DIRECTIONS = {
    folded(word): name
    for name, text in {
        "north": "north nord norte noord norr pohjoinen sever północ észak kuzey n.",
        "south": "south süd sud sur zuid syd sør sul etelä jih południe dél güney",
        "east": "east ost est este oost øst öst leste itä wschód kelet doğu",
        "west": "west ouest oeste ovest vest väst länsi západ zachód nyugat batı",
    }.items()
    for word in text.split()
}

WHICH_OF_TWO = {
    folded(word): name
    for name, text in {
        "upper": "upper oben oberes arriba 上 上段",
        "lower": "lower unten unteres inferior abajo 下 下段",
        "left": "left links sinistra lewy lewa lewe esquerda esquerdo esq izquierda izquierdo izq izda gauche αριστερά "
        "שמאל يسار ซ้าย 왼쪽",
        "right": "right rechts destra prawy prawa prawe direita direito dto derecha derecho dcha droite δεξιά ימין "
        "يمين ขวา 오른쪽",
    }.items()
    for word in text.split()
}

OTHERWISE_SPELLED = {"annex": "annexe", "anx": "annexe"}
"""Words of one name as they are written on the locks and in the PMS of one house."""

FLOOR = of_text(
    "floor fl flr level lvl etage étage og obergeschoss stock stockwerk geschoss planta piano verdieping nivel niveau "
    "ebene kerros patro etaj etajul поверх korrus stāvs aukštas этаж эт طبقه الطابق طابق الدور piętro andar kat όροφος "
    "קומה ชั้น 階 层 層 층"
)
ORDINAL_WORDS: dict[str, str] = {
    folded(word): f"{number}"
    for number, text in enumerate(
        (
            "first erster erste erstes premier primera primero primer primo eerste",
            "second zweiter zweite zweites deuxième segunda segundo secondo tweede",
            "third dritter dritte drittes troisième tercera tercero tercer terzo derde",
            "fourth vierter vierte viertes quatrième cuarta cuarto quarto vierde",
            "fifth fünfter fünfte fünftes cinquième quinta quinto vijfde",
            "sixth sechster sechste sechstes sixième sexta sexto sesto zesde",
            "seventh siebter siebte siebtes septième séptima séptimo settimo zevende",
            "eighth achter achte achtes huitième octava octavo ottavo achtste",
            "ninth neunter neunte neuntes neuvième novena noveno nono negende",
            "tenth zehnter zehnte zehntes dixième décima décimo decimo tiende",
        ),
        1,
    )
    for word in text.split()
}
"""Numbers as words, where a word for a storey follows."""
_UNITS = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
ROMAN: dict[str, str] = {"X" * (number // 10) + _UNITS[number % 10]: f"{number}" for number in range(1, 40)}
GROUND = of_text(
    "eg erdgeschoss ground gf parterre rdc rez planta-baja begane bg parter přízemí prízemie prizemlje pritličje партер"
)
BELOW = of_text("ug untergeschoss lg")
ORDINALS = of_text("st nd rd th er ère re eme ème e te")

NOT_A_ROOM = of_text(
    "corridor corridors hallway hall flur gang korridor couloir pasillo corridoio passage lobby foyer reception "
    "rezeption "
    "réception empfang concierge staircase stairs stair stairwell treppe treppenhaus escalier escalera scala elevator "
    "elevators lift lifts aufzug fahrstuhl ascenseur ascensor ascensore parking park parkplatz carpark garage "
    "tiefgarage "
    "tg stellplatz parkhaus gate tor hoftor gartentor portail portillon portão portón cancello cancelletto poort hek "
    "grind brama brána barrier schranke minibar bar safe tresor coffre caja locker lockers spind "
    "schliessfach "
    "schließfach mailbox letterbox briefkasten postfach parcel paketbox storage store stores storeroom lager "
    "abstellraum bod uthus "
    "keller kellerabteil kellerraum basement cellar cave trastero bodega dachboden attic linen laundry wäsche "
    "waschküche "
    "wäscherei buanderie lavandería lavanderia housekeeping hsk putzraum putzkammer cleaning cleaner reinigung "
    "maid maids "
    "étagenservice staff personal personnel personale employee employees crew mitarbeiter team office offices "
    "büro bureau "
    "oficina ufficio backoffice desk back-office boh kitchen küche cuisine cocina cucina pantry restaurant breakfast "
    "frühstück frühstücksraum dining bistro cafe café gym fitness spa sauna wellness pool piscine piscina schwimmbad "
    "hammam massage treatment meeting conference konferenz tagungsraum seminar seminarraum boardroom ballroom "
    "salon saal "
    "sala event events technical technik technikraum technique elektro electrical electric server serverraum it boiler "
    "heizung heizraum heating plant meter zähler zählerraum machine maschinenraum utility service delivery lieferant "
    "anlieferung loading waste müll müllraum bin bins garbage trash roof dach rooftop emergency notausgang fire "
    "brand exit "
    "ausgang sortie salida uscita wc toilet toilets toilette toiletten restroom restrooms bike bikes fahrrad "
    "fahrradraum "
    "ski skiraum luggage gepäck gepäckraum baggage cloakroom garderobe dressing umkleide changing playroom kids "
    "library hovedinngang hovedindgang huvudingång huvudentré hoofdingang pääovi "
    "bibliothek coworking lounge "
    "shop kiosk yard hof courtyard garden garten jardin fence zaun cabinet schrank cupboard fridge energy "
    "korytarz schody winda magazyn piwnica pralnia kuchnia biuro garaż portineria magazzino cantina "
    "corredor elevador garagem escritório depósito armazém trap berging kelder keuken kantoor "
    "koridor merdiven asansör otopark mutfak depo ofis διάδρομος ασανσέρ αποθήκη κουζίνα γραφείο σκάλα "
    "מסדרון מעלית מחסן מטבח משרד חניה ลิฟต์ ครัว สำนักงาน 복도 엘리베이터 창고 주방 사무실 주차장 계단 ممر مصعد مطبخ "
    "مكتب مخزن broom "
    "lavandaria ripostiglio rangement débarras förråd tvättstuga soprum despensa arrumos azotea androne portone palier "
    "display tv thermostat hauseingang haupteingang seiteneingang hintereingang lieferanteneingang gateway hub bridge "
    "controller master programming encoder ランドリー 洗濯室 リネン リネン室 大浴場 浴場 従業員口 従業員 倉庫 "
    "物置 厨房 事務所 事務室 会議室 駐車場 フロント ロビー 食堂 機械室 エレベーター 階段 廊下 更衣室 喫煙所"
)
"""What else has a lock. Such a door belongs to a room or area only if that has the word in its own name."""
KEY = of_text("key keys schlüssel clé clef llave llaves chiave chiavi sleutel nyckel klucz chave")
"""Words before those of which such a box is for the key: "key safe"."""
STAIRCASES = of_text(
    "klatka kl stiege stg escalera esc escalier cage staircase stair stairs stairwell trapp trappe trappa porras "
    "aufgang eingang vchod ulaz opgang uppgång uppg lépcsőház lph scala scara вход подъезд"
)
"""Words beside the number or letter of a part of the house: a staircase, an entrance."""
LOCKERS = of_text(
    "locker lockers spind spinde schließfach schließfächer schliessfach casier casiers taquilla taquillas casillero "
    "casilleros cacifo cacifos armário armários armadietto armadietti szafka szafki skåp skåpe skap skab kluisje "
    "kluisjes kluis lokero kaappi skříňka skříňky skrinka szekrény dolap dolabı ormarić omarica dulap шкафчик шафка "
    "ντουλάπι לוקר خزانة ロッカー 储物柜 置物櫃 置物柜 寄物柜 사물함 락커 라커 ล็อกเกอร์"
)
"""What a bed of a dormitory has in the place of a door."""
BEDS = of_text(
    "bed beds bunk berth bett koje etagenbett lit couchette cama litera letto łóżko säng seng sänky petipaikka postel "
    "posteľ postelja ágy yatak krevet pat ležaj кровать койка место ліжко легло κρεβάτι מיטה سرير ベッド 床位 床 침대 "
    "เตียง slaapplaats beliche capsule capsules kapsel kapseln cápsula cápsulas capsula kapsułka "
    "カプセル 캡슐 胶囊"
)
MAY_BE_A_NAME = of_text("hall garden garten jardin garden gate tor hof yard court spa bar salon library beach")
"""Those of them that houses are called by: where most locks have one, it is the house's."""
INSTALLATION = of_text("gateway hub bridge controller encoder")
"""Those of them that stand before the number of a device to which the lock is connected."""
NOT_A_ROOM_ENDINGS = tuple(
    folded(one)
    for one in ("raum", "kammer", "keller", "lager", "lift", "aufzug", "treppe", "garage", "büro", "küche", "schrank")
)
INSIDE = of_text(
    "bedroom bedrooms schlafzimmer balcony balkon balcon balcón balcone terrace terrasse terraza terrazza patio living "
    "livingroom wohnzimmer bath bathroom bad badezimmer salle bains baño bagno closet wardrobe connecting connection "
    "connector interconnecting communicating verbindung verbindungstür adjoining inner internal innen inside interior "
    "sypialnia łazienka badkamer slaapkamer balkonu banyo banheiro varanda μπάνιο "
    "back rear hinten side seite secondary second"
)
"""Second doors of a room."""
BEDROOMS = of_text("bedroom bedrooms schlafzimmer sypialnia slaapkamer")
COUNTED = of_text(
    "parking stellplatz garage tg locker lockers storage meeting conference office mailbox safe wc toilet"
)
"""Areas of which a number tells one from the next, and is no number of a door."""
HOW_MANY = of_text(
    "br bdr bedroom bedrooms ba bath baths bed beds bett betten pers persons person people pax p guests guest personen "
    "personnes personas persone pessoas personer osob os os. osobowy ch chambres chb pièces pieces plazas posti letti "
    "camas lits slaapplaatsen sz schlafzimmer singles doubles twins queens kings m² m2 qm sqm 畳 名 인"
)
"""Behind the number of those who sleep in a room, of its beds or its rooms."""
SIDES = of_text(
    "left right links rechts inner outer inside outside north south east west nord süd ost back rear front side gate"
)
"""What tells the doors of one common area apart."""

NO_ROOM = NOT_A_ROOM | INSIDE | FORMER
"""Words for what is no room of its own."""


def ends_as_no_room(word: str) -> bool:
    """Whether a word for something else than a room is at its end: "Wäschekammer"."""
    return len(word) > 6 and word.endswith(NOT_A_ROOM_ENDINGS)


def is_no_room(word: str) -> bool:
    """Whether a word is for something else than a room."""
    return word in NO_ROOM or ends_as_no_room(word)
