"""What channels, PMSs and people's own tables export, as it looks there: who can open which room then, and when."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.words.not_a_stay import standing
from connectors.words.statuses import Statuses
from connectors.words.text_fields import fields_of
from tests.at_the_doors import ways
from tests.connectors.cases import Case, event

ROOMS = "room_id,room_name\n" + "".join(f"R{one},{one}\n" for one in range(1, 9))
COLUMNS = ("booking_id", "name", "arrival", "departure", "room_id", "status")
NEXT, NOW = ("20 15", "23 11"), ("17 15", "21 11")
Opens = tuple[str, str, tuple[str, str]]


def opens(case: Case) -> set[Opens]:
    """Who, which room, and from which day and hour until which, at the house."""
    case.run(full=True)
    zone = ZoneInfo("Europe/Vienna")
    found = set()
    for way in ways(case.seam, case.clock.now()):
        assert way.ends_at is not None
        times = (f"{way.starts_at.astimezone(zone):%d %H}", f"{way.ends_at.astimezone(zone):%d %H}")
        found.add((way.who, way.room, times))
    return found


def table(
    path: Path, head: Sequence[str], rows: Sequence[Sequence[str]], code_page: str = "utf-8", **settings: Any
) -> set[Opens]:
    case = Case(path, "files", columns={"bookings": dict(zip(COLUMNS, head, strict=True))}, **settings)
    case.write("rooms.csv", ROOMS)
    case.write("bookings.csv", "".join(";".join(row) + "\r\n" for row in (head, *rows)).encode(code_page))
    return opens(case)


def test_an_export_of_vrbo(tmp_path: Path) -> None:
    days, now = ("2026-09-20", "2026-09-23"), ("2026-09-17", "2026-09-21")
    head = ("Reservation ID", "Inquirer", "Check-in", "Check-out", "Property Name", "Status")
    rows = [
        ("HA-1AB2CD", "Anna Novak", *days, "R1", "Reservation"),
        ("HA-1AB2CE", "Ben Maier", *days, "R2", "Reservation Request"),
        ("HA-1AB2CF", "Cleo Park", *days, "R3", "Inquiry"),
        ("HA-1AB2CG", "Dora Lee", *now, "R4", "Stay in progress"),
        ("HA-1AB2CH", "Eva Horn", *days, "R5", "Cancelled by traveler"),
        ("HA-1AB2CI", "Fay Wong", *days, "R6", "Post Stay"),
        ("HA-1AB2CJ", "Gus Hall", *days, "R7", "Quote sent"),
    ]
    assert table(tmp_path, head, rows) == {("Anna Novak", "1", NEXT), ("Dora Lee", "4", NOW)}


def test_a_table_of_excel_in_italian_writes_midnight_with_a_dot(tmp_path: Path) -> None:
    days = ("20/09/2026 0.00", "23/09/2026 0.00")
    head = ("Numero", "Cliente", "Arrivo", "Partenza", "Camera", "Stato")
    rows = [
        ("1", "D'Angelo Nicolò", *days, "R1", "Prenotazione confermata"),
        ("2", "Rossi Ada", *days, "R2", "annullato"),
        ("3", "Bruno Aldo", *days, "R3", "opzionato"),
        ("4", "Conti Eva", "17/09/2026 14.30", "21/09/2026 10.00", "R4", "Check-in effettuato"),
        ("5", "Manutenzione", *days, "R5", "confermato"),
    ]
    found = table(tmp_path, head, rows, "cp1252")
    assert found == {("D'Angelo Nicolò", "1", NEXT), ("Conti Eva", "4", ("17 14", "21 10"))}


def test_a_table_of_excel_in_japanese(tmp_path: Path) -> None:
    head = ("予約番号", "お名前", "チェックイン", "チェックアウト", "部屋", "状態")
    rows = [
        ("1", "田中 花子", "2026/09/20", "2026/09/23", "R1", "予約確定"),
        ("2", "佐藤 一郎", "2026年9月20日", "2026年9月23日", "R2", "キャンセル"),
        ("3", "鈴木 健", "2026年9月20日", "2026年9月23日", "R3", "仮予約"),
        ("4", "高橋 美咲", "2026年9月17日", "2026年9月21日", "R4", "チェックイン済"),
        ("5", "清掃", "2026/09/20", "2026/09/23", "R5", "確定"),
    ]
    assert table(tmp_path, head, rows, "shift_jis") == {("田中 花子", "1", NEXT), ("高橋 美咲", "4", NOW)}


def test_a_table_of_excel_in_polish(tmp_path: Path) -> None:
    days = ("20.09.2026", "23.09.2026")
    head = ("Nr", "Gość", "Przyjazd", "Wyjazd", "Pokój", "Status")
    rows = [
        ("1", "Żółtowska Łucja", *days, "R1", "Rezerwacja potwierdzona"),
        ("2", "Śliwa Jan", *days, "R2", "anulowana"),
        ("3", "Wójcik Ewa", *days, "R3", "wstępna"),
        ("4", "Nowak Piotr", "17.09.2026", "21.09.2026", "R4", "zameldowany"),
        ("5", "Lis Ola", *days, "R5", "oczekuje na wpłatę"),
        ("6", "Remont", *days, "R6", "potwierdzona"),
        ("7", "Właściciele", *days, "R7", "potwierdzona"),
    ]
    found = table(tmp_path, head, rows, "cp1250")
    assert found == {("Żółtowska Łucja", "1", NEXT), ("Nowak Piotr", "4", NOW)}


def test_an_export_of_hostaway_with_its_own_words(tmp_path: Path) -> None:
    days = ("2026-09-20", "2026-09-23")
    head = ("Reservation ID", "Guest name", "Check-in date", "Check-out date", "Listing name", "Status")
    words = ("new", "modified", "cancelled", "ownerStay", "awaitingPayment", "inquiryPreapproved", "expired")
    names = ("Anna Novak", "Ben Maier", "Cleo Park", "Dora Lee", "Eva Horn", "Fay Wong", "Gus Hall")
    rows = [
        (str(21000 + place), name, *days, f"R{place}", word)
        for place, (name, word) in enumerate(zip(names, words, strict=True), start=1)
    ]
    assert table(tmp_path, head, rows) == {("Anna Novak", "1", NEXT), ("Ben Maier", "2", NEXT)}


def test_an_export_of_opera_has_the_title_behind_the_name_and_sharers_of_a_room(tmp_path: Path) -> None:
    head = ("CONFIRMATION_NO", "GUEST_NAME", "ARRIVAL", "DEPARTURE", "ROOM", "RESV_STATUS")
    days = ("20-SEP-26", "23-SEP-26")
    rows = [
        ("887001", "Novak,Anna,Mrs", *days, "R1", "RESERVED"),
        ("887002", "Maier,Ben,Mr", "17-SEP-26", "21-SEP-26", "R2", "CHECKED IN"),
        ("887004", "Lee,Dora", *days, "R4", "PROSPECT"),
        ("887005", "Horn,Eva", *days, "R5", "WAITLIST"),
        ("887008", "Novak,Emil", *days, "R1", "RESERVED"),
    ]
    found = table(tmp_path, head, rows)
    assert found == {("Anna Novak", "1", NEXT), ("Ben Maier", "2", NOW), ("Emil Novak", "1", NEXT)}


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Anna Novak - Direct booking", "Anna Novak"),
        ("Anna Novak - Website", "Anna Novak"),
        ("Anna Novak (airbnbOfficial) HMAB12CD34", "Anna Novak"),
        ("田中花子様 2名", "田中花子"),
        ("田中花子様（2名）", "田中花子"),
        ("김민수님 2명", "김민수"),
        ("Prenotazione Maria Rossi", "Maria Rossi"),
    ],
)
def test_what_a_program_or_politeness_writes_beside_a_name_is_no_part_of_it(title: str, name: str) -> None:
    assert fields_of(title).name == name


@pytest.mark.parametrize("changed", ["Anna Novak - Website", "Anna Novak (airbnbOfficial)"])
def test_a_channel_that_is_written_beside_the_name_later_makes_no_other_guest(tmp_path: Path, changed: str) -> None:
    case = Case(tmp_path)
    case.publish(A=event("+2", "+5", "1", "Anna Novak"))
    case.run(full=True)
    (before,) = ways(case.seam, case.clock.now())
    case.publish(A=event("+2", "+5", "2", changed))
    case.run(20)
    assert ways(case.seam, case.clock.now()) == [before]


OWNERS = (
    "Uso propietario; Uso del dueño; Uso do dono; Propietarios; Proprietários; I proprietari; "
    "Propriétaires; Ägaren; Ägarens vistelse; Ejeren; Eierne; Omistajan käytössä; Majitelé; Vlasnici; "
    "Właściciele; Die Eigentümer; Sperre Eigentümer; Blokada właściciela; Blokkering eigenaar; Reservado "
    "propietario; Cierre propietario; Estancia propia; Soggiorno proprio; Własny pobyt "
)


@pytest.mark.parametrize("title", OWNERS.split(";"))
def test_the_owners_in_whatever_form_are_no_guests(title: str) -> None:
    assert standing(title.strip()).standing == "blocked"


@pytest.mark.parametrize(
    ("title", "is_"),
    [
        *((one, "not confirmed") for one in ("Prel. Eva Lind", "Eva Lind (prel)", "Prov. Eva Lind", "vorl. Eva Lind")),
        *((one, "not confirmed") for one in ("Opt: Eva Lind", "Opz. Eva Lind", "Eva Lind - prov.", "Eva Lind unbest.")),
        *((one, "cancelled") for one in ("Canc. Eva Lind", "Eva Lind (canc.)", "Eva Lind storn.", "Geann. Eva Lind")),
        *((title, "stay") for title in ("Ann. Lind", "Eva Prel", "Prov Lind", "Tent Family", "Uso Eva")),
    ],
)  # fmt: skip
def test_what_people_shorten_counts_with_its_dot_or_as_a_part_of_its_own(title: str, is_: str) -> None:
    assert standing(title).standing == is_


@pytest.mark.parametrize(
    ("word", "status"),
    [
        *((word, "confirmed") for word in ("Booking confirmed", "Buchung bestätigt", "Réservation confirmée")),
        *((word, "confirmed") for word in ("Prenotazione", "CHECKIN", "Arrive aujourd'hui", "예약확정")),
        *((word, "in_house") for word in ("Stay in progress", "Check-in realizado", "Check-in erledigt")),
        *((word, "checked_out") for word in ("Check-out effectué", "チェックアウト済", "Guest departed")),
        *((word, "tentative") for word in ("Reservation request", "Booking request", "Reserva pendiente")),
        *((word, "cancelled") for word in ("Reserva cancelada", "Booking cancelled", "Prenotazione annullata")),
        # In one language somebody is there by then, in another nobody has confirmed yet.
        *((word, "unknown") for word in ("En curso", "In progress", "En cours", "Checkout", "Change requested")),
    ],
)  # fmt: skip
def test_a_status_with_the_word_for_a_booking_beside_it_is_that_status(word: str, status: str) -> None:
    assert Statuses({}).status_of(word) == status


LATER_HALVES = (
    "Anna Novak (extension)|Anna Novak - Verlängerung|Anna Novak, extended|Anna Novak [przedłużenie]|Anna Novak part 2"
)


def test_an_extension_that_says_so_is_the_same_stay_without_a_gap(tmp_path: Path) -> None:
    titles = LATER_HALVES.split("|")
    case = Case(tmp_path, rooms=[f"r{place}" for place in range(len(titles))])
    for place, title in enumerate(titles):
        case.publish(**{f"r{place}": event("+2", "+4", "1", "Anna Novak") + "\r\n" + event("+4", "+5", "2", title)})
    assert opens(case) == {("Anna Novak", f"r{place}", NEXT) for place in range(len(titles))}
