"""A channel's request is no booking, whoever asks; a booking with a request in it is one."""

import pytest

from connectors.words.not_a_stay import standing
from connectors.words.words_of_status import Standing


@pytest.mark.parametrize(
    "titles",
    [
        "Airbnb request Anna|Booking.com request Anna|Expedia request Anna Novak|FeWo-direkt Anfrage Anna|"
        "Airbnb demande "
        "Anna|Airbnb pedido Anna|Airbnb リクエスト Anna|Vrbo inquiry Anna Novak|Airbnb pre-approval: Anna Novak",
        "Request Anna|REQUEST ANNA NOVAK|Request from Anna Novak|Booking request Anna Novak|"
        "Trip request Anna Novak|Stay "
        "request Anna|Demande Anna Novak|Demande de Anna Novak|Pedido Anna Novak|Bokningsförfrågan Anna|"
        "Kysely Anna Novak|"
        "Zapytanie Anna Nowak|予約リクエスト 山田太郎|お問い合わせ: 山田太郎",
        "Anna request|Anna Novak request|Anna Novak Anfrage|Anna Novak (inquiry)|Anna Novak - request",
    ],
    ids=["of a channel", "before the name", "behind the name"],
)
def test_a_word_for_an_enquiry_beside_a_name_is_no_booking_yet(titles: str) -> None:
    found = {title: standing(title).standing for title in titles.split("|")}
    assert {title: one for title, one in found.items() if one is not Standing.NOT_CONFIRMED} == {}


@pytest.mark.parametrize(
    "titles",
    [
        "Anna Novak Room Request|Anna Novak Special Request|Anna Novak Parking Request|Anna Novak bed request|"
        "Anna Novak - "
        "Anfrage Kinderbett|Anna Novak pedido: berço|Anna Novak richiesta culla|"
        "Anna Novak / request early arrival|Anna "
        "Novak 2 special requests",
        "Request accepted Anna Novak|Airbnb request accepted Anna|Anfrage bestätigt Anna Novak|"
        "Demande acceptée Anna Novak|"
        "Richiesta accettata Anna Novak|Aanvraag bevestigd Anna Novak|Buchungsanfrage angenommen - Anna Novak",
        "Avner Offer|Airbnb Anna|Anna Novak (Airbnb)",
    ],
    ids=["asks for something", "was accepted", "names"],
)
def test_a_guest_who_asks_for_something_or_was_accepted_is_a_guest(titles: str) -> None:
    found = {title: standing(title).standing for title in titles.split("|")}
    assert {title: one for title, one in found.items() if one is not Standing.STAY} == {}


def test_a_word_for_an_enquiry_that_is_a_name_as_well_is_told_beside_one_other_word() -> None:
    titles = "Devis Mangia|Offer Cohen|Offer Anna|Airbnb Offer Anna|Alex Devis"
    assert {standing(title).standing for title in titles.split("|")} == {Standing.UNCLEAR}
    assert standing("Devis Anna Novak").standing is Standing.NOT_CONFIRMED


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("xx Anna Novak cancelled xx", Standing.CANCELLED),
        ("xx", Standing.UNCLEAR),
        ("Anna Novak xx", Standing.STAY),
        ("Reserved for staff", Standing.UNCLEAR),
        ("Reserviert für Handwerker", Standing.UNCLEAR),
        ("Reserved for Anna", Standing.STAY),
        ("Anna Novak, no cleaning", Standing.STAY),
        ("Rossi Maria, pulizia venerdì", Standing.STAY),
        ("Anna, cleaning", Standing.UNCLEAR),
        ("Closed Anna Novak", Standing.UNCLEAR),
        ("Gesperrt Müller Hans", Standing.UNCLEAR),
        ("Closed Easter Week", Standing.BLOCKED),
    ],
)
def test_what_stands_around_a_name_and_for_whom_a_room_is_taken_counts(title: str, said: Standing) -> None:
    assert standing(title).standing is said
