"""`nightporter webhooks`: the PMS is told where to send its webhooks, calls there once, and is told to stop."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from click.testing import CliRunner, Result

from app import cli, create_app
from sandbox.http import serve
from sandbox.mews_hotel import MewsHotel
from sandbox.webhooks import WebhookSender
from tests.databases import database_at
from tests.simulated.apaleo_hotel import ApaleoHotel

TOKEN = "a-long-random-token/+"
HERE = "https://porter.example.com/webhooks/isar"


@dataclass
class Desk:
    hotel: ApaleoHotel
    config: Path
    text: str
    called: list[str]

    def run(self, *arguments: str, change: str | None = None) -> Result:
        """`change`: "old=>new", in the settings file."""
        text = self.text
        if change is not None:
            old, new = change.split("=>")
            assert old in text
            text = text.replace(old, new)
        self.config.write_text(text)
        result = CliRunner().invoke(cli, ["--config", str(self.config), "webhooks", *arguments], catch_exceptions=False)
        assert TOKEN not in result.output
        assert "token%2F" not in result.output
        return result

    def addresses(self) -> list[str]:
        return [one["endpointUrl"] for one in self.hotel.subscriptions.values()]


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    hotel, mews = ApaleoHotel(), MewsHotel()
    hotel.add_property()
    called: list[str] = []
    with serve(hotel) as server, serve(mews) as mews_server:
        text = f"""
database: {database_at(tmp_path / "night.db")}
seam: {{api_key: seam_key}}
serve: {{public_url: "https://porter.example.com"}}
connections:
  isar:
    connector: apaleo
    key_prefix: "i-"
    webhook_token: {TOKEN}
    apaleo:
      base_url: "{server.url}"
      identity_url: "{server.url}"
      webhook_url: "{server.url}"
      client_id: {hotel.client_id}
      client_secret: {hotel.client_secret}
  alpen:
    connector: mews
    key_prefix: "a-"
    webhook_token: {TOKEN}
    mews: {{base_url: "{mews_server.url}", client_token: x, access_token: y}}
"""
        config = tmp_path / "config.yaml"
        config.write_text(text)
        client = create_app(config).test_client()

        def post(url: str, body: bytes, headers: dict[str, str]) -> int:
            called.append(url)
            parts = urlsplit(url)
            if parts.hostname != "porter.example.com":
                raise requests.ConnectionError
            return client.post(f"{parts.path}?{parts.query}", data=body, headers=headers).status_code

        hotel.sender = WebhookSender(post, background=False)
        yield Desk(hotel, config, text, called)


def test_subscribing_twice_leaves_one_and_every_event_arrives(desk: Desk) -> None:
    for _ in range(2):
        result = desk.run("subscribe", "isar")
        assert (result.exit_code, result.stderr) == (0, "")
        assert result.stdout == (
            f"isar: the PMS sends booking/*, property/*, reservation/*, unit/*, unitgroup/* to {HERE}.\n"
        )
    assert desk.addresses() == [f"{HERE}?token=a-long-random-token%2F%2B"]
    assert desk.called == desk.addresses()
    desk.hotel.add_unit(desk.hotel.add_group("MUC"), "101")
    assert desk.hotel.sender is not None
    assert desk.hotel.sender.deliver_all() == 2
    assert desk.hotel.sender.lost == 0


def test_what_the_pms_sends_is_listed_without_anybodys_secrets(desk: Desk) -> None:
    assert desk.run("list", "isar").stdout == "isar: the PMS sends no webhooks.\n"
    desk.run("subscribe", "isar")
    other = {"id": "x", "endpointUrl": "https://other.example/s3cret?key=s3cret", "events": ["folio/*"]}
    desk.hotel.subscriptions["x"] = other | {"propertyIds": ["MUC"]}
    lines = desk.run("list", "isar").stdout.splitlines()
    assert lines[0].endswith(f"to {HERE} (this connection).")
    assert lines[1] == "isar: the PMS sends folio/* to other.example."


def test_unsubscribing_ends_ours_and_nobody_elses(desk: Desk) -> None:
    desk.run("subscribe", "isar")
    desk.hotel.subscriptions["x"] = {
        "id": "x",
        "endpointUrl": "https://other.example/hook",
        "events": ["folio/*"],
        "propertyIds": [],
    }
    assert desk.run("unsubscribe", "isar").stdout == f"isar: the PMS sends nothing to {HERE} any more.\n"
    assert desk.addresses() == ["https://other.example/hook"]
    again = desk.run("unsubscribe", "isar")
    assert (again.exit_code, again.stdout) == (
        0,
        f"isar: there was nothing to end, the PMS sends nothing to {HERE}.\n",
    )


def test_a_new_token_and_other_events_take_the_place_of_the_old_ones(desk: Desk) -> None:
    for number, events in enumerate((["reservation/*"], ["folio/*"])):
        desk.hotel.subscriptions[str(number)] = {
            "id": str(number),
            "endpointUrl": f"{HERE}?token=old",
            "events": events,
            "propertyIds": ["MUC"],
        }
    assert desk.run("subscribe", "isar").exit_code == 0
    (one,) = desk.hotel.subscriptions.values()
    assert one["endpointUrl"] == f"{HERE}?token=a-long-random-token%2F%2B"
    assert "booking/*" in one["events"]
    assert one["propertyIds"] == []


def test_an_address_that_does_not_answer_is_not_subscribed(desk: Desk) -> None:
    result = desk.run("subscribe", "isar", change="porter.example.com=>elsewhere.example.com")
    assert result.exit_code == 1
    assert result.stderr.startswith("isar: the PMS does not accept the subscription (422 at v1/subscriptions)")
    assert "`nightporter serve` has to run" in result.stderr
    assert desk.addresses() == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ('serve: {public_url: "https://porter.example.com"}=>', "serve.public_url is missing"),
        ("https://porter=>http://porter", "should start with https://"),
        ("porter.example.com=>localhost:8080", "of this machine or this network"),
        ("porter.example.com=>192.168.1.7", "of this machine or this network"),
        ("porter.example.com=>porter", "of this machine or this network"),
        ("porter.example.com=>porter.local", "of this machine or this network"),
        ("porter.example.com=>[::1]", "of this machine or this network"),
        (f"    webhook_token: {TOKEN}\n    apaleo=>    apaleo", "connections.isar.webhook_token is missing"),
    ],
)
@pytest.mark.parametrize("command", ["subscribe", "unsubscribe"])
def test_an_address_that_the_pms_cannot_or_should_not_use_is_refused(
    desk: Desk, command: str, change: str, sentence: str
) -> None:
    result = desk.run(command, "isar", change=change)
    assert result.exit_code == 1
    assert sentence in result.stderr
    assert desk.called == []


@pytest.mark.parametrize("command", ["subscribe", "list", "unsubscribe"])
def test_a_pms_that_offers_none_says_what_to_do_instead(desk: Desk, command: str) -> None:
    result = desk.run(command, "alpen")
    assert result.exit_code == 1
    assert len(result.stderr.split()) > 8
    if command == "subscribe":
        assert result.stderr.rstrip().endswith("https://porter.example.com/webhooks/alpen?token=<webhook_token>")


def test_a_client_that_is_refused_is_a_sentence(desk: Desk) -> None:
    desk.hotel.faults.refuse_client = True
    result = desk.run("list", "isar")
    assert result.exit_code == 1
    assert result.stderr.startswith("isar: the PMS refuses the client id or its secret (400 at connect/token)")


def test_an_unknown_connection_is_a_mistake_in_the_settings(desk: Desk) -> None:
    assert desk.run("list", "nobody").exit_code == 2


def test_somebody_without_the_token_is_not_heard(desk: Desk) -> None:
    client: Any = create_app(desk.config).test_client()
    for query in ("", "?token=wrong"):
        answer = client.post(f"/webhooks/isar{query}", json={"topic": "system", "type": "healthcheck"})
        assert answer.status_code == 401
