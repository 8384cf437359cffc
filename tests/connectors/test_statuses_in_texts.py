"""How a booking stands, as texts say it: in fields, in sentences, in more languages; and what only sounds like it."""

import pytest

from connectors.words.not_a_stay import standing
from connectors.words.words_of_status import Standing

STAY, CANCELLED, NOT_CONFIRMED, UNCLEAR = (
    Standing.STAY,
    Standing.CANCELLED,
    Standing.NOT_CONFIRMED,
    Standing.UNCLEAR,
)


@pytest.mark.parametrize(
    "title",
    "ملغي - محمد علي|ملغاة: محمد علي|تم الإلغاء - محمد|حجز ملغي محمد|לא לפרסום, בוטל|בוטל - דוד כהן|מבוטל: דוד כהן|"
    "ההזמנה בוטלה - דוד כהן|Đã hủy - Nguyễn Văn An|Bị huỷ: Nguyễn|Đã huỷ Nguyễn Văn An|ยกเลิก - สมชาย|ถูกยกเลิก สมชาย|"
    "Dibatalkan - Budi Santoso|Batal: Budi|Tühistatud - Tamm|Atcelts - Bērziņš|Atcelta: Bērziņš|Atšaukta - Kazlauskas|"
    "Скасована - Шевченко|Анульовано Шевченко|لغو شده - رضا|रद्द - अमित|Afbókað - Jón|Cancel·lada - Puig|"
    "Отказано - Јовановић|"
    "CANCEL - Anna Novak|Cancel Anna Novak|Please cancel Anna Novak|Cancled Anna Novak|Cancelld - Anna Novak|"
    "Annuliert Novak|Anna Novak cancelled her stay".split("|"),
)
def test_what_is_cancelled_is_so_in_every_language_of_the_table_and_with_a_slip_of_the_finger(title: str) -> None:
    assert standing(title).standing is CANCELLED


@pytest.mark.parametrize(
    "title", ["Huy Nguyen", "Cancel, Anna", "Reserved - Maria Cancel", "Batalha, Rui", "Otis Cancelli"]
)
def test_whoever_is_called_nearly_so_is_a_guest(title: str) -> None:
    assert standing(title).standing is STAY


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Guests: 2 | Status: Cancelled | Nights: 3", CANCELLED),
        ("Guests: 2; Status: Cancelled", CANCELLED),
        ("Guests: 2, Status: Cancelled", CANCELLED),
        ("status=cancelled; guests=2", CANCELLED),
        ("Status = request", NOT_CONFIRMED),
        ("Status – pending", NOT_CONFIRMED),
        ("Booking state: cancelled", CANCELLED),
        ("Confirmation status: pending", NOT_CONFIRMED),
        ("Estatus: cancelada", CANCELLED),
        ("Situação: cancelada", CANCELLED),
        ("Zustand: storniert", CANCELLED),
        ("Durum: iptal", CANCELLED),
        ("Állapot: törölve", CANCELLED),
        ("Tila: peruttu", CANCELLED),
        ("Stare: anulat", CANCELLED),
        ("Κατάσταση: ακυρώθηκε", CANCELLED),
        ("상태: 취소", CANCELLED),
        ("الحالة: ملغي", CANCELLED),
        ("סטטוס: בוטל", CANCELLED),
        ("Trạng thái: Đã hủy", CANCELLED),
        ("สถานะ: ยกเลิก", CANCELLED),
        ("Status: waiting for the moon", UNCLEAR),
        ("Cancelled: yes", CANCELLED),
        ("Storniert: ja", CANCELLED),
        ("Annulé : oui", CANCELLED),
        ("Cancelled on: 2026-09-10", CANCELLED),
        ("Cancelled at: 2026-09-10 12:00", CANCELLED),
        ("Cancellation date: 2026-09-10", UNCLEAR),
        ("This reservation was cancelled by the guest on 3 Sep.", CANCELLED),
        ("Die Buchung wurde am 3.9. storniert.", CANCELLED),
        ("Reservation HM1234ABCD (cancelled)", CANCELLED),
        ("Booking 4711 - cancelled", CANCELLED),
    ],
)
def test_a_text_tells_the_status_in_fields_and_sentences(text: str, expected: Standing) -> None:
    assert standing("Anna Novak", text).standing is expected


@pytest.mark.parametrize(
    "text",
    [
        "City: Munich\nState: Bavaria\nCountry: Germany",
        "State = NY",
        "Zustand: gut",
        "Nights: 3; Type: Entire home",
        "If the reservation is cancelled by the guest there is a fee",
        "Reservation 4711 not cancelled",
        "Cancellation: 14 days",
        "Free cancellation: yes",
        "Calle 5\nCiudad: Tequila | Estado: Jalisco",
        "Città: Roma\nStato: Italia",
        "Status = confirmed",
        "Status – confirmed",
        "Guests: 2 | Status: Confirmed",
        "Cancelled: no",
        "Cancelled:",
        "Cancelled: -",
        "Cancelled at: null",
        "Storniert: nein",
        "Cancellation date:",
        "Cancellation deadline: 2026-09-10",
        "Guest status: VIP",
        "Flight status: cancelled",
        "Flight LH123 (cancelled)",
        "Payment: pending | Cleaning: pending",
        "Note: guest asked, status: see mail",
    ],
)
def test_what_is_no_status_of_the_booking_takes_no_access(text: str) -> None:
    assert standing("Anna Novak", text).standing is STAY


def test_stan_is_a_guest() -> None:
    assert standing("Stan - Novak").standing is STAY


@pytest.mark.parametrize(
    "title",
    "Anna Novak (cancellation insurance)|Anna Novak - cancellation policy flexible|Anna Novak - no cancellation|"
    "Anna Novak - annulation gratuite|Anna Novak - annulation gratuite jusqu'au 3/9|Anna Novak - cancelación gratuita|"
    "Anna Novak - cancelación gratis|Anna Novak - cancellazione gratuita|Anna Novak - cancelamento grátis|"
    "Anna Novak - assurance annulation|Anna Novak - seguro de cancelación|Anna Novak - assicurazione annullamento|"
    "Anna Novak - bezpłatna anulacja|Anna Novak - gratis afbestilling|Anna Novak - ilmainen peruutus|"
    "Anna Novak - ücretsiz iptal|Anna Novak - бесплатная отмена|Anna Novak - cleaning fee paid|"
    "Anna Novak - cleaning fee 50€|Anna Novak (cleaning included)|Anna Novak - extra cleaning|"
    "Anna Novak - Reinigung inklusive|Anna Novak - limpieza incluida|Anna Novak - schoonmaak inbegrepen|"
    "Anna Novak (mid-stay cleaning)".split("|"),
)
def test_a_rate_or_a_fee_behind_a_name_takes_no_access(title: str) -> None:
    assert standing(title).standing is STAY


@pytest.mark.parametrize(
    "title",
    "Stornierung Müller|Cancellation - Anna Novak|Anulacja Nowak|Peruutus Virtanen|Cleaning Anna|Cleaning - extra|"
    "Annulation - Marie Dupont|Anna Novak - late cancellation|Müller - Storno ohne Kosten".split("|"),
)
def test_what_was_cancelled_or_is_work_opens_nothing(title: str) -> None:
    assert standing(title).standing is not STAY


@pytest.mark.parametrize(
    "title",
    "Hostfully Blocked|Uplisting Unavailable|Rentals United Blocked|Plum Guide Unavailable|PriceLabs Blocked|"
    "Traum-Ferienwohnungen Blockiert|iGMS Blocked Dates|Marriott Not Available|Evolve Owner Hold|Novasol Gesperrt|"
    "Interhome Belegt Eigentümer|Casamundo nicht verfügbar|e-domizil blockiert|Clévacances Indisponible|"
    "Idealista no disponible|Belvilla Geblokkeerd|Micazu Gesloten|Natuurhuisje Bezet Eigenaar|Gîtes de France Fermé|"
    "✖ Anna Novak|✗ Anna Novak|🛑 Anna Novak|Invitation to book Anna|Anna Novak wants to book|Trip request - Anna|"
    "Awaiting guest payment Anna Novak|Utvask|Nedvask|Loppusiivous|Nagytakarítás|"
    "Generální úklid|Grand ménage".split("|"),
)
def test_a_block_under_the_name_of_any_platform_opens_nothing(title: str) -> None:
    assert standing(title).standing is not STAY


@pytest.mark.parametrize(
    "title",
    [
        "Pablo Cerrada",
        "Maria Ferme",
        "Ahmad Batal",
        "Ravi N A",
        "Anna Hold",
        "Ben Block",
        "Anna Novak - parking not available",
        "Vask",
    ],
)
def test_people_with_such_names_are_guests(title: str) -> None:
    assert standing(title).standing is STAY
