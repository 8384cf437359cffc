"""What says that a person will sleep here: real titles of stays get access, titles of anything else get none."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.at_the_doors import ways
from tests.test_files_and_feeds import Feeds

STAYS = (
    "Reserved|Reservation|Booked|Booking|Airbnb|Guest|Stay|Reserved - Anna|Anna Novak|Booking.com: Anna Novak|"
    "Airbnb: Anna|Jan Smit (HM4X8K2P9Q)|HM4X8K2P9Q|Reserviert|Gebucht|Réservé|Reservado|Prenotato|Gereserveerd|"
    "Zarezerwowane|Rezervirano|Varattu|予約済み|已预订|Block, Anna|Holden Smith|Mr. Block|Peter Maler|"
    "John Gardener|Mr Christmas|Pascal Ferie|Holly Day|Guest: Anna Novak|Anna Novak - 2 guests|2 guests - Anna|"
    "Anna + Ben|Fam. Müller|Familie Müller|Family Smith|Famille Dupont|Müller|Smith|José|Ng|Li|Anna|"
    "Reserviert: Müller|Resa Dupont|Prenotazione Rossi|Reserva García|Stay: Anna Novak|Reserved (Anna N.)|"
    "Vrbo: Reserved - Anna|Booking 4711|Reservation #4711|Buchung 4711|Gast Müller|Anna Novak (Airbnb)|Novak A|"
    "王伟|佐藤 花子|김민수|Иван Петров|Ιωάννης|Direct booking Anna|Direktbuchung Müller|Hochzeit Müller|"
    "Wedding Smith|Team ACME|Monteure Firma Bau|Anna Novak (late, key handover 22:00)|Max|Winter|Anna, 4 persons|"
    "Expedia Anna|Dr. Meeting-Weber|Reservation: Anna Novak|Booking: Anna|Rezervace: Jana Nováková|"
    "Varaus: Aino Salo|Vermietet an Fam. Gruber|Loué à M. Dupont|Udlejet - Mette Holm|Anna Novak - deposit paid|"
    "Müller (Anzahlung erhalten)|🏠 Familie Huber|✅ Anna Novak|Fam. Gartner|Putz Anna|Anna Kaminski|"
    "Neu, Anna|Zo? M?ller?|Jana Long|Power|Lee Short|Mary Power"
).split("|")
NOBODY = (
    "Quote 55|Quote #1234|Quote no. 7 - Anna Novak|Quotation|Proposal|Proposal Anna|Estimate|Offerte|Offerte 12|"
    "Angebot|Angebot 2026-114|Devis|Devis n° 45|Preventivo|Preventivo n. 7|Presupuesto|Presupuesto 99|Orçamento|"
    "Wycena|Nabídka|Tilbud|Offert|Tarjous|Ajánlat|Teklif|Προσφορά|Предложение|見積もり|报价|견적|Waitlist|"
    "Waiting list - Anna|Warteliste Müller|Lista de espera|Option|Option 2|Option bis 12.3.|Option Müller|"
    "Optie Jansen|Opt.|1st option|Zweite Option|Opzione|N/A|n/a|n.a.|na|not avail|Not avail.|Unavail|No disp.|"
    "nicht verf.|Indispo|Nicht frei|X|x|xxx|-|--|.|?|???|…|1|TBC|TBD|T.B.C.|tba|Provisional|On request|"
    "Auf Anfrage|Sur demande|Unconfirmed|Enquiry|Enquiry from Anna|Anfrage von Anna|Demande de Marie|"
    "Solicitud de Ana|Reservierungsanfrage|Заявка|問い合わせ|문의|Evtl. Müller|Vielleicht|Peut-être|Maybe Anna|"
    "Possible booking|Potential guest|Perhaps|Quizás|Forse|Misschien|In discussion|Needs confirmation|To confirm|"
    "Standby|Hold #3|Holding|Soft booking|Awaiting deposit|Waiting for deposit|Pencilled in|BLK|Block 1|"
    "Blocked out|Lock|Not for sale|Stop Sales|Verkaufsstopp|Temporarily closed|Self use|Own stay|Handwerker|"
    "Hausmeister|Plumber|Plombier|Fontanero|Idraulico|Loodgieter|Hydraulik|Cleaner|Cleaning Anna|"
    "Deep clean apt 3|Rénovation salle de bain|Reforma baño|Wasserschaden|Water damage|Photo session|"
    "Schlüsselübergabe|Test|Test reservation|Dummy|Placeholder|Reminder|Ferien|Urlaub|Vacation|Vacances|"
    "Vacaciones|Ferie|Urlop|Meeting|Team meeting|Zahnarzt|Dentist|Birthday|Geburtstag|Public holiday|Feiertag|"
    "Family|Friends|Wir|Us|Me|Calendar sync|Price change|High season|Hochsaison|Min 3 nights|Minimum 7 nights|"
    "Changeover|Available|Leerstand|Empty|Vacant|Nobody|Niemand|Personne|空室|定休日|휴무|Null|undefined|"
    "(no title)|Kein Titel|(Ohne Titel)|(Sans titre)|New event|Neuer Termin|Nuevo evento|Termin|Appointment|"
    "Blocked channel|Blockierter Kanal|Kanal blockiert|Blockierte Tage|Gesperrter Zeitraum|Eigentümerbuchung|"
    "Eigentümer Huber|Propriétaire Roy|Ejerreservation|Ägarbokning|Eierbooking|Omistajan varaus|Eigenaarsreservering|"
    "Rechnung schreiben|Putzfrau 10 Uhr|Cleaner 11am|Ménage 10h|Rauchfangkehrer|Kaminkehrer kommt|Gartenpflege|"
    "Burst pipe|Staff|Staff room|New mattress delivery|Friends staying|Owner's family|Mum and Dad|Winter closure|"
    "Payment failed|Lavori in corso|Obras na cozinha|Fire alarm test|No hot water|Bed bugs|Used as office|Saisonende|"
    "Fensterputzer|Heizungswartung|Bettenwechsel|Wäschewechsel|Schlüsseltausch|Nettoyage vitres|Changement de draps|"
    "Cambio de sábanas|Cambio biancheria|Key exchange|Anna Novak (pending deposit)|Anna Novak ?|Müller?|"
    "Anna Novak (?)|❌ Anna Novak|🚫 Müller|"
    "Kein Check-in|Tidak tersedia|Không khả dụng|غير متاح|לא זמין|Не сдаётся"
).split("|")


def publish(feeds: Feeds, titles: list[str], room: str, beside: str = "") -> None:
    """A day for each title, from tomorrow and with a day between, and one title more before them."""
    day = date(2026, 9, 19)
    events = []
    for number, title in enumerate([beside, *titles] if beside else titles):
        escaped = title.replace(",", "\\,")
        start = day + timedelta(days=2 * number)
        events.append(
            f"BEGIN:VEVENT\r\nUID:{room}-{number}\r\nDTSTART;VALUE=DATE:{start:%Y%m%d}\r\n"
            f"DTEND;VALUE=DATE:{start + timedelta(days=1):%Y%m%d}\r\nSUMMARY:{escaped}\r\nEND:VEVENT"
        )
    feeds.calendars.feeds[f"/{room}"] = "\r\n".join(["BEGIN:VCALENDAR", *events, "END:VCALENDAR", ""])


def opened(feeds: Feeds) -> set[tuple[str, str]]:
    """Rooms and days on which a PIN begins to open them."""
    return {(way.room, f"{way.starts_at:%d}") for way in ways(feeds.seam, feeds.clock.now())}


@pytest.fixture
def feeds(tmp_path: Path) -> Feeds:
    return Feeds(tmp_path)


def spread(feeds: Feeds, titles: list[str], beside: str = "") -> set[tuple[str, str]]:
    """Five titles a room; what was opened after a run."""
    groups = [titles[place : place + 5] for place in range(0, len(titles), 5)]
    feeds.events = {f"r{number}": {} for number in range(len(groups))}
    feeds.restart()
    for number, group in enumerate(groups):
        publish(feeds, group, f"r{number}", beside)
    feeds.sync()
    return opened(feeds)


def test_real_titles_of_stays_get_access(feeds: Feeds) -> None:
    expected = {(f"r{place // 5}", f"{19 + 2 * (place % 5)}"): title for place, title in enumerate(STAYS)}
    found = spread(feeds, STAYS)
    assert [title for key, title in expected.items() if key not in found] == []


def test_titles_of_anything_else_get_none(feeds: Feeds) -> None:
    assert len(NOBODY) > 120
    expected = {(f"r{place // 5}", f"{21 + 2 * (place % 5)}"): title for place, title in enumerate(NOBODY)}
    found = spread(feeds, NOBODY, beside="Anna Novak")
    assert [title for key, title in expected.items() if key in found] == []
    assert len(found) == len({room for room, _ in expected}), "the guest beside them has her access"


@pytest.mark.parametrize("title", ["", "Reserved", "Airbnb", "Reserviert", "Booking"])
def test_a_feed_of_which_no_event_names_anybody_is_one_of_stays(feeds: Feeds, title: str) -> None:
    publish(feeds, [title] * 4, "lake")
    feeds.sync()
    assert len(opened(feeds)) == 4


def test_an_event_without_a_word_beside_named_guests_is_told_and_opens_nothing(feeds: Feeds) -> None:
    publish(feeds, ["Anna Novak", "", "Ben Meyer"], "lake")
    report = feeds.sync()
    assert {day for _, day in opened(feeds)} == {"19", "23"}
    (told,) = [
        str(item.reason) for item in report.items if item.kind == "access_grant" and "names nobody" in str(item.reason)
    ]
    assert "is_a_stay" in told


def test_beside_bookings_with_codes_one_word_is_no_guest(feeds: Feeds) -> None:
    publish(feeds, ["Anna (HM4X8K2P9Q)", "Zorkwork", "Ben (HM4X8K2P9R)"], "lake")
    feeds.sync()
    assert {day for _, day in opened(feeds)} == {"19", "23"}


def test_in_a_calendar_that_people_write_one_word_is_a_guest(feeds: Feeds) -> None:
    publish(feeds, ["Anna Novak", "Müller", "Smith", "Ben Meyer"], "lake")
    feeds.sync()
    assert len(opened(feeds)) == 4


def test_a_title_that_lost_its_name_ends_no_access(feeds: Feeds) -> None:
    publish(feeds, ["Anna Novak", "Ben Meyer"], "lake")
    feeds.sync()
    before = ways(feeds.seam, feeds.clock.now())
    publish(feeds, ["Anna Novak", "?"], "lake")
    for _ in range(3):
        feeds.tick()
    assert ways(feeds.seam, feeds.clock.now()) == before
