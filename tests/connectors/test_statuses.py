"""What a column of statuses says, in the words of PMSs, channels and languages."""

from pathlib import Path

import pytest

from connectors.records import BookingStatus
from connectors.words.statuses import Statuses
from tests.connectors.cases import Case

SAID = {
    BookingStatus.CONFIRMED: [
        *("Confirmed", "BESTÄTIGT", "Confirmée", "Confirmada", "Confermata", "Bevestigd", "Potwierdzona", "Potvrzeno"),
        *(
            "Bekräftad",
            "Vahvistettu",
            "Подтверждено",
            "確定",
            "ok",
            "new",
            "modified",
            "Confirmed (paid)",
            "OK - unpaid",
        ),
        *("Confirmed (cancellation policy: strict)", "Arriving in 2 days", "Arrive dans 3 jours", "Llega en 2 días"),
        *("1 - Confirmed", "[2] Confirmed", "C: Confirmed", "OTA confirmed", "In arrivo", "Bevorstehend", "À venir"),
        *("Checking in tomorrow", "Check-in today", "Anreise am 20.09.2026", "Arrivée demain", "Llegada el 20/09"),
        *("Komt morgen aan", "Przyjazd za 2 dni", "Příjezd zítra", "Arriving Sun 20 Sep", "In arrivo domani"),
    ],
    BookingStatus.IN_HOUSE: [
        "CheckedIn",
        "Eingecheckt",
        "Arrivé",
        "Ingecheckt",
        "Zameldowany",
        "Confirmed - checked in",
        *("Checking out tomorrow", "Check-out heute", "Départ demain", "Partenza domani", "Departing in 2 days"),
    ],
    BookingStatus.CHECKED_OUT: ["CheckedOut", "Abgereist", "Parti", "Uitgecheckt", "Wymeldowany", "Past guest"],
    BookingStatus.NO_SHOW: ["NoShow", "no_show", "Nicht erschienen", "Non présentée", "No presentado"],
    BookingStatus.CANCELLED: [
        *(
            "Storniert",
            "Storniert am 12.9.",
            "Annulée",
            "Cancelada",
            "Cancellata",
            "Geannuleerd",
            "Anulowana",
            "Zrušeno",
        ),
        *(
            "Avbokad",
            "Отменено",
            "キャンセル",
            "cancelled_by_guest",
            "Canceled by you",
            "Rechazada",
            "Paid - cancelled",
        ),
    ],
    BookingStatus.TENTATIVE: [
        *("Option", "Anfrage", "Demande", "Pendiente de pago", "In attesa", "Optie", "Wstępna", "awaitingPayment"),
        *("inquiryPreapproved", "not confirmed", "Non confirmée", "ownerStay", "Blocked", "Eigenbelegung"),
    ],
    BookingStatus.UNKNOWN: [
        *("", "-", "Teleported", "Paid", "Paid - booked", "Completed", "Occupied", "Belegt", "Modification requested"),
        *("Confirmed / cancelled", "Confirmed - pending payment", "Not checked in"),
    ],
}


@pytest.mark.parametrize("status", SAID)
def test_a_status_is_known_in_many_languages_and_never_guessed(status: BookingStatus) -> None:
    assert {word: Statuses({}).status_of(word) for word in SAID[status]} == dict.fromkeys(SAID[status], status)


def test_a_connections_own_words_come_first() -> None:
    statuses = Statuses({"Option": "confirmed", "Paid": "confirmed", "Due*": "in_house", "Due later*": "tentative"})
    assert statuses.status_of("option") is BookingStatus.CONFIRMED
    assert statuses.status_of("PAID (card)") is BookingStatus.CONFIRMED
    assert statuses.status_of("Due at 4 pm") is BookingStatus.IN_HOUSE
    assert statuses.status_of("Due later today") is BookingStatus.TENTATIVE


def test_whoever_is_cancelled_in_the_houses_language_has_no_access_any_more(tmp_path: Path) -> None:
    case = Case(tmp_path, "files")
    case.write("rooms.csv", "room_id,room_name\nR1,16\nR2,17\n")
    head = "booking_id,name,arrival,departure,room_id,status\n"
    anna, ben = "B1,Anna Novak,{I+1},{I+4},R1,", "B2,Ben Maier,{I+1},{I+4},R2,"
    case.write("bookings.csv", f"{head}{anna}Bestätigt\n{ben}Eingecheckt\n")
    case.run(full=True)
    assert set(case.open_now()) == {"B1", "B2"}
    case.clock.pass_(minutes=1)
    case.write("bookings.csv", f"{head}{anna}Storniert\n{ben}Eingecheckt\n")
    case.run()
    assert set(case.open_now()) == {"B2"}
