"""What stands beside a name in a title changes from day to day: the guest keeps her PIN, and halves stay one stay."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from mappers.policy import MaxRevocations, Policy
from tests.at_the_doors import Way, ways
from tests.test_files_and_feeds import Feeds

DAYS = date(2026, 9, 20), date(2026, 9, 23)


@pytest.fixture
def feeds(tmp_path: Path) -> Feeds:
    return Feeds(tmp_path, Policy(replace_wait=timedelta(seconds=20), max_revocations=MaxRevocations(100, 100)))


def event(title: str, days: tuple[date, date] = DAYS, *lines: str, uid: str = "a1") -> str:
    return "\r\n".join(
        [
            "BEGIN:VEVENT",
            f"UID:{uid}@example.com",
            f"DTSTART;VALUE=DATE:{days[0]:%Y%m%d}",
            f"DTEND;VALUE=DATE:{days[1]:%Y%m%d}",
            f"SUMMARY:{title}",
            *lines,
            "END:VEVENT",
        ]
    )


def publish(feeds: Feeds, *rooms: list[str]) -> None:
    """The events of each room: one after the other, by number."""
    feeds.events = {f"r{number}": dict(enumerate(events)) for number, events in enumerate(rooms)}  # type: ignore[misc]
    feeds.publish()
    feeds.restart()


def seen(feeds: Feeds) -> dict[str, list[Way]]:
    """By room."""
    found: dict[str, list[Way]] = {}
    for way in ways(feeds.seam, feeds.clock.now()):
        found.setdefault(way.room, []).append(way)
    return found


def by_number(feeds: Feeds, rooms: int) -> list[list[Way]]:
    found = seen(feeds)
    return [found.get(f"r{number}", []) for number in range(rooms)]


REMARKS = [
    ("Reservation: Anna Novak", "Booking: Anna Novak"),
    ("✅ Anna Novak", "🔑 Anna Novak ⭐"),
    ("Anna Novak - deposit paid", "Anna Novak\\, balance due"),
    ("Vermietet an Anna Novak", "Gebucht: Anna Novak - Anzahlung erhalten"),
    ("Confirmed - Anna Novak", "Paid - Anna Novak"),
    ("Anna Novak (2)", "Anna Novak (3)"),
    ("Anna Novak 2A 1C", "Anna Novak 2A 2C"),
    ("Anna Novak 2+1", "Anna Novak 2+2"),
    ("2x Anna Novak", "3x Anna Novak"),
    ("Anna Novak | 120€", "Anna Novak | 150€"),
    ("Anna Novak EUR 1.120\\,00", "Anna Novak EUR 980\\,-"),
    ("Anna Novak / Zimmer 3 / offen", "Anna Novak / Zimmer 3 / bezahlt"),
    ("Reserved: Anna Novak [booked]", "Reserved: Anna Novak [checked in]"),
    ("Anna Novak - late check-in 22h", "Anna Novak - late check-in 23h"),
    ("Anna Novak (late arrival)", "Anna Novak (VIP)"),
    ("Anna Novak\\, Ankunft 18 Uhr", "Anna Novak\\, Ankunft 20 Uhr"),
    ("Anna Novak und Familie", "Anna Novak + Hund"),
    ("Anna Novak +1", "Anna Novak + 2 Kinder"),
    ("Anna Novak - Rechnung gesendet", "Anna Novak - Rechnung offen"),
    ("Anna Novak: arrives late", "Anna Novak: key collected"),
    ("Anna Novak 20.9.-23.9.", "Anna Novak 20.9.-24.9."),
    ("Agoda: Anna Novak", "Apartment 3: Anna Novak"),
]
SPELLINGS = [
    ("Müller", "Mueller"),
    ("Jürgen Müller", "MUELLER\\, Juergen"),
    ("Søren Sørensen", "Soeren Soerensen"),
    ("Åsa Ångström", "Aasa Aangstroem"),
    ("Łukasz Wałęsa", "Lukasz Walesa"),
    ("Đorđe Đokić", "Djordje Djokic"),
    ("Иван Петров", "Ivan Petrov"),
    ("Юлия Щербакова", "Iuliia Shcherbakova"),
    ("Андрей Соловьёв", "Andrej Soloviev"),
    ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos"),
    ("王伟", "Wang Wei"),
    ("Familie Weber", "Fam. Weber (4)"),
]
OTHERS = [
    ("Apartment 3: Anna Novak", "Apartment 3: Ben Meyer"),
    ("Agoda: Anna", "Agoda: Ben"),
    ("Huurder: Anna Novak", "Huurder: Ben Meyer"),
    ("Direct booking: Anna", "Direct booking: Ben"),
    ("3 nights: Anna Novak", "3 nights: Ben Meyer"),
    ("Mr & Mrs Smith", "Mr & Mrs Jones"),
    ("Smith\\, John / Smith\\, Mary", "Jones\\, Tom / Jones\\, Ann"),
    ("Anna Novak + 2 Kinder", "Ben Meyer + 2 Kinder"),
    ("Müller", "Möller"),
    ("Иван Петров", "Petr Ivanov"),
    ("王伟", "Li Na"),
    ("Familie Weber", "Fam. Meyer (4)"),
    ("Jan Novak", "Jana Novak"),
    ("Confirmed - Anna Novak", "Confirmed - Ben Meyer"),
    ("Anna Novak (2)", "Eva Novak (2)"),
    ("2x Anna", "2x Ben"),
    ("Reservation: Anna Novak", "Reservation: Ben Meyer"),
    ("Varaus: Aino Salo", "Varaus: Matti Salo"),
]


def test_what_is_no_part_of_the_name_costs_nobody_her_pin_and_another_guest_has_her_own(feeds: Feeds) -> None:
    stays = [*REMARKS, *SPELLINGS]
    changes = [*stays, *OTHERS]
    publish(feeds, *([event(before, uid=f"a{number}")] for number, (before, _) in enumerate(changes)))
    feeds.sync()
    first = by_number(feeds, len(changes))
    assert [len(room) for room in first] == [1] * len(changes)
    publish(feeds, *([event(after, uid=f"a{number}")] for number, (_, after) in enumerate(changes)))
    for _ in range(4):
        feeds.clock.pass_(minutes=2)
        feeds.tick()
    second = by_number(feeds, len(changes))
    kept = [[way.pin for way in one] == [way.pin for way in other] for one, other in zip(first, second, strict=True)]
    assert [change for change, is_kept in zip(changes, kept, strict=True) if is_kept] == stays
    assert [len(room) for room in second] == [1] * len(changes)


def test_two_guests_of_one_first_name_have_a_pin_each_and_a_corrected_phone_costs_none(feeds: Feeds) -> None:
    def called(number: int, phone: str, title: str = "Anna") -> list[str]:
        return [event(title, DAYS, f"DESCRIPTION:{phone}", uid=f"a{number}")]

    short, long = "Phone Number (Last 4 Digits): ", "Phone: +43 660 111"
    first = [called(0, short + "1111"), called(1, long + "1111"), called(2, long + "1111")]
    first.append(called(3, long + "1111", "Anna Novak"))
    second = [called(5, short + "2222"), called(6, long + "2222"), called(2, long + "2222")]
    second.append(called(7, long + "2222", "Anna Novak"))
    publish(feeds, *first)
    feeds.sync()
    before = by_number(feeds, 4)
    publish(feeds, *second)
    for _ in range(4):
        feeds.clock.pass_(minutes=2)
        feeds.tick()
    after = by_number(feeds, 4)
    kept = [[way.pin for way in one] == [way.pin for way in other] for one, other in zip(before, after, strict=True)]
    assert kept == [False, False, True, True]
    assert [len(room) for room in after] == [1] * 4


def test_a_name_is_what_is_left(feeds: Feeds) -> None:
    names = {
        "Confirmed - Anna Novak": "Anna Novak",
        "Anna Novak / Unit 3 / Paid": "Anna Novak",
        "2x Anna Novak (3 nights)": "Anna Novak",
        "Anna Novak (HMABCDEFGH)": "Anna Novak",
        "Jan Smit (Meier)": "Jan Smit (Meier)",
        "Anna New": "Anna New",
        "Karl 3. Novak": "Karl 3. Novak",
        "Anna House": "Anna House",
        "Anna Novak + 2 Kinder": "Anna Novak",
        "Anna Novak (2 Erw.\\, 1 Kind)": "Anna Novak",
        "Anna Novak via Booking.com": "Anna Novak",
        "Smith\\, John / Smith\\, Mary": "John Smith",
        "Lake House - Anna Novak": "Lake House - Anna Novak",
        "Expedia: Anna Novak": "Anna Novak",
        "Peter Mann & Anna Kind": "Peter Mann & Anna Kind",
    }
    publish(feeds, *([event(title, uid=f"a{number}")] for number, title in enumerate(names)))
    feeds.sync()
    assert [[way.who for way in room] for room in by_number(feeds, len(names))] == [[one] for one in names.values()]


def test_two_halves_are_one_stay_wherever_their_word_stands(feeds: Feeds) -> None:
    first, last = (DAYS[0], date(2026, 9, 21)), (DAYS[1], date(2026, 9, 24))
    pairs = [
        ("Anna Novak - Arrival", "Anna Novak - Departure"),
        ("Anna Novak (check-in)", "Anna Novak (check-out)"),
        ("Anna Novak | Anreise", "Anna Novak | Abreise"),
        ("IN Anna Novak", "OUT Anna Novak"),
        ("In: Anna Novak", "Out: Anna Novak"),
        ("C/I Anna Novak", "C/O Anna Novak"),
    ]
    publish(
        feeds,
        *(
            [event(comes, first, uid=f"a{number}"), event(leaves, last, uid=f"b{number}")]
            for number, (comes, leaves) in enumerate(pairs)
        ),
    )
    feeds.sync()
    found = [
        [(way.who, f"{way.starts_at:%d %H}", f"{way.ends_at:%d %H}") for way in room]
        for room in by_number(feeds, len(pairs))
    ]
    assert found == [[("Anna Novak", "20 13", "23 09")]] * len(pairs)


def test_who_is_called_like_a_half_has_a_whole_night(feeds: Feeds) -> None:
    names = ["Anna Partida", "In Soo Kim", "Max Einzug", "Out West Tours"]
    night = DAYS[0], date(2026, 9, 21)
    publish(feeds, *([event(name, night, uid=f"a{number}")] for number, name in enumerate(names)))
    feeds.sync()
    assert [[way.who for way in room] for room in by_number(feeds, len(names))] == [[name] for name in names]


def test_codes_of_letters_statuses_in_html_and_versions_without_a_sequence(feeds: Feeds) -> None:
    night, others, long = (DAYS[0], date(2026, 9, 21)), (date(2026, 9, 21), DAYS[1]), (DAYS[0], date(2026, 9, 25))
    old, new = "LAST-MODIFIED:20260901T100000Z", "LAST-MODIFIED:20260910T100000Z"
    publish(
        feeds,
        [event("Anna Novak (HMABCDEFGH)", night), event("Anna (HMABCDEFGH)", others, uid="a2")],
        [event("Anna Novak", DAYS, "DESCRIPTION:<p><b>Status</b>: <i>Cancelled</i></p>", uid="a3")],
        [event("Anna Novak", long, old, uid="a4"), event("Anna Novak", DAYS, new, uid="a4")],
        [event("Anna Novak", DAYS, new, uid="a5"), event("Anna Novak", long, old, uid="a5")],
        # One UID for two people: whoever was modified last takes nothing from the other.
        [event("Anna Novak", long, old, uid="a6"), event("Ben Meyer", DAYS, new, uid="a6")],
    )
    feeds.sync()
    found = [[(f"{way.starts_at:%d}", f"{way.ends_at:%d}") for way in room] for room in by_number(feeds, 5)]
    assert found == [[("20", "23")], [], [("20", "23")], [("20", "23")], [("20", "25"), ("20", "23")]]
