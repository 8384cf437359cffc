"""Titles of which no word can be a guest's name: "Dentist", "Team meeting", "Water damage", "Neuer Termin", "x", "?".

People write what they like into the calendar of a flat, and programs write what they have. That days are taken says
nothing of who sleeps there. A title is nobody's where each of its words is a common one of calendars, houses, trades or
seasons, in whatever language; one other word, and it may be a name. What only says that a room is reserved ("Booking",
"Guest", "Airbnb") is a channel's form for a stay, and not among these words.
"""

import re
import unicodedata

_WORDS = frozenset(
    # Nothing at all.
    "null none paid unpaid payment deposit anzahlung pending awaiting waiting deep oo ooo undefined untitled title "
    "titel titre titulo titolo tytul nazev nimeton no new neu neuer neue nouvel nouvelle nouveau nuevo nueva nuovo "
    "nuova novo nova nowe nowy event events evento eventos evenement ereignis termin termine appointment appointments "
    "appt rendez vous rdv cita citas appuntamento compromisso afspraak wizyta spotkanie schuzka aftale mote avtale "
    "tapaaminen test tests testing tester dummy placeholder platzhalter example beispiel sample demo reminder "
    "erinnerung rappel recordatorio promemoria lembrete herinnering note notes notiz notizen todo memo info ignore "
    "important wichtig temp tmp xxx yyy zzz asdf foo bar kein keine ohne sans sin senza sem zonder geen bez uden utan "
    "ingen ei non nicht not nie ne nao pas ikke inte nem nu "
    # Calendars and prices.
    "calendar calendars kalender calendrier calendario agenda kalendarz ical ics sync synced synchronisation "
    "synchronization import imported export external extern externe update price prices pricing rate rates preis "
    "preise prix tarif tarifs tarifa precio precios prezzo prezzi prijs prijzen cena ceny change changes anderung "
    "season seasons saison saisons temporada stagione seizoen sezon hochsaison hauptsaison nebensaison high shoulder "
    "min minimum maximum mindestaufenthalt nights night nachte nacht nuits nuit noches noche notti notte noites "
    "nachten noce nocy only nur solo seulement alleen changeover wechseltag weekend wochenende week weeks woche month "
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag "
    "sonnabend sonntag lundi mardi mercredi jeudi vendredi samedi dimanche lunes martes miercoles jueves viernes "
    "sabado domingo lunedi martedi mercoledi giovedi venerdi sabato domenica available availability verfugbar "
    "disponible disponibile disponivel beschikbaar dostepne open opened offen ouvert abierto aperto aberto otwarte "
    "empty vacant vacancy leer leerstand leerstehend vacio vuoto vazio leeg vide pusto puste prazdne tyhja ures nobody "
    "niemand personne nessuno nadie ninguem nikt nikdo possible possibly potential perhaps standby stand backup "
    "overbooking overbooked double conflict gap buffer date dates day days tag tage jour jours dia dias giorno giorni "
    "dag dagen today tomorrow heute morgen "
    # The owner's own life.
    "holiday holidays vacation vacations ferien urlaub betriebsurlaub vacances conge conges vacaciones ferie ferias "
    "vakantie urlop wakacje dovolena semester loma szabadsag public bank school schulferien feiertag feiertage festivo "
    "feriado festivi birthday birthdays geburtstag anniversaire cumpleanos compleanno aniversario verjaardag urodziny "
    "narozeniny anniversary jubilaum christmas xmas weihnachten natale navidad natal kerst swieta vanoce easter ostern "
    "paques pascua pasqua silvester neujahr year years eve carnival karneval fasching meeting meetings besprechung "
    "sitzung reunion reuniao riunione vergadering call conference seminar workshop training dentist zahnarzt doctor "
    "arzt dentiste medecin medico dentista tandarts lekarz lekar hospital family familie famille familia famiglia "
    "rodzina rodina friends friend freunde amis amigos amici vrienden vanner ystavat barateink przyjaciele parents "
    "eltern relatives verwandte us ourselves ourself myself me mine we wir uns selbst nous own owns our self use "
    "selfuse private privat personal stay visit besuch visite visita bezoek trip away travel party "
    # Trades and works.
    "handwerker hausmeister hausmeisterei putzfrau putzdienst putzkraft reinigungskraft cleaner cleanup clean "
    "housekeeper housekeeping laundry linen wasche plumbers painter painters painting paint carpenter roofer "
    "electricians electrical electric electricity elektriker electricien electricista elettricista elektricien "
    "elektryk plombier plomberie peintre peinture fontanero fontaneria pintor pintores pintura idraulico imbianchino "
    "pittura encanador eletricista loodgieter schilders schilderwerk hydraulik malarz malowanie instalater malir maler "
    "malerarbeiten malerei anstrich klempner installateur dachdecker gartenarbeit gardener gardening garden jardinier "
    "jardinero giardiniere tuinman ogrodnik contractor contractors builder builders workers work works arbeiten "
    "bauarbeiten baustelle heizung heating heater chauffage calefaccion riscaldamento verwarming ogrzewanie water "
    "wasser gas roof dach bathroom bad badezimmer kitchen kuche salle bain bains cuisine bano cocina bagno cucina "
    "badkamer keuken balcony balkon window windows fenster floor boden pool piscine piscina jacuzzi sauna elevator "
    "lift aufzug damage damages schaden wasserschaden leak degats danos danni lekkage bettwanzen bedbugs bugs pest "
    "mold mould schimmel flood fire renovation reform reforma reformas obra obras reparatur maintenance service "
    "inspektion inventory inventur inventaire inventario photo photographer photoshoot foto fotos fotograf "
    "fotoshooting fotografo session shooting key keys handover schlussel schlusselubergabe ubergabe garbage trash mull "
    "mullabfuhr chimney sweep schornsteinfeger kaminkehrer entrega levering furniture mobel zahlerablesung meter "
    "reading internet wifi wlan router winterized winterizing wintersperre sommerpause winter sommer hiver ete "
    "invierno verano inverno estate closed close temporarily temporary geschlossen gesperrt verkaufsstopp verkauf "
    "checkin sale sold rent rented miete viewing besichtigung showing visning bezichtiging vitres draps linge "
    "changement lingerie repassage jardinage pulizie lenzuola biancheria cambio sabanas ropa cama roupa lencois "
    "schoonmaker glazenwasser beddengoed bedden verschonen sprzataczka posciel rauchfangkehrer rechnung rechnungen "
    "schreiben kommt kommen uhr invoice exchange swap pickup blockierter blockierte blockiertes gesperrter gesperrte "
    "gesperrtes geblockter geblockte geblocktes zeitraum kanal channel menage menages burst pipe pipes tap taps drain "
    "drains blocked clogged toilet toilets sink shower sewage broken fix fixing failed failure outage power hot cold "
    "alarm alarms smoke detector detectors bed beds mattress mattresses sofa carpet curtains fridge oven dishwasher "
    "machine aircon ac ants mice rats cockroaches wasps disinfection upgrade redecorating redecoration "
    "decorating decoration insurance assessor surveyor survey engineer plaster plastering tiles tiling fuite "
    "tuyau tuberia averia gotera perdita tubo rottura rotura storing lekkende rohrbruch heizungsausfall stromausfall "
    "lavori corso cozinha na reparacion reparaciones arreglo reparacao reparacoes conserto consertos riparazione "
    "riparazioni guasto guasti reparation reparations panne reparasjon reparasjoner korjaus naprawa naprawy awaria "
    "remont oprava opravy porucha javitas felujitas tamir tamirat onarim ariza popravak popravka reparatie reparaties "
    "straordinaria straordinarie straordinario straordinari extraordinaria extraordinarias caldera smart lock locks "
    "battery batteries batteria batterie batterien bateria baterias baterie batteriewechsel turnover prep preparation "
    "rormokare rorlegger vvs lasesmed lassmed locksmith slotenmaker cerrajero cerrajeria serrurier serrurerie slusarz "
    "zamecnik wymiana zamka zamku vymena byte skifte las av cerradura serratura serrure varmepumpe varmepump "
    "lampopumppu warmepumpe warmtepomp heatpump pump "
    # Pests, cleaners, trades and what is broken, once more.
    "bug treatment termite termites exterminator kammerjager schadlingsbekampfung ungeziefer desinsectisation "
    "deratisation desinfection disinfestazione fumigacion desinfeccion disinfezione dezynsekcja deratyzacja odhmyzeni "
    "putzteam femme donna senora uklizecka schoonmaakster staderska stadfirma rengoringshjelp siivooja takaritono "
    "femeie curatenie ramoneur ramonage spazzacamino kominiarz kominik schoorsteenveger sotare imbiancatura "
    "verniciatura tinteggiatura tinteggiare schildern fliesenleger carreleur piastrellista tiler sanding flooring "
    "remodel remodeling remodelling refurb refurbishment refurbish upgrades refit rewiring glazier falegname stolarz "
    "schlusseldienst flooding flooded inundacion inondation allagamento uberschwemmung degat eaux perdite acqua fuites "
    "fuga fugas hurricane typhoon tornado sturmschaden unwetter tempete tormenta evacuation evakuierung quarantine "
    "quarantaine quarantane cuarentena quarantena covid lockdown kaputt defekt defekte defekter rotto rotta roto "
    "averias geht check checks checking safety safe certification eicr pat legionella compliance livraisons meubles "
    "muebles mobili meubel meubels ikea parcel package packages bin bins collection recycling dumpster umzug moving "
    "removals van lawn mowing hedge trimming tree felling opening tub damp proofing asbestos scaffolding scaffold "
    "gerust echafaudage ravalement ponteggi ponteggio andamio andamios rusztowanie teppich teppichboden verlegen "
    "tapezieren moquette sweeping mopping forberedelsetid forberedelse lost forgotten left verloren vergessen perdu "
    "perdue perdus oublie perdido perdida perdidos olvidado smarrito smarrita vergeten zgubiony zgubione ztraceny "
    "glemt glomt luggage baggage gepack bagage bagages equipaje bagagli "
    # Agents, offices, money.
    "agence agenzia agencia agent realtor realtors appraiser appraisal valuation valuer gutachter gutachten "
    "sachverstandiger survei film filming video videos crew audit auditor steuerberater steuer notaire notaio mortgage "
    "due landlord landlady landlords manager hausverwaltung verwaltung hausverwalter syndic amministratore conserje "
    "concierge accommodation accomodation housing mitarbeiterwohnung personalwohnung lagerraum dauermieter dauermiete "
    "langzeitmiete langzeitmieter langzeit mieter mieterin locataire locataires inquilino inquilinos inquilina "
    "inquilini huurder huurders najemca lokator najemnik longue duree larga duracion lunga durata market platform "
    # Families, days and programs.
    "zu visiting visits visitors in inlaws schwiegereltern schwiegermutter suegros suoceri grandparents grosseltern "
    "opa oma abuelos enkel enkelkinder nephew niece siblings fruhjahrsputz herbstputz osterputz fin hors fuera fuori "
    "beendet schluss turnaround orphan orphans gaps filler luecke luecken hueco huecos trou rolling beyond over above "
    "within cut cutoff last same minute set lead advance freier freie unlisted snooze snoozed privatbelegung "
    "eigennutzer property properties "
    "familienbesuch familiebezoek familiebesok familjebesok familiar wizyta rodziny csalad perhe obitelj druzina "
    "vizita aile ziyareti семья родственники друзья οικογενεια משפחה خانواده keluarga 家族 家人 亲戚 "
    "rauchmelder prufen prufung delete ladies "
    # The house and who works there.
    "staff staffroom employee employees management personnel mitarbeiter mitarbeiterin angestellte medewerker "
    "medewerkers personeel pracownik personale dipendente dipendenti empleado empleados funcionario complimentary comp "
    "colleague colleagues kollege kollegen storage store lager office buro bureau oficina ufficio used using as "
    "protection end ends ending off ende closure closing fermeture annuelle saisonende my their his her is are here "
    "there mum mom dad mother father mama papa kids children son daughter grandma grandpa owner owners eigentumer "
    "staying wedding hochzeit mariage boda matrimonio disturb other monthly long short term tenant tenancy rental "
    "rentals "
    # What stands beside them.
    "oil tank tanks garage vent line dry wall securite eau electricite panels guy corte agua relva marshal drill "
    "vigili fuoco company care conditioning well door spring for and und et y e en of the a an on at to by with from "
    "until till bis von vom am im de du des la le les del al der die das den el los il lo da do dos i o oder or ou mit "
    "fur pour par por per voor z".split()
)
_BESIDE = frozenset(
    "for and und et y e en of the a an in on at to by with from until till bis von vom am im de du des la le les del "
    "al der die das den el los il lo da do dos i o oder or ou mit fur pour par por per voor na z day days tag tage "
    "jour jours dia dias night nights nachte nacht nuits nuit noches noche notti notte noites nachten noce nocy stay "
    "new neu neuer neue neues nouvel nouvelle nouveau nuevo nueva nuovo nuova novo nova nowe nowy date dates weekend "
    "wochenende week weeks woche month double no nu private privat water bad morgen estate bar high winter sommer "
    "sonntag samstag freitag montag silvester bank boden dach reading solo mine carpenter min loma nie ei power long "
    "short son cold fix lager tap taps drain my our his her their is are here using used as other end ending off lost "
    "left perdu perdue perdido perdida personal comp caldera smart lock battery oprava remont panne prep av oil tank "
    "garage line wall guy corte relva marshal drill care well spring company fuoco agua las slusarz zamecnik pump over "
    "last same set lead advance safe due within above property properties zu fin market manager upgrade platform agent "
    "check femme donna senora film opa oma agencia".split()
)
"""Of these, what alone makes no title nobody's: it stands beside a reserved room as well, or is somebody's name."""
_ASIDE = frozenset(
    "booking bookings reservation buchung reservierung reserva prenotazione boeking rezerwacja guest gast team "
    "apartment apt flat house home room unit studio villa wohnung haus zimmer appartement casa".split()
)


_FOR_WHOM = re.compile(
    r"(?:reserved|booked|blocked|reserviert|gebucht|reserve|reservee|reservado|reservada|riservato|prenotato|gereserveerd|"
    r"zarezerwowane|rezervovano) (?:for|fur|pour|para|per|voor|dla|pro) (.+)"
)
"""For whom a room is taken: "Reserved for staff" names nobody, "Reserved for Anna" does."""
_FAMILY = frozenset("familie family famille familia famiglia fam familj rodzina rodina".split())
_OF_FAMILIES = frozenset(
    "holiday holidays vacation vacations urlaub ferien vacances vacaciones vacanze vakantie visit visits visiting "
    "besuch visite visita stay stays time use trip days day weekend wochenende week woche month christmas xmas "
    "weihnachten navidad natale easter ostern paques pascua pasqua birthday geburtstag anniversaire cumpleanos "
    "compleanno reunion meeting event party private privat prive privado privato own self friends freunde amis amigos "
    "amici our my his her host owner owners the whole staff close room here only nur selbst uns us me wir we".split()
)
"""What stands beside *family* and makes no name of it."""


_WORKS = re.compile(
    r"(?:bad|balkon|bett(?:en)?|boden|boiler|dach|fassaden?|fenster|garten|haus|heizungs?|hecken?|kamin|klima(?:anlagen)?|"
    r"kuchen?|matratzen|mobel|ofen|pool|rasen|schlussel|schornstein|sofa|teppich|therme[n]?|treppenhaus|tur(?:en)?|vorhang|"
    r"wasche|wohnungs?|zahler|zimmer)"
    r"(?:abholung|ablesung|arbeit(?:en)?|austausch|besichtigung|einbau|inspektion|kehrer|kontrolle|lieferung|mahen|montage|"
    r"pflege|putz|putze|putzen|putzer|putzerin|reiniger|reinigung|reparatur|sanierung|schnitt|service|streichen|tausch|"
    r"termin|ubergabe|uberprufung|wartung|wasche|wechsel)"
)
"""German writes a thing and what is done with it as one word, and of those there is no list."""
_PARTED = re.compile(r"[,:;|()\[\]–—/&+]|\s-\s")
"""Signs behind which a remark stands, and no trade: "Anna - late delivery"."""
_CLOCK = re.compile(r"\d+(?:h\d*|am|pm|uhr|hrs?)?")
"""A number, or an hour: "10 Uhr", "11am", "10h30"."""


_TRADES = frozenset(
    unicodedata.normalize(
        "NFKD",
        "septic septique septica septische plumbing roofing boiler hvac appliance appliances satellite fumigation "
        "installation installations installazione instalacion instalacao instalacja montaz montage install inspection "
        "inspeccion inspecao inspectie ispezione inspector inspectors surgeon tuner adjuster designer assembly "
        "extinguisher softener purifier refinishing resurfacing staining sealing pumping emptying unblocking "
        "remediation fitting fitters washing blinds gutter gutters sewer radon rekey removal delivery deliveries "
        "replacement repair repairs plow plough epc firewood propane broadband fiber fibre drywall insulation "
        "landscaping lawncare carpets cleaners cleaning technician plumber electrician handyman touch certificate "
        "fireplace dryer concrete photos heizol lieferung prufung entleerung leerung begehung wartung ablesung "
        "reinigung klargrube senkgrube jauchegrube oltank feuerloscher brandschutz techniker tuv putzen fallen therme "
        "neues brandschau vidange entretien controle detecteur pompiers incendie coupure fioul livraison chaudiere "
        "nettoyage haies revision bomberos mantenimiento limpieza consegna revisione controllo antincendio allaccio "
        "spurgo manutenzione caldaia taglio revisao bombeiros caldeira manutencao limpeza onderhoud brandweer "
        "reiniging keuring wassen przeglad wywoz szamba szambo oproznianie mycie czyszczenie serwis kontrola sotning "
        "feiing tomning fonsterputs vinduespudser skorstensfejer nuohous huolto karbantartas kemenysepro revize vyvoz "
        "deratizace dezinsekce 점검 청소 수리 공사",
    ).split()
)
"""Words of trades and works that nobody is called. One of them beside one other word is a trade, whatever the other is:
"Septic tank", "Piano tuner", "Vidange fosse", "Novak plumbing". Beside a whole name it is a remark."""
_OF_WORKS = re.compile(
    r"\w{3,}(?:inspektion|inspektor|wartung|reinigung|lieferung|prufung|reparatur|entleerung|kontrolle|besichtigung|techniker|"
    r"installation|sanierung|besiktning|klippning|stadning|rengoring|sugning|tomning|tilsyn|onderhoud|reiniging|inspectie|"
    r"keuring|reparatie|levering|schoonmaak|service|abschaltung|ablesung|tank|arbeiten|arbeten|arbejder|werkzaamheden)"
)
"""Languages that write both as one word; no family is called so."""


def names_nobody(title: str, folded: str) -> bool:
    """Whether no word of a title can be a name. `folded` is the title in folded letters, words parted by a blank.

    An empty title says nothing at all, and is not decided here. Digits alone are a number, where they are four or more.
    """
    if not title.strip():
        return False
    words = folded.split()
    if not words:
        # Nothing but signs.
        return True
    if len(words) == 1 and _is_mark(words[0]):
        return True
    if _is_family(title, [one for one in words if not one.isdigit()]):
        return False
    if (reserved := _FOR_WHOM.fullmatch(folded)) is not None:
        words = reserved[1].split()
    rest = [one for one in words if not _CLOCK.fullmatch(one) and one not in _ASIDE]
    unknown = [one for one in rest if not (one in _WORDS or _WORKS.fullmatch(one) or _is_trade(one))]
    if len(unknown) == 1 and _PARTED.search(title) is None and any(map(_is_trade, rest)):
        return True
    return not unknown and any(one not in _BESIDE for one in rest)


def _is_trade(word: str) -> bool:
    return word in _TRADES or _OF_WORKS.fullmatch(word) is not None


def _is_family(title: str, words: list[str]) -> bool:
    """Whether it is a family by its name, for many are called by common words: "Familie Winter"."""
    if len(words) != 2:
        return False
    other = words[1] if words[0] in _FAMILY else words[0]
    is_large = all(one[:1].isupper() for one in title.split() if any(map(str.isalpha, one)))
    return not _FAMILY.isdisjoint(words) and is_large and other not in _OF_FAMILIES


def _is_mark(word: str) -> bool:
    """A cross or a figure that marks the days: x, xx, 1. A sign of Chinese or Japanese is a name."""
    return (word.isascii() and (len(word) == 1 or re.fullmatch(r"x+", word) is not None)) or (
        word.isdigit() and len(word) < 4
    )
