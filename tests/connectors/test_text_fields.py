"""What the texts of an event tell: a name is a name, and the digits of a phone are the phone's."""

from datetime import time

import pytest

from connectors.words.text_fields import fields_of, time_in


def test_everything_may_stand_in_the_title() -> None:
    found = fields_of(
        "Reference: LS-12345 \nCustomer: Anna Novak \nEmail: anna@example.com \nCell: +27 82 555 0101 \n"
        "View at: https://x.example/LS-12345"
    )
    assert (found.name, found.email, found.phone) == ("Anna Novak", "anna@example.com", "+27825550101")
    assert (found.first_name, found.last_name, found.code) == ("Anna", "Novak", "LS-12345")


def test_everything_may_stand_in_one_line() -> None:
    for sign in (", ", " | ", "; ", " "):
        line = sign.join(["Guest: Anna Novak", "Phone: +43 660 5551234", "Email: anna@example.com"])
        for found in (fields_of(line), fields_of("Reserved", line)):
            assert (found.name, found.phone, found.email) == ("Anna Novak", "+436605551234", "anna@example.com")


@pytest.mark.parametrize(
    "title",
    [
        "Anna Novak, +43 660 5551234, anna@example.com",
        "Anna Novak (+43 660 5551234) <anna@example.com>",
        "Anna Novak tel:+436605551234 mail: anna@example.com",
        "Anna Novak Tel. +43 660 5551234 / anna@example.com",
        "First name: Anna Last name: Novak Phone: +43 660 5551234 Email: anna@example.com",
        "Guest - Anna Novak\nPhone +43 660 5551234\nE-Mail: <anna@example.com>",
    ],
)
def test_contacts_in_the_title_are_the_guests_and_no_part_of_her_name(title: str) -> None:
    found = fields_of(title)
    assert (found.name, found.phone, found.email) == ("Anna Novak", "+436605551234", "anna@example.com")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("ゲスト: 山田太郎\n予約番号: ABC123456\n携帯: +81 90 1234 5678", ("山田太郎", "+819012345678", "ABC123456")),
        ("预订号: 123456789\n客人姓名: 王小明\n手机: +86 138 1234 5678", ("王小明", "+8613812345678", "123456789")),
        ("예약자명: 김철수\n연락처: +82 10 1234 5678\n예약번호: K7654321", ("김철수", "+821012345678", "K7654321")),
        ("Имя гостя: Иван Петров\nМобильный: +7 912 345 67 89", ("Иван Петров", "+79123456789", "")),
        ("お客様: 大人2名 子供1名", ("", None, "")),
        ("ゲスト: 2名", ("", None, "")),
    ],
)
def test_labels_are_known_in_scripts_of_the_east_and_counts_of_people_are_no_names(
    text: str, told: tuple[str, str | None, str]
) -> None:
    found = fields_of("Reserved", text)
    assert (found.name, found.phone, found.code) == told


def test_a_text_may_be_html() -> None:
    found = fields_of("Reserved", "<p>Guest: Anna Novak</p>E-Mail:&nbsp;anna@example.com<br/>Tel.: <b>0660/5551234</b>")
    assert (found.name, found.email, found.phone) == ("Anna Novak", "anna@example.com", "06605551234")


@pytest.mark.parametrize(
    "line",
    [
        "Phone: +43 660 5551234",
        "PHONE: 436605551234/436605559999",
        "Phone number: 00436605551234",
        "Tel: +43 660 5551234",
        "Tel.: +43 660 5551234",
        "tel:+436605551234",
        "Mobile: +43 660 5551234",
        "Cell: (660) 555-1234",
        "WhatsApp: +43 660 5551234",
        "Handy: 0660/5551234",
        "Telefon: 0660 5551234",
        "Téléphone : 06 60 55 51 234",
        "Teléfono móvil: 660 555 1234",
        "Cellulare: 660 5551234",
        "Telemóvel: 660 5551234",
        "Mobiel nummer: 0660-5551234",
        "Tel. kom.: 660 555 1234",
        "電話: +43 660 5551234",
        "携帯: 0660-555-1234",
        "手机: +43 660 5551234",
        "연락처: 0660-555-1234",
        "Номер телефона: +43 660 555 12 34",
        "Telefoonnummer: 0660-5551234",
        "Numer telefonu: 660 555 1234",
        "Guest's phone: +43 660 5551234",
        "📞 Phone: +43 660 5551234",
        "• Phone - mobile: +43 660 5551234\nPhone: +43 660 5551234",
        "Phone = +43 660 5551234",
        "Phone: +43 660 5551234 2 guests",
        "Phone: +43 660 5551234 ext. 99",
        "Phone (last 4): 1234",
        "Phone Number (Last 4 Digits): 1234",
        "Phone: (last 4 digits): 1234",
        "Last 4 digits of phone: 1234",
        "Telefonnummer (letzte 4 Ziffern): 1234",
        "Numéro de téléphone (4 derniers chiffres) : 1234",
        "Número de teléfono (últimos 4 dígitos): 1234",
        "Numero di telefono (ultime 4 cifre): 1234",
        "Número de telefone (últimos 4 dígitos): 1234",
        "Telefoonnummer (laatste 4 cijfers): 1234",
        "Numer telefonu (ostatnie 4 cyfry): 1234",
        "Phone: ***-***-1234",
        "Phone: +43 *** *** 1234",
        "phone +43 660 5551234",
        "Tel. +43 660 5551234",
        "Phone:\n+43 660 5551234",
        "Phone 1: +43 660 5551234\nPhone 2: +43 660 5559999",
        "Phone: N/A\nMobile: +43 660 5551234",
        "Guests: 2, Phone: +43 660 5551234",
        "Phone (last 4 digits) 1234",
        "Guest phone number (last four digits) - 1234",
        "Phone last 4: xxxx1234",
        "Phone ends in 1234",
        "Phone\n+43 660 5551234",
        "Phone (guest): +43 660 5551234",
        "Tél. portable : +43 660 5551234",
        "Gast Telefon (mobil): +43 660 5551234",
        "Tlf. +43 660 5551234",
        "Telefonní číslo hosta: +43 660 5551234",
        "電話番号（下4桁）: 1234",
        "电话号码（后四位数字）：1234",
        "전화번호(마지막 4자리): 1234",
        "Номер телефона (последние 4 цифры): 1234",
    ],
)
def test_the_last_four_digits_are_the_phones(line: str) -> None:
    found = fields_of("Anna Novak", f"Nights: 3\n{line}\nGuests: 2")
    assert (found.phone_last_4, found.name) == ("1234", "Anna Novak")


@pytest.mark.parametrize(
    "line",
    [
        "Last 4 digits of card: 1234",
        "Credit card number (last 4 digits): 1234",
        "Emergency phone: +43 1 5551234",
        "Host phone: +43 1 5551234",
        "Property phone number: +43 1 5551234",
        "Agency: Sun, phone: +43 1 5551234",
        "Guests: 1234",
        "Booking ID: 5551234",
        "Total: 1234",
        "PIN: 1234",
        "Passport number (last 4): 1234",
        "Phone: not told",
        "Phone of the cleaner: +43 1 5551234",
        "Card ends in 1234",
        "Host phone +43 1 5551234",
        "Anna Novak, host phone: +43 1 5551234",
    ],
)
def test_other_digits_are_nobodys_phone(line: str) -> None:
    found = fields_of("Anna Novak", line)
    assert (found.phone, found.phone_last_4) == (None, None)


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Anna Novak", "Anna Novak"),
        ("Reserved", ""),
        ("Airbnb", ""),
        ("Booking.com", ""),
        ("Booking.com reservation", ""),
        ("Reserva de Airbnb", ""),
        ("Reservation from Booking.com", ""),
        ("Réservation Airbnb", ""),
        ("Buchung über Booking.com", ""),
        ("Reserved by Airbnb", ""),
        ("Reservation HMEFDNMS4Z", ""),
        ("Reserved - Guest: Anna Novak", "Anna Novak"),
        ("Réservée - M & Mme", "M & Mme"),
        ("Anna Novak (HMABD4521)", "Anna Novak"),
        ("Reserved - Ana", "Ana"),
        ("Réservé: Ana", "Ana"),
        ("Booking.com: Anna Novak", "Anna Novak"),
        ("Anna Novak - Airbnb", "Anna Novak"),
        ("Anna Novak (HMABCD1234)", "Anna Novak"),
        ("Anna Novak - 2 guests", "Anna Novak"),
        ("Anna Novak (2 adults, 1 child)", "Anna Novak"),
        ("Anna Novak +43 660 5551234", "Anna Novak"),
        ("Anna Novak <anna@example.com>", "Anna Novak"),
        ("anna@example.com", ""),
        ("+43 660 5551234", ""),
        ("https://x.example/1", ""),
        ("Phone: +43 660 5551234", ""),
        ("Email: anna@example.com\nAnna Novak", "Anna Novak"),
        ("O'Brien-Smith, Anna", "O'Brien-Smith, Anna"),
        ("Nom : Anna Novak / Tél : 06 60 55 51 23", "Anna Novak"),
        ("Vrbo - Anna Novak - HA-1A2B3C", "Anna Novak"),
        ("Anna Novak - #B1234567", "Anna Novak"),
        ("Anna Novak (ID: 4711)", "Anna Novak"),
        ("No. 4711 Anna Novak", "Anna Novak"),
        ("Anna Novak ref 4711", "Anna Novak"),
        ("Anna Novak t: 0660 5551234", "Anna Novak"),
        ("Direct - Anna Novak", "Anna Novak"),
        ("Anna Novak @ Lake House", "Anna Novak"),
        ("Anna Novak 4 ppl", "Anna Novak"),
        ("Ref: 4711 / Anna Novak / 2 pax", "Anna Novak"),
        ("Phone booking - Anna Novak", "Anna Novak"),
        ("Anna Novak's stay", "Anna Novak"),
        ("No Min-jun", "No Min-jun"),
    ],
)
def test_the_name_is_what_is_no_contact_no_code_and_no_word(title: str, name: str) -> None:
    assert fields_of(title).name == name


def test_a_name_may_be_written_in_two_ways() -> None:
    for title in ("Anna Novak", "Novak, Anna"):
        found = fields_of(title)
        assert (found.first_name, found.last_name) == ("Anna", "Novak")
    found = fields_of("Reserved", "First name: Anna\nLast name: Novak")
    assert (found.name, found.first_name, found.last_name) == ("Anna Novak", "Anna", "Novak")
    for text in ("Name: Novak\nVorname: Anna", "Nome: Anna\nCognome: Novak", "Nom: Novak / Prénom: Anna"):
        assert fields_of(text).name == fields_of("Reserved", text).name == "Anna Novak"


def test_a_label_for_any_name_counts_behind_the_title() -> None:
    assert fields_of("Anna Novak", "Name: Lake House").name == "Anna Novak"
    assert fields_of("Lake House", "Guest: Anna Novak").name == "Anna Novak"
    assert fields_of("Reserved", "Name: Anna Novak").name == "Anna Novak"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Reservation URL: https://www.airbnb.com/hosting/reservations/details/HMABCD1234\nPhone: 1", "HMABCD1234"),
        ("Booking ID: 2026-17", "2026-17"),
        ("Reservation URL: https://www.airbnb.com/reservation/itinerary?code=HMABCDEF99", "HMABCDEF99"),
        ("HMABD4521", "HMABD4521"),
        ("HMSOMETHING", ""),
        ("Reservation number: 12345678.", "12345678"),
        ("Confirmation code: ABC123, thank you", "ABC123"),
        ("Buchungsnummer: 4711-22", "4711-22"),
        ("Numéro de réservation : R12345", "R12345"),
        ("Booking: Airbnb", ""),
        ("Booking: 2026-03-01", ""),
        ("https://admin.booking.example/booking.html?res_id=1234567890&lang=de", "1234567890"),
        ("Guests: 2", ""),
    ],
)
def test_the_booking_code_is_found(text: str, code: str) -> None:
    assert fields_of("Reserved", text).code == code
    assert "HM12345678" not in fields_of("Reserved", text).code


@pytest.mark.parametrize(
    ("line", "hour"),
    [
        ("Check-in time: 4 PM", time(16)),
        ("Check-in time: 4:30pm", time(16, 30)),
        ("check in time 16:00", time(16)),
        ("CHECK-IN TIME - 16h30", time(16, 30)),
        ("Check-in time: 16 Uhr", time(16)),
        ("Check-in time: from 15:00 to 18:00", time(15)),
        ("Check-in time: 1530", time(15, 30)),
        ("Check-in time: 12 a.m.", time(0)),
        ("Check-in time: 12 pm", time(12)),
        ("ETA 17.15", time(17, 15)),
        ("Check-in time: soon", None),
        ("Check-in time: 18/09/2026", None),
        ("Check-in time: 18.09.2026 16:00", time(16)),
        ("Check-in time: 2026-09-18T16:00", time(16)),
        ("Check-in time: 25:00", None),
        ("Check-in timeline: 16:00", None),
        ("Late check-in time: 22:00", None),
    ],
)
def test_a_time_of_day_is_read_behind_the_words_that_a_setting_names(line: str, hour: time | None) -> None:
    found = fields_of("Anna", f"Guests: 2\n{line}", arrival_words=["Check-in time", "ETA"])
    assert found.arrival_time == hour
    assert fields_of("Anna", line).arrival_time is None


@pytest.mark.parametrize(("text", "hour"), [("16:00", time(16)), ("4 PM", time(16)), ("room 12", None), ("", None)])
def test_a_time_of_day_is_read_as_people_write_it(text: str, hour: time | None) -> None:
    assert time_in(text) == hour


def test_no_field_of_a_guest_is_in_a_repr() -> None:
    found = fields_of("Anna Novak", "Phone: +43 660 5551234\nEmail: anna@example.com")
    assert not any(one in repr(found) for one in ("Anna", "1234", "anna@"))


@pytest.mark.parametrize(
    ("label", "is_hers"),
    [
        *((one, True) for one in ("Nom du voyageur", "Full name of the guest", "Nombre del huésped")),
        *((one, False) for one in ("Host name", "Hotel name", "Channel name", "Guest company name", "Name on door")),
    ],
)  # fmt: skip
def test_a_label_of_words_for_a_name_and_for_a_guest_is_one_of_her_name(label: str, is_hers: bool) -> None:
    found = fields_of("Reserved", f"{label}: Anna Novak").name
    assert found == ("Anna Novak" if is_hers else "")


def test_a_sign_of_a_phone_is_its_label_and_a_country_behind_a_name_no_part_of_it() -> None:
    found = fields_of("Reserved", "Guest: Novak, Anna (AT)\n☎ +43 660 5550101")
    assert (found.name, found.phone) == ("Novak, Anna", "+436605550101")


@pytest.mark.parametrize("title", ["Umgebucht Novak", "Umgebucht: Novak", "Umbuchung - Novak", "Rebooked Novak"])
def test_that_a_booking_was_moved_is_no_part_of_a_name(title: str) -> None:
    assert fields_of(title).name == "Novak"
