"""Webhooks: verified, stored once, answered, and acted upon; whatever else comes is refused without a word too many."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.webhooks import sign_svix
from store.health import GrantHealth
from store.history import History
from store.people import Role
from tests.night import HOOK, SEAM_SECRET, Night
from tests.world import START


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def ready(night: Night) -> str:
    """A guest in room 101 whose access is made; hotel and workspace listen from then on."""
    night.equip(0)
    booking = night.book(arrival=START + timedelta(hours=2))
    night.do("full")
    night.listen()
    return booking


def test_a_guest_extends_at_the_desk_and_her_key_works_on_after_the_webhook_alone(night: Night) -> None:
    booking = ready(night)
    later = START + timedelta(days=6)
    night.hotel.move_dates(booking, departure=later)
    night.settle()
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    assert grant["ends_at"].startswith("2026-09-24T10:00")
    delivery = night.inbox.page()[-1]
    assert (delivery.source, delivery.kind, delivery.outcome) == ("pms", "ServiceOrderUpdated", "done")


def test_a_webhook_is_answered_before_it_is_acted_upon(night: Night) -> None:
    booking = ready(night)
    before = night.seam.writes
    night.hotel.sender = None
    night.hotel.cancel(booking)
    answer = night.mews_webhook(("ServiceOrderUpdated", booking))
    assert (answer.status_code, answer.data) == (204, b"")
    assert night.seam.writes == before
    assert [one.subjects["bookings"] for one in night.inbox.waiting("alpen", night.clock.now())] == [[booking]]
    night.settle()
    assert night.doors(booking) == []


def test_the_same_delivery_is_stored_once_as_long_as_it_waits(night: Night) -> None:
    booking = ready(night)
    for _ in range(3):
        assert night.mews_webhook(("ServiceOrderUpdated", booking)).status_code == 204
    (one,) = night.inbox.page()
    assert one.times == 3


def test_the_same_words_after_it_was_acted_upon_are_news(night: Night) -> None:
    booking = ready(night)
    night.hotel.sender = None
    for days in (5, 7):
        night.hotel.move_dates(booking, departure=START + timedelta(days=days))
        night.mews_webhook(("ServiceOrderUpdated", booking))
        night.settle()
        grant = night.seam.grant_by_key(booking)
        assert grant is not None
        assert grant["ends_at"].startswith(f"2026-09-{18 + days}")
    assert len(night.inbox.page(source="pms")) == 2


def test_a_guest_and_a_room_that_change_reach_seam(night: Night) -> None:
    booking = ready(night)
    guest = night.owner(booking)
    night.hotel.edit_customer(guest, LastName="Nováková")
    night.hotel.rename_room(night.rooms[0], "101 Suite")
    night.settle()
    identity = night.seam.identity_by_key(guest)
    assert identity is not None
    assert identity["full_name"] == "Jana Nováková"
    assert night.doors(booking) == ["101 Suite"]


@pytest.mark.parametrize("deliveries", [100, pytest.param(1000, marks=pytest.mark.slow)])
def test_many_deliveries_of_one_booking_are_one_look_at_it(night: Night, deliveries: int) -> None:
    booking = ready(night)
    night.hotel.calls.clear()
    for number in range(deliveries):
        night.mews_webhook(("ServiceOrderUpdated", booking), ("PaymentUpdated", f"p{number}"))
    night.hotel.requests.clear()
    night.settle()
    reads = [body for operation, body in night.hotel.requests if operation.startswith("reservations")]
    assert len(reads) == 1


def test_what_says_nothing_of_access_is_answered_and_not_kept(night: Night) -> None:
    ready(night)
    answer = night.mews_webhook(("MessageAdded", "m1"), ("PaymentUpdated", "p1"), ("SomethingNew", "x"))
    assert answer.status_code == 204
    assert night.inbox.page(source="pms") == []


def test_a_booking_that_is_none_of_ours_is_no_failure(night: Night) -> None:
    ready(night)
    night.clock.pass_(seconds=1)
    night.mews_webhook(("ServiceOrderUpdated", "0f515589-99b4-423d-b83a-b237009f0509"))
    night.settle()
    (run, *_) = History(night.store).runs()
    assert (run.mode, run.exit, run.broken_off) == ("bookings", 0, None)


def test_the_integration_webhook_has_the_property_read(night: Night) -> None:
    ready(night)
    body = {"Action": "IntegrationEnabled", "Data": {"Enterprise": {"Id": night.property, "Name": "Hotel"}}}
    answer = night.site.test_client().post(f"/webhooks/alpen?token={HOOK}", json=body)
    assert answer.status_code == 204
    night.settle()
    assert night.inbox.page(source="pms")[0].outcome == "done"


def test_when_the_pms_is_down_a_delivery_waits_and_is_tried_again(night: Night) -> None:
    booking = ready(night)
    night.hotel.sender = None
    night.hotel.cancel(booking)
    night.hotel.faults.down = True
    night.mews_webhook(("ServiceOrderUpdated", booking))
    night.settle()
    (delivery,) = night.inbox.page(source="pms")
    assert delivery.handled_at is None
    assert delivery.attempts == 1
    assert "503" in (delivery.note or "")
    night.hotel.faults.down = False
    for _ in range(6):
        night.clock.pass_(seconds=60)
        night.settle()
    assert night.doors(booking) == []
    assert night.inbox.page(source="pms")[0].outcome == "done"


# --- Seam's events ----------------------------------------------------------------------------------------------------


def test_access_that_somebody_deletes_in_seam_is_made_again(night: Night) -> None:
    booking = ready(night)
    night.seam.remove("access_grant", booking)
    night.settle()
    assert night.doors(booking) == ["101"]
    (found,) = History(night.store).drift(START - timedelta(days=1))
    assert (found.row.cause, found.row.booking_id) == ("drift", booking)
    client = night.client("viewer")
    assert "Europe/Vienna" in client.get("/drift?cause=drift").text
    assert "Nothing is like that" in client.get("/drift?cause=orphan").text
    assert [one["booking"] for one in client.get("/drift?format=json").json] == [booking]
    assert booking in client.get("/drift?format=csv").text


def test_times_that_somebody_changes_in_seam_are_put_back(night: Night) -> None:
    booking = ready(night)
    night.seam.edit_grant(booking, ends_at="2026-12-24T10:00:00.000Z")
    night.settle()
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    assert grant["ends_at"].startswith("2026-09-23T09:00")


def test_our_own_changes_that_seam_tells_us_of_are_no_news(night: Night) -> None:
    booking = ready(night)
    night.hotel.sender = None
    night.hotel.move_dates(booking, departure=START + timedelta(days=6))
    night.clock.pass_(minutes=1)
    night.do("incremental")
    night.clock.pass_(minutes=1)
    night.settle()
    told = {one.kind: one.outcome for one in night.inbox.page(source="seam")}
    assert told["access_grant.access_times_changed"] == "ignored"
    assert [run.mode for run in History(night.store).runs()] == ["incremental", "full"]


def test_an_issued_pin_shows_as_working(night: Night) -> None:
    night.equip(0)
    night.listen()
    booking = night.book(arrival=START + timedelta(hours=2))
    night.settle()
    night.do("full")
    assert GrantHealth(night.store).of("alpen", [booking])[0].state == "issuing"
    night.clock.pass_(seconds=5)
    night.settle()
    assert GrantHealth(night.store).of("alpen", [booking])[0].state == "issued"


def test_a_pin_that_the_lock_refuses_shows_why(night: Night) -> None:
    booking = ready(night)
    night.seam.fail_to_issue(booking, "the lock is full")
    night.settle()
    (health,) = GrantHealth(night.store).of("alpen", [booking])
    assert health.state == "failed"
    assert "the lock did not take it" in health.why


def test_a_space_that_somebody_deletes_is_made_again(night: Night) -> None:
    ready(night)
    night.seam.remove("space", night.rooms[2])
    night.settle()
    assert night.seam.space_by_key(night.rooms[2]) is not None


def test_a_lock_that_is_unplugged_has_the_arrivals_checked(night: Night) -> None:
    night.equip(0)
    door = night.seam.add_device("Lock 101", night.rooms[0], customer_key=night.property)
    booking = night.book(arrival=START + timedelta(hours=2))
    night.do("full")
    night.listen()
    night.clock.pass_(minutes=1)
    night.settle()
    night.seam.unplug(door)
    night.settle()
    (health,) = GrantHealth(night.store).of("alpen", [booking])
    assert ["Lock 101", False] in (health.doors or [])
    assert "Lock 101 is offline" in health.why


def seam_post(night: Night, body: bytes, headers: dict[str, str]) -> int:
    return night._post("http://night.example/webhooks/seam", body, headers)


EVENT = {
    "event_id": "e1",
    "event_type": "access_grant.deleted",
    "access_grant_id": "g",
    "workspace_id": "w",
    "created_at": "2026-09-18T10:00:00.000Z",
    "occurred_at": "2026-09-18T10:00:00.000Z",
}


def signed(body: bytes, secret: str = SEAM_SECRET, **rest: str) -> dict[str, str]:
    headers = sign_svix(secret, "msg_1", datetime.now(UTC), body)
    return {"Content-Type": "application/json"} | headers | rest


def test_a_body_that_is_nested_without_end_is_refused_in_words(night: Night) -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    assert seam_post(night, deep, signed(deep)) == 422
    token = night.people.make_token("deep", Role.ADMIN, night.clock.now())
    answer = night.site.test_client().post(
        f"/api/locks/alpen/{night.property}/place",
        data=deep,
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    assert 400 <= answer.status_code < 500


def test_a_number_of_thousands_of_digits_is_refused_in_words(night: Night) -> None:
    long = b"9" * 100_000
    assert 400 <= seam_post(night, long, signed(long)) < 500
    token = night.people.make_token("long", Role.ADMIN, night.clock.now())
    for body in (long, b'{"rooms": ' + long + b"}"):
        answer = night.site.test_client().post(
            f"/api/locks/alpen/{night.property}/place",
            data=body,
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
        )
        assert answer.status_code == 400


def test_an_event_of_seam_is_stored_once_however_often_it_comes(night: Night) -> None:
    body = json.dumps(EVENT).encode()
    for _ in range(3):
        assert seam_post(night, body, signed(body)) == 204
        night.settle()
    (one,) = night.inbox.page()
    assert (one.times, one.outcome) == (3, "ignored")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda headers: headers | {"svix-signature": "v1,AAAA"},
        lambda headers: headers | {"svix-signature": "v1,not base64 at all!"},
        lambda headers: headers | {"svix-signature": "rubbish"},
        lambda headers: headers | {"svix-timestamp": "0"},
        lambda headers: headers | {"svix-timestamp": "yesterday"},
        lambda headers: {name: value for name, value in headers.items() if name != "svix-signature"},
        lambda headers: {"Content-Type": "application/json"},
    ],
)
def test_an_event_that_is_not_signed_by_seam_is_refused(night: Night, spoil: object) -> None:
    body = json.dumps(EVENT).encode()
    assert seam_post(night, body, spoil(signed(body))) == 401  # type: ignore[operator]
    assert seam_post(night, body + b" ", signed(body)) == 401
    assert seam_post(night, body, signed(body, secret="whsec_" + "QUFB" * 8)) == 401
    assert night.inbox.page() == []


def test_a_signed_body_that_is_no_event_is_refused_for_good(night: Night) -> None:
    for body in (b"[]", b"{}", b'{"event_id": 1, "event_type": 2}', b"not json"):
        assert seam_post(night, body, signed(body)) == 422


# --- what is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "wrong", HOOK + "x", HOOK[:-1], HOOK.upper()])
def test_a_wrong_token_is_refused(night: Night, token: str) -> None:
    assert night.mews_webhook(("ServiceOrderUpdated", "x"), token=token).status_code == 401
    assert night.inbox.page() == []


def test_a_connection_that_does_not_exist_looks_like_a_wrong_token(night: Night) -> None:
    client = night.site.test_client()
    answers = [client.post(f"/webhooks/{name}?token=x", json={}) for name in ("alpen", "nobody")]
    assert [(one.status_code, one.data) for one in answers] == [(401, answers[0].data)] * 2


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"not json", "application/json", 400),
        (b"", "application/json", 400),
        (b"[1, 2]", "application/json", 422),
        (b"{}", "application/json", 422),
        (b'{"EnterpriseId": 5, "Events": "x"}', "application/json", 422),
        (b"[" * 100_000, "application/json", 400),
        (b"\xff\xfe\x00", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"a=b", "application/x-www-form-urlencoded", 422),
        (b"", "application/x-www-form-urlencoded", 422),
        (b"no form", "application/x-www-form-urlencoded", 400),
        (b"a=\xff", "application/x-www-form-urlencoded", 400),
        (b"a=b&" * 1001, "application/x-www-form-urlencoded", 400),
        (b"a=" + b"x" * (1024 * 1024), "application/x-www-form-urlencoded", 413),
        (b"x" * (1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_rubbish_is_refused_and_counted(night: Night, body: bytes, content_type: str, status: int) -> None:
    answer = night.site.test_client().post(f"/webhooks/alpen?token={HOOK}", data=body, content_type=content_type)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    counted = night.metrics.text().decode()
    assert 'nightporter_webhooks_total{result="stored"' not in counted
    assert 'source="pms"} 1.0' in counted


@pytest.mark.parametrize("no_text", ["\ud800", "a\0b"])
def test_an_id_that_is_no_text_is_refused_and_spoils_no_page(night: Night, no_text: str) -> None:
    ready(night)
    assert night.mews_webhook(("ServiceOrderUpdated", no_text)).status_code in (204, 422)
    night.property, kept = no_text, night.property
    assert night.mews_webhook(("ServiceOrderUpdated", "x")).status_code == 422
    night.property = kept
    body = json.dumps(EVENT | {"access_grant_id": no_text}).encode()
    assert seam_post(night, body, signed(body)) == 422
    assert night.inbox.page() == []
    assert night.client().get("/inbox").status_code == 200


class Broken(io.BytesIO):
    """A body in pieces, in the middle of which a server finds something that is no piece."""

    def readinto(self, buffer: Any) -> int:
        raise ValueError("InvalidChunkSize")

    def read(self, size: int | None = -1) -> bytes:
        raise ValueError("InvalidChunkSize")


@pytest.mark.parametrize(
    ("body", "status", "result"),
    [
        (io.BytesIO(b'{"a": "' + b"x" * (1024 * 1024 - 9) + b'"}'), 422, "not understood"),
        (io.BytesIO(b'{"a": "' + b"x" * (1024 * 1024 - 8) + b'"}'), 413, "too large"),
        (io.BytesIO(b"x" * 3_000_000), 413, "too large"),
        (Broken(), 400, "cut off"),
    ],
)
def test_a_body_in_pieces_may_be_a_megabyte_and_is_counted_like_any_other(
    night: Night, body: io.BytesIO, status: int, result: str
) -> None:
    answer = night.site.test_client().post(
        f"/webhooks/alpen?token={HOOK}",
        input_stream=body,
        content_type="application/json",
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == status
    assert f'nightporter_webhooks_total{{result="{result}",source="pms"}} 1.0' in night.metrics.text().decode()


def test_an_address_with_two_slashes_is_refused_and_its_token_not_told_again(night: Night) -> None:
    answer = night.site.test_client().post(f"/webhooks//alpen?token={HOOK}", json={})
    assert answer.status_code == 404
    assert HOOK not in answer.text + str(answer.headers)


def test_only_a_post_is_taken(night: Night) -> None:
    client = night.site.test_client()
    for path in ("/webhooks/alpen", "/webhooks/seam"):
        assert client.get(path).status_code == 405


@pytest.mark.parametrize(
    "path", ["/webhooks/../", "/webhooks/alpen/..%2f..", "/webhooks/%00", "/webhooks/" + "a" * 3000]
)
def test_tricks_with_the_path_lead_nowhere(night: Night, path: str) -> None:
    answer = night.site.test_client().post(path, json={})
    assert answer.status_code in (401, 302, 404, 405)


def test_what_was_sent_is_kept_without_people_and_secrets(night: Night) -> None:
    body = {
        "EnterpriseId": night.property,
        "Pin": "4711",
        "Events": [
            {
                "Discriminator": "ServiceOrderUpdated",
                "Value": {"Id": "b1", "CustomerName": "Ida Wal", "Code": "b1", "Note": "call +49 170 1234567"},
                "CreatedUtc": "2026-09-18T10:00:00Z",
                "BirthDateUtc": "1980-01-02T00:00:00Z",
                "Ida Wal": 4711,
            }
        ],
    }
    sent = json.dumps(body)
    answer = night.site.test_client().post(f"/webhooks/alpen?token={HOOK}", data=sent, content_type="application/json")
    assert answer.status_code == 204
    (one,) = night.inbox.page()
    left = "(left out)"
    assert night.inbox.payload(one.id) == {
        "EnterpriseId": night.property,
        "Pin": left,
        "Events": [
            {
                "Discriminator": "ServiceOrderUpdated",
                "Value": {"Id": "b1", "CustomerName": left, "Code": left, "Note": left},
                "CreatedUtc": "2026-09-18T10:00:00Z",
                "BirthDateUtc": left,
                left: left,
            }
        ],
    }
    page = night.client("viewer").get(f"/inbox/{one.id}").text
    assert "ServiceOrderUpdated" in page
    assert not any(secret in page for secret in ("Ida", "4711", "170 1234567", "1980", HOOK))


def test_what_is_kept_of_a_long_body_is_cut(night: Night) -> None:
    events = [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": f"b{number}"}} for number in range(5000)]
    deep: Any = {}
    for _ in range(400):
        deep = {"Value": deep}
    sent = json.dumps({"EnterpriseId": night.property, "Events": events, "Deep": deep})
    night.site.test_client().post(f"/webhooks/alpen?token={HOOK}", data=sent, content_type="application/json")
    (one,) = night.inbox.page()
    kept = json.dumps(night.inbox.payload(one.id))
    assert "(cut)" in kept
    assert len(kept) < 10_000
