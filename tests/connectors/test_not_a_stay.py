"""Who gets nothing, by the words of many feeds; and who must not lose access for a name."""

import pytest

from connectors.words.not_a_stay import standing
from connectors.words.words_of_status import Standing

STAY, CANCELLED, NOT_CONFIRMED, BLOCKED, UNCLEAR, OVER = (
    Standing.STAY,
    Standing.CANCELLED,
    Standing.NOT_CONFIRMED,
    Standing.BLOCKED,
    Standing.UNCLEAR,
    Standing.OVER,
)


@pytest.mark.parametrize(
    "title",
    [
        "",
        "Reserved",
        "Reserved - Anna",
        "Anna Novak",
        "Holden Smith",
        "Block, Anna",
        "Anna Block",
        "Block Anna",
        "Owner-Smith, Tom",
        "Tom Owner",
        "Tom Pending",
        "Pending, Tom",
        "Frei, Tom",
        "Tom Frei",
        "Hold, Tom",
        "Reserved - Block",
        "Busy, Jean",
        "Lisa Maintenance-Wong",
        "Cancellara Fabian",
        "Optionova Jana",
        "Anna Novak (2 guests)",
        "Flight cancelled - Anna Novak",
        "Anna Novak, cancelled flight",
        "Blockhaus am See: Anna",
        "Closedown Anna",
        "Hold Anna",
        "Belegt - Anna Novak",
        "Occupied: Anna Novak",
        "Private - Anna Novak",
        "Black, Anna",
        "Mr. Block",
        "UNCANCELLED - back on!",
        "Booking.com reservation",
        "Reserva de Airbnb",
        "Réservée - M & Mme",
        "M. Occupé-Durand",
        "Fam. Frei",
        "Block/Smith",
        "Hold & Pending",
        "Anna Novak (free)",
        "Anna Novak - Block A",
        "Construction Ltd - Anna",
        "Renovation Team Smith",
        "Lead guest: Anna Novak",
        "Owner's guest: Anna Novak",
        "Anna Black - Airbnb",
        "Anna Novak - free cancellation",
        "Smith free cancellation",
        "Novak Anna, Stornierung kostenlos bis 12.9.",
        "Müller - kostenlose Stornierung",
        "Rossi cancellazione gratuita",
        "Anna Novak ohne Storno",
        "Smith rebooked after cancellation",
        "Booking Anna Hold",
        "Reservation Block, Anna",
        "Anna Hold 2 pax",
        "Tom Pending 12/9",
    ],
)
def test_a_guest_is_a_guest_whatever_she_is_called(title: str) -> None:
    assert standing(title).standing is STAY


@pytest.mark.parametrize(
    "text",
    [
        "Cancelled flight, arrives late",
        "Cancellation policy: flexible",
        "Cancellation until 3 March is free",
        "Stornierung bis 3 Tage vorher kostenlos",
        "Not available by phone in the evening",
        "Pending: dinner reservation",
        "Payment status: pending",
        "Deposit pending",
        "Owner: Tom Novak, +43 660 5550101",
        "Parking is not available",
        "Status: Confirmed",
        "Status: New/0",
        "STATUS: Bezahlt",
        "Booking status: booked",
        "Type: Guest",
        "Guest asked for early check-in, on hold until Monday",
        "Contact\nUnavailable",
        "Garage\nBlocked",
    ],
)
def test_a_note_of_something_else_takes_no_access(text: str) -> None:
    assert standing("Anna Novak", text).standing is STAY


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Cancelled - Anna Novak", CANCELLED),
        ("CANCELED: Anna Novak", CANCELLED),
        ("[Cancelled] Anna Novak", CANCELLED),
        ("Anna Novak (cancelled)", CANCELLED),
        ("Anna Novak - CANCELLED", CANCELLED),
        ("Cancelled Anna Novak", CANCELLED),
        ("Cancelled, Anna Novak", CANCELLED),
        ("Cancelled by guest", CANCELLED),
        ("Booking cancelled", CANCELLED),
        ("❌ Cancelled ❌ Anna", CANCELLED),
        ("Storniert: Anna", CANCELLED),
        ("Anna (storniert)", CANCELLED),
        ("Stornierung Anna", CANCELLED),
        ("Abgesagt - Anna", CANCELLED),
        ("Annulé - Anna", CANCELLED),
        ("Réservation annulée", CANCELLED),
        ("Cancelada - Anna", CANCELLED),
        ("Reserva cancelada", CANCELLED),
        ("Annullata: Anna", CANCELLED),
        ("Prenotazione cancellata - Anna", CANCELLED),
        ("Geannuleerd - Anna", CANCELLED),
        ("Anulowana - Anna", CANCELLED),
        ("Rezerwacja anulowana", CANCELLED),
        ("Zrušeno - Anna", CANCELLED),
        ("Otkazano - Anna", CANCELLED),
        ("Annulleret - Anna", CANCELLED),
        ("Avbokad - Anna", CANCELLED),
        ("Declined - Anna", CANCELLED),
        ("Abgelehnt: Anna", CANCELLED),
        ("Expired request", CANCELLED),
        ("No-show: Anna", OVER),
        ("Tentative - Anna Novak", NOT_CONFIRMED),
        ("Tentative Anna Novak", NOT_CONFIRMED),
        ("Pending - Anna Novak", NOT_CONFIRMED),
        ("Pending Anna Novak", NOT_CONFIRMED),
        ("Booking pending", NOT_CONFIRMED),
        ("Hold", NOT_CONFIRMED),
        ("Hold - Anna Novak", NOT_CONFIRMED),
        ("HOLD: Anna", NOT_CONFIRMED),
        ("Hold for Anna", NOT_CONFIRMED),
        ("Anna Novak (on hold)", NOT_CONFIRMED),
        ("Anna Novak - on hold", NOT_CONFIRMED),
        ("Inquiry - Anna", NOT_CONFIRMED),
        ("Request to book: Anna", NOT_CONFIRMED),
        ("Provisional - Anna", NOT_CONFIRMED),
        ("Provisoire - Anna", NOT_CONFIRMED),
        ("En attente - Anna", NOT_CONFIRMED),
        ("Anfrage: Anna", NOT_CONFIRMED),
        ("Vorläufig - Anna", NOT_CONFIRMED),
        ("Option: Anna", NOT_CONFIRMED),
        ("Pendiente - Anna", NOT_CONFIRMED),
        ("In attesa - Anna", NOT_CONFIRMED),
        ("Opzione - Anna", NOT_CONFIRMED),
        ("Pendente - Anna", NOT_CONFIRMED),
        ("Voorlopig - Anna", NOT_CONFIRMED),
        ("Optie - Anna", NOT_CONFIRMED),
        ("Wstępna rezerwacja - Anna", NOT_CONFIRMED),
        ("Oczekuje na potwierdzenie", NOT_CONFIRMED),
        ("Předběžná rezervace - Anna", NOT_CONFIRMED),
        ("Na čekanju - Anna", NOT_CONFIRMED),
        ("Preliminär - Anna", NOT_CONFIRMED),
        ("Unconfirmed: Anna", NOT_CONFIRMED),
        ("Blocked", BLOCKED),
        ("Min stay restriction", BLOCKED),
        ("Seasonal closing", BLOCKED),
        ("Block", BLOCKED),
        ("BLOCKED - Anna's parents", BLOCKED),
        ("Blocked By Guesty", BLOCKED),
        ("Blocked until May", BLOCKED),
        ("Airbnb (Not available)", BLOCKED),
        ("Airbnb (No disponible)", BLOCKED),
        ("Airbnb (Nicht verfügbar)", BLOCKED),
        ("Airbnb (Indisponible)", BLOCKED),
        ("Airbnb (Non disponibile)", BLOCKED),
        ("Airbnb (Niet beschikbaar)", BLOCKED),
        ("Airbnb (Niedostępne)", BLOCKED),
        ("Airbnb (Não disponível)", BLOCKED),
        ("CLOSED - Not available", BLOCKED),
        ("CLOSED - Novakova", BLOCKED),
        ("Not available", BLOCKED),
        ("Unavailable", BLOCKED),
        ("UNAVAILABLE: maintenance", BLOCKED),
        ("Apartment 3 not available", BLOCKED),
        ("Busy", BLOCKED),
        ("Free", BLOCKED),
        ("Google (Busy)", BLOCKED),
        ("Cancelled / Anna Novak", CANCELLED),
        ("Unavailable - Owner", BLOCKED),
        ("Tom (owner)", BLOCKED),
        ("Construction", BLOCKED),
        ("Canceled event: Anna Novak", CANCELLED),
        ("Declined: Anna Novak", CANCELLED),
        ("Tentative: Anna Novak", NOT_CONFIRMED),
        ("Tentative reservation", NOT_CONFIRMED),
        ("Staff Block", BLOCKED),
        ("Airbnb block", BLOCKED),
        ("iCal block", BLOCKED),
        ("Outlook - Busy", BLOCKED),
        ("Reserved - Owner", BLOCKED),
        ("Reserved for owner", BLOCKED),
        ("Private", BLOCKED),
        ("Block until May", BLOCKED),
        ("Closed for winter", BLOCKED),
        ("Cerrado por obras", BLOCKED),
        ("Belegt", UNCLEAR),
        ("Occupé", UNCLEAR),
        ("Pool maintenance", UNCLEAR),
        ("CXL - Anna", CANCELLED),
        ("Anfrage von Anna Novak", NOT_CONFIRMED),
        ("Option bis 3. März - Anna", NOT_CONFIRMED),
        ("Option Anna Novak", NOT_CONFIRMED),
        ("Request from Anna", NOT_CONFIRMED),
        ("Hold until Friday", NOT_CONFIRMED),
        ("Hold Anna Novak", NOT_CONFIRMED),
        ("Blocked by another listing", BLOCKED),
        ("Owner Stay, Full Clean", BLOCKED),
        ("Auto-block", BLOCKED),
        ("예약불가", BLOCKED),
        ("予約不可", BLOCKED),
        ("Ιδιόχρηση", BLOCKED),
        ("Booking - not available", BLOCKED),
        ("Out of office", BLOCKED),
        ("Owner", BLOCKED),
        ("Owner block", BLOCKED),
        ("Owner stay - Tom", BLOCKED),
        ("Owner's stay", BLOCKED),
        ("Maintenance", BLOCKED),
        ("Maintenance: boiler", BLOCKED),
        ("Cleaning", BLOCKED),
        ("Off Market", BLOCKED),
        ("Out of order", BLOCKED),
        ("Do not book", BLOCKED),
        ("Geschlossen", BLOCKED),
        ("Blockiert", BLOCKED),
        ("Gesperrt", BLOCKED),
        ("Eigenbelegung", BLOCKED),
        ("Eigentümer", BLOCKED),
        ("Wartung", BLOCKED),
        ("Bloqué", BLOCKED),
        ("Propriétaire", BLOCKED),
        ("Fermé", BLOCKED),
        ("Travaux", BLOCKED),
        ("Bloqueado", BLOCKED),
        ("Cerrado - No disponible", BLOCKED),
        ("Mantenimiento", BLOCKED),
        ("Chiuso", BLOCKED),
        ("Bloccato", BLOCKED),
        ("Manutenzione", BLOCKED),
        ("Indisponível", BLOCKED),
        ("Geblokkeerd", BLOCKED),
        ("Eigen gebruik", BLOCKED),
        ("Zablokowane", BLOCKED),
        ("Właściciel", BLOCKED),
        ("Nedostupné", BLOCKED),
        ("Nije dostupno", BLOCKED),
        ("Blokeret", BLOCKED),
        ("Ej tillgänglig", BLOCKED),
    ],
)
def test_words_in_the_title_decide(title: str, expected: Standing) -> None:
    assert standing(title).standing is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("STATUS: Cancelled/0\nPHONE: 436605551234/", CANCELLED),
        ("Status: canceled", CANCELLED),
        ("Status : annulé", CANCELLED),
        ("Stato: Cancellata", CANCELLED),
        ("Estado: Cancelado por el huésped", CANCELLED),
        ("Buchungsstatus: storniert", CANCELLED),
        ("This reservation was cancelled.", CANCELLED),
        ("Cancelled by the guest on 3 March", CANCELLED),
        ("Guests: 2\nCancelled", CANCELLED),
        ("Status: Request/0", NOT_CONFIRMED),
        ("Status: Inquiry", NOT_CONFIRMED),
        ("Reservation status: pending", NOT_CONFIRMED),
        ("Status: awaiting payment", NOT_CONFIRMED),
        ("Not confirmed", NOT_CONFIRMED),
        ("Status: Black/0", BLOCKED),
        ("Type: Owner stay", BLOCKED),
        ("Status: Zork", UNCLEAR),
    ],
)
def test_words_in_the_description_decide(text: str, expected: Standing) -> None:
    assert standing("Anna Novak", text).standing is expected


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("CONFIRMED", STAY),
        ("confirmed", STAY),
        ("", STAY),
        ("BOOKED", STAY),
        ("CANCELLED", CANCELLED),
        ("CANCELED", CANCELLED),
        ("DECLINED", CANCELLED),
        ("CONFIRMED, CANCELLED", CANCELLED),
        ("TENTATIVE", NOT_CONFIRMED),
        ("PENDING", NOT_CONFIRMED),
        ("NEEDS-ACTION", NOT_CONFIRMED),
        ("INQUIRY", NOT_CONFIRMED),
        ("BLOCKED", BLOCKED),
        ("ZORK", UNCLEAR),
    ],
)
def test_the_status_decides(status: str, expected: Standing) -> None:
    assert standing("Anna Novak", "", status).standing is expected


def test_what_outlook_calls_tentative_is_not_confirmed() -> None:
    assert standing("Anna Novak", busy="TENTATIVE").standing is NOT_CONFIRMED
    assert standing("Anna Novak", busy="FREE").standing is STAY


def test_a_category_may_be_a_block() -> None:
    assert standing("Tom", categories="Owner").standing is BLOCKED
    assert standing("Tom", categories="Airbnb,VIP").standing is STAY


@pytest.mark.parametrize("title", ["Blocked", "CLOSED - Not available", "Airbnb (Not available)"])
def test_a_block_with_a_guest_in_it_is_told_and_not_decided(title: str) -> None:
    assert standing(title, code="HMABCD1234").standing is UNCLEAR
    assert standing(title, "Guest: Anna Novak").standing is UNCLEAR
    assert standing(title, "Guests: 2\nPhone: +43 660 5550101").standing is UNCLEAR
    assert standing(f"{title} (2 guests)").standing is UNCLEAR
    assert standing("", "Blocked").standing is BLOCKED
    assert standing("Reserved", "Not available").standing is BLOCKED
    assert standing("Cancelled", "Guest: Anna Novak", code="HMABCD1234").standing is CANCELLED


def test_a_whole_name_beside_days_that_are_taken_is_told_and_not_decided() -> None:
    named = (
        "CLOSED - Anna Novak",
        "BLOCKED: Anna Maria Novak-Meyer",
        "Gesperrt - Ines O'Brien",
        "Cerrado (JUAN PÉREZ)",
    )
    assert {title: standing(title).standing for title in named} == dict.fromkeys(named, UNCLEAR)
    others = (
        *("Blocked - Roof Works", "Closed - Christmas Holidays", "Tom Berger (owner)", "Blocked - Lake House"),
        *("CLOSED - Not Available", "Blocked - Room 3", "Busy - Google Calendar", "Unavailable - Family Visit"),
    )
    assert {title: standing(title).standing for title in others} == dict.fromkeys(others, BLOCKED)
    assert standing("CLOSED - Anna Novak", extra_is=["closed"]).standing is STAY
    assert standing("CLOSED - Anna Novak", extra_not=["closed"]).standing is BLOCKED


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Blocked By Guesty", ["Blocked by Guesty"]),
        ("Blocked By Guesty", ["blocked"]),
        ("CLOSED - Not available", ["CLOSED"]),
        ("CLOSED - Not available", ["closed - not available"]),
        ("CLOSED - Novakova", ["Closed"]),
        ("Airbnb (Not available)", ["Not available"]),
        ("Hold - Anna", ["hold"]),
    ],
)
def test_a_setting_makes_stays_of_a_hosts_own_words(title: str, words: list[str]) -> None:
    assert standing(title, extra_is=words).standing is STAY
    assert standing(title, "", "CANCELLED", extra_is=words).standing is CANCELLED
    assert standing(f"{title} - cancelled", extra_is=words).standing is CANCELLED


def test_a_setting_adds_words_for_what_is_no_stay() -> None:
    assert standing("Weihnachtsmann").standing is STAY
    assert standing("Weihnachtsmann", extra_not=["weihnachtsmann"]).standing is BLOCKED
    assert standing("Weihnachtsmann kommt", extra_not=["weihnachtsmann"]).standing is BLOCKED
    assert standing("Anna Weihnachtsmann", extra_not=["weihnachtsmann"]).standing is STAY


def test_the_verdict_names_the_word_and_its_place_and_never_a_guest() -> None:
    verdict = standing("Cancelled - Anna Novak")
    assert (verdict.word, verdict.where) == ("cancelled", "the title")
    assert "novak" not in standing("Blocked for Anna Novak").word


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Buchung storniert Müller", CANCELLED),
        ("Reservation cancelled Smith", CANCELLED),
        ("Réservation annulée Dupont", CANCELLED),
        ("reserva cancelada García", CANCELLED),
        ("rezerwacja anulowana Kowalski", CANCELLED),
        ("boeking geannuleerd de Vries", CANCELLED),
        ("bokning avbokad Svensson", CANCELLED),
        ("бронь отменена Иванов", CANCELLED),
        ("booking provisional Smith", NOT_CONFIRMED),
        ("prenotazione provvisoria Rossi", NOT_CONFIRMED),
        ("reserva pendiente García", NOT_CONFIRMED),
        ("vorl. Buchung Müller", NOT_CONFIRMED),
        ("Smith CANCELLED 12 Sep", CANCELLED),
        ("Smith cancelled 2026-09-12", CANCELLED),
        ("Smith cancelled by phone", CANCELLED),
        ("Müller STORNIERT 12.9.", CANCELLED),
        ("Müller storniert am 12.9.", CANCELLED),
        ("storn. Müller", CANCELLED),
        ("Dupont annulé le 12/9", CANCELLED),
        ("Rossi annullato il 12.9.", CANCELLED),
        ("Kowalski odwołane 12.09", CANCELLED),
        ("Smith option until 12/9", NOT_CONFIRMED),
        ("Müller Option bis 12.9.", NOT_CONFIRMED),
        ("Dupont option jusqu'au 12/9", NOT_CONFIRMED),
        ("Rossi opzione fino al 12/9", NOT_CONFIRMED),
        ("Smith provisional 2 nights", NOT_CONFIRMED),
        ("Smith inquiry 2 pax", NOT_CONFIRMED),
        ("Smith not confirmed yet", NOT_CONFIRMED),
        ("Smith NO SHOW 12/9", OVER),
        ("Smith departed early", OVER),
        ("Müller abgereist 12.9.", OVER),
        ("Smith not cancelled", UNCLEAR),
        ("Müller nicht storniert", UNCLEAR),
    ],
)
def test_a_status_counts_between_the_word_for_a_booking_and_the_name_and_before_a_date(
    title: str, expected: Standing
) -> None:
    assert standing(title).standing is expected


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (
            "Lezárva|Zárolva|Privat genutzt|Privat belegt|Blokada kalendarza|"
            "Kalender geblokkeerd|Kalenderen er spærret|Encerrado para obras|"
            "Închis pentru renovare|Suljettu remontin vuoksi|Κλειστό λόγω εργασιών|打扫|"
            "Sync block from Vrbo|Zárva - felújítás|Kapalı - tadilat|Stengt for oppussing|Chiuso per ferie|"
            "Zablokováno majitelem|Blocat de proprietar|Ei vuokrattavissa|Inte bokningsbar|Ikke bookbar|Bruges ikke",
            {BLOCKED},
        ),
        (
            "Smart lock battery change|Turnover buffer|Reparación caldera|Pulizie straordinarie|Riparazione caldaia|"
            "Reparação do ar condicionado|Naprawa pieca|Oprava kotle|Tamirat mutfak|Besetzt|"
            "Udržba kúpeľne|Reparo do telhado|Service varmepumpe|Rörmokare|Byte av lås|"
            "Wymiana zamka|Slotenmaker|Cerrajero",
            {UNCLEAR},
        ),
        (
            "Unpaid - will cancel: Tom Baker|Müller – wird storniert|Va annuler - Paul Martin|"
            "Da cancellare: Mario Rossi|To be cancelled Tom Baker|Wil annuleren - Jan de Vries|"
            "Zostanie anulowane Kowalski|Várakozik: Kovács Anna|承認待ち 田中花子|승인 대기 김민수",
            {NOT_CONFIRMED},
        ),
        ("Annullering de Vries|Avbestilling Ola Nordmann|Avbokning Karin Svensson", {CANCELLED}),
        (
            "Smart, Andrew|Lock, Margaret|Caldera Rafael|Battery Wong|Frau Ferien|Tom Baker - unpaid|Holly Day|"
            "Mark Close|M. Ferme|Mr. and Mrs. Closer|Vermietet an Huber|Verhuurd - Jan de Vries|Guest: Tentori, Paola",
            {STAY},
        ),
    ],
    ids=["closed", "works", "about to be cancelled", "cancelled", "guests"],
)
def test_what_people_and_programs_write_in_other_languages(titles: str, expected: set[Standing]) -> None:
    assert {title: found for title in titles.split("|") if (found := standing(title).standing) not in expected} == {}


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (
            "Not taking guests|Nicht belegbar|Nicht für Gäste|No guests please|Ne pas utiliser|"
            "Non utilisable|Niet te huur|Airbnb (Ej tillgängligt)|Wir sind da|We are here|Unbookable|Weekend block|"
            "API block|Same-day booking blocked|Hotel geschlossen|"
            "Verwendung durch Eigentümer|Smith owner|Owner travelling|Host vacation|Keine Anreise möglich|"
            "Tijdelijk niet beschikbaar|予約停止中|Bitte nicht buchen|Please do not book|清掃日|房东自住|オーナー利用",
            {BLOCKED, UNCLEAR},
        ),
        ("Novak hold|Smith family hold|Anna Novak pending|Novak (hold 48h)", {NOT_CONFIRMED}),
        (
            "Müller kommt nicht|Smith not coming|Dupont ne vient pas|Nowak nie przyjedzie|Anulacja Nowak|Novák zrušil|"
            "Novak storno am 12.9.|Korhonen perui|Kovács lemondta|Smith won't come",
            {CANCELLED},
        ),
        ("Smith didn't show|Müller nicht gekommen", {OVER}),
        ("Test booking Smith|Duplicate: Anna Novak", {UNCLEAR}),
        (
            "Anna Novak - no breakfast|Anna Novak nicht vor 17h|No Min-jun|My Linh|Wij Jan|Tom Hold|Tom Pending|"
            "Anna Novak cot requested|Anna Novak early check-in requested|Müller - late checkout angefragt|"
            "Smith parking cancelled|"
            "Anna Novak visa pending|Anna Novak - request: cot|Anna Novak - maybe late|"
            "Storno bis 12.9. möglich: Anna Novak",
            {STAY},
        ),
        ("Familie Winter|Family Day-Lewis|Fam. Sonntag|Familie Freitag (4)|Summer Family|Famille Boden", {STAY}),
        ("Family Holiday|Familie Besuch|Family visiting|Family|Our Family", {UNCLEAR}),
    ],
    ids=[
        "sentences",
        "small letters",
        "who does not come",
        "who did not",
        "tests",
        "remarks",
        "families",
        "own families",
    ],
)
def test_a_name_is_not_written_like_a_sentence(titles: str, expected: set[Standing]) -> None:
    assert {title: found for title in titles.split("|") if (found := standing(title).standing) not in expected} == {}


def test_a_trade_of_two_words_is_nobody_though_one_of_them_is_known_to_nobody() -> None:
    titles = (
        "Septic tank|Boiler service|Fire inspection|Piano tuner|Tree surgeon|Snow removal|HVAC tech|Satellite dish|"
        "Mold remediation|Kitchen fitters|Propane tank|Gas tank|Novak plumbing|Klärgrube Leerung|Feuerlöscher Prüfung|"
        "Brandschutz Begehung|Fenster Putzen|Vidange fosse|Contrôle incendie|Visite pompiers|Coupure d'eau|"
        "Revisión gas|Inspección bomberos|Controllo caldaia|Spurgo fossa|Revisão caldeira|Brandweer inspectie|"
        "Przegląd pieca|Wywóz szamba|Slamsugning|Brandinspektion|Gräsklippning|Tømming septiktank|Revize kotle|"
        "Wartungsarbeiten Heizung|Malerarbeiten Bad|Dakwerkzaamheden Novak|Takarbeten Novak|"
        "浄化槽点検|害虫駆除|消防设备检查|보일러 점검"
    )
    assert [one for one in titles.split("|") if standing(one).standing in (STAY, CANCELLED)] == []


def test_a_guest_beside_a_word_of_a_trade_or_with_a_name_like_one_is_a_guest() -> None:
    titles = (
        "Anna Novak new carpets|Anna - late delivery|Anna Novak delivery|Sherman Tank|Tank Li|Guy Martin|Vince Cable|"
        "Jan Ketel|Marshal Smith|Xul Solar|Sofia Fuoco|Noah Levering|Gärtner Karl|Gunnar Brand|Baum Eva|Maria Fosse|"
        "Della Corte|Wall|Max Power|Jim Garage|Familie Kessel|Spring|Wells|Jon Snow|Marina Pool"
    )
    assert [one for one in titles.split("|") if standing(one).standing is not STAY] == []


def test_a_hold_or_an_option_may_tell_its_hours() -> None:
    titles = (
        "48h hold Novak|24-hour hold - Novak|72 hrs hold: Novak|2 day hold Novak|48h Option Müller|48 std Option Weber|"
        "24h optie Jansen|Novak hold 48h|Rez. opcja 24h Kowalski|Group hold Smith"
    )
    assert [one for one in titles.split("|") if standing(one).standing is not NOT_CONFIRMED] == []
    guests = "Holden Novak|Block Martin|Anna Novak 48h|48 Novak|Nils Holgersson 2h|Anna Hold 2 pax|Hold Anna"
    assert [one for one in guests.split("|") if standing(one).standing is not STAY] == []


def test_a_cancellation_a_waiting_list_and_own_use_in_polish_and_japanese() -> None:
    assert standing("予約キャンセル").standing is CANCELLED
    assert standing("Lista rezerwowa Nowak").standing is NOT_CONFIRMED
    assert standing("自己利用").standing is BLOCKED


@pytest.mark.parametrize(
    "title",
    [
        "Mitarbeiter Müller",
        "Mitarbeiterin: Anna Novak",
        "Staff: Anna",
        "Employee Smith",
        "Medewerker Jansen",
        "Lost key",
        "Lost keys",
        "Schlüssel verloren",
        "Lost property",
        "Forgotten luggage",
    ],
)
def test_who_works_there_and_what_was_lost_get_nothing_until_somebody_says_so(title: str) -> None:
    assert standing(title).standing in (UNCLEAR, BLOCKED)


@pytest.mark.parametrize("title", ["Anna Lost", "Perdido Maria", "Staffa Müller", "Anna Staff", "Lost, Anna"])
def test_somebody_may_be_called_lost(title: str) -> None:
    assert standing(title).standing is STAY
