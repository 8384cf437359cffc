"""The pages of the connections: what an admin does there, what others see, and that no page shows a secret."""

import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from assembly import utc_now
from store.credential_links import LINK_LASTS, CredentialLinks
from store.people import People, Role
from tests.night import PASSWORD, csrf_of
from tests.office import WEBHOOK_TOKEN, Office, Service, opened_office, serving
from tests.web.test_pages import text_of
from web.access import hash_password, limiter


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    with opened_office(tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture
def service(office: Office) -> Iterator[Service]:
    with serving(office) as found:
        limiter.reset()
        yield found


class Browser:
    """Somebody's, who is signed in or not; `said` is all that she was ever shown."""

    def __init__(self, service: Service, role: str | None):
        self.client: FlaskClient = service.parts.site.test_client()
        self.said = ""
        if role is not None:
            people = People(service.parts.store)
            people.add_user(role, Role(role), hash_password(PASSWORD), utc_now())
            self.post("/sign-in", "/sign-in", name=role, password=PASSWORD)

    def see(self, path: str, status: int = 200) -> str:
        answer = self.client.get(path)
        self.said += answer.text
        assert answer.status_code == status, answer.text
        return answer.text

    def post(self, page: str, path: str, status: int = 302, **data: Any) -> str:
        """Sends a form of that page."""
        token = csrf_of(self.client.get(page))
        answer = self.client.post(
            path, data={"csrf_token": token, **{k.replace("__", "."): v for k, v in data.items()}}
        )
        self.said += answer.text
        assert answer.status_code == status, answer.text
        return answer.text


@pytest.fixture
def admin(service: Service) -> Browser:
    return Browser(service, "admin")


def typed(office: Office, name: str = "alpen", number: int = 0, **rest: str) -> dict[str, str]:
    block = office.block(number)["mews"]
    return {
        "connector": "mews",
        "name": name,
        "key_prefix": f"{name}/",
        "state": "active",
        **{f"mews.{setting}": value for setting, value in block.items()},
        **rest,
    }


def test_an_admin_makes_a_connection_of_what_its_connector_asks_for(
    office: Office, service: Service, admin: Browser
) -> None:
    assert "There is no connection yet" in admin.see("/connections")
    assert "connector=mews" in admin.see("/new-connection")
    form = admin.see("/new-connection?connector=mews")
    for field in ("mews.base_url", "mews.client_token", "mews.access_token", "webhook_token", "schedules.full"):
        assert f'name="{field}"' in form
    wrong = admin.post("/connections", "/new-connection", 422, **typed(office, **{"mews.base_url": "mews"}))
    assert "connections.alpen.mews.base_url: should be an address" in wrong
    assert 'value="alpen"' in wrong
    admin.post("/connections", "/new-connection", **typed(office, webhook_token=WEBHOOK_TOKEN))
    service.go_on()
    assert len(office.seam.access_grants) == 1
    page = admin.see("/connections/alpen")
    assert "Everything, of the PMS and of Seam" in page
    assert "every 1 h" in page
    assert "alpen" in admin.see("/connections")
    assert "There is a connection alpen already" in admin.post(
        "/connections", "/new-connection", 422, **typed(office, webhook_token=WEBHOOK_TOKEN)
    )


def test_settings_are_changed_and_taken_back_on_its_page(office: Office, service: Service, admin: Browser) -> None:
    office.add("alpen")
    of = "/connections/alpen"
    admin.post(of, f"{of}/settings", mews__base_url=office.servers[0].url, policy="lease", schedules__full="3h")
    assert (office.shown("alpen")["policy"], office.shown("alpen")["settings"]["schedules"]) == (
        "lease",
        {"full": "3h"},
    )
    admin.post(
        of, f"{of}/settings", policy="", schedules__full="", schedules__retry="", mews__base_url="http://x.example"
    )
    assert (office.shown("alpen")["policy"], office.shown("alpen")["settings"]["schedules"]) == ("hotel", {})
    wrong = admin.post(of, f"{of}/settings", 422, schedules__full="often")
    assert "connections.alpen.schedules.full: should be a duration" in wrong
    assert 'value="often"' in wrong
    assert "changed by somebody else" in admin.post(of, f"{of}/settings", 422, policy="lease", version="1")


def test_it_is_paused_with_a_reason_and_resumed_by_page(office: Office, service: Service, admin: Browser) -> None:
    office.add("alpen")
    service.go_on()
    of = "/connections/alpen"
    admin.post(of, f"{of}/pause", reason="<pipes> burst", until="1d")
    service.go_on()
    page = admin.see(of)
    assert "By admin" in page
    assert "&lt;pipes&gt; burst" in page
    assert "not while it is paused" in page
    for where in (page, admin.see("/connections")):
        assert re.search(r"(?i)paused.* until \d+ \w+ \d\d:\d\d:\d\d \(Europe/Vienna\)", text_of(where))
    admin.post(of, f"{of}/watch")
    assert "Only watches" in admin.see(of)
    admin.post(of, f"{of}/resume")
    assert "Active" in admin.see(of)


def test_what_has_had_no_good_run_yet_is_not_shown_as_a_success(
    office: Office, service: Service, admin: Browser
) -> None:
    office.add("alpen")
    page, listed = admin.see("/connections/alpen"), admin.see("/connections")
    assert "np-on-notyet" in page
    assert "np-on-ready" not in page
    assert 'np-tone np-quiet">active' in listed
    service.go_on()
    assert "np-on-ready" in admin.see("/connections/alpen")
    assert 'np-tone np-good">active' in admin.see("/connections")


def test_it_is_removed_by_whoever_types_its_name(office: Office, service: Service, admin: Browser) -> None:
    office.add("alpen")
    service.go_on()
    of = "/connections/alpen"
    admin.post(of, f"{of}/remove", access="take_away")
    assert "type alpen to confirm" in admin.see(of)
    admin.post(of, f"{of}/remove", access="take_away", name="alpen", reason="sold")
    assert "Its access is being taken away" in admin.see(of)
    service.go_on()
    assert "<h2>Removed</h2>" in admin.see("/connections")
    office.seam.tick()
    assert not office.seam.access_grants


def refused(office: Office, service: Service) -> str:
    """A connection whose credentials the PMS refuses; the token that it would take."""
    office.add("alpen")
    service.go_on()
    office.hotels[0].access_token = "another-0123456789"
    service.due("alpen")
    service.go_on(steps=1)
    return office.hotels[0].access_token


def test_whoever_has_the_link_puts_new_credentials_in_once_and_keeps_everything_else(
    office: Office, service: Service, admin: Browser
) -> None:
    token = refused(office, service)
    before = office.shown("alpen")
    assert (before["state"], before["settings"]["mews"]["base_url"]) == ("refused", office.servers[0].url)
    page = admin.post("/connections/alpen", "/connections/alpen/link", 200)
    path = "/credentials/" + page.split("/credentials/")[1].split("<")[0]
    assert path not in admin.see("/connections/alpen")

    stranger = Browser(service, None)
    assert "New credentials for alpen" in stranger.see(path)
    wrong = stranger.post(path, path, 422)
    assert "no secret was given" in wrong
    stranger.post(path, path, 200, mews__access_token=token, mews__base_url="http://evil.eu", webhook_token="x" * 20)
    after = office.shown("alpen")
    assert (after["state"], after["settings"], after["secrets"]) == ("active", before["settings"], before["secrets"])
    service.go_on()
    assert service.alerts() == []
    assert "has been used" in stranger.see(path, 404)
    stranger.see("/connections/alpen", 302)
    entries = [(one.who, one.action) for one in People(service.parts.store).audit_entries()]
    assert ("link for credentials", "changed connection") in entries
    assert ("admin", "made a link for credentials") in entries


def test_a_link_ends_after_a_week_and_with_its_connection(office: Office, service: Service) -> None:
    office.add("alpen")
    printed = office.good("connections", "link", "alpen")
    link = printed.split("/credentials/")[1].split()[0]
    links, now = CredentialLinks(service.parts.store), utc_now()
    assert links.connection_of(link, now + LINK_LASTS - timedelta(minutes=1)) == "alpen"
    assert links.connection_of(link, now + LINK_LASTS + timedelta(minutes=1)) is None
    assert link.encode() not in office.bytes_of_database()
    office.good("connections", "remove", "alpen", "--yes")
    Browser(service, None).see(f"/credentials/{link}", 404)
    assert office.run("connections", "link", "alpen").exit_code == 1


def test_guessing_links_is_made_to_wait(service: Service) -> None:
    stranger = service.parts.site.test_client()
    answers = [stranger.get(f"/credentials/{number}").status_code for number in range(22)]
    assert (answers[0], answers[-1]) == (404, 429)


def test_a_viewer_looks_and_is_offered_nothing(office: Office, service: Service) -> None:
    office.add("alpen")
    service.go_on()
    viewer = Browser(service, "viewer")
    page = viewer.see("/connections/alpen")
    assert "What is polled, and why" in page
    assert "Next (Europe/Vienna)" in page
    assert "Add a connection" not in viewer.see("/connections")
    for words in ("New credentials", "Pause", "Remove", office.servers[0].url):
        assert words not in page


def test_a_connection_of_the_file_says_where_it_is_changed(office: Office) -> None:
    with office.config.open("a") as file:
        file.write(f"connections: {{alpen: {office.block()}}}\n")
    with serving(office) as service:
        admin = Browser(service, "admin")
        assert "It stands in the settings file" in admin.see("/connections/alpen")
        admin.post("/connections", "/connections/alpen/pause")
        assert "stands in the settings file, which only" in admin.see("/connections")


def test_no_page_and_no_log_has_a_credential(
    office: Office, service: Service, admin: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    admin.post("/connections", "/new-connection", **typed(office, webhook_token=WEBHOOK_TOKEN))
    service.go_on()
    of, hotel = "/connections/alpen", office.hotels[0]
    tokens = {"mews.access_token": hotel.access_token, "mews.client_token": hotel.client_token}
    admin.post(of, "/new-connection", 422, **typed(office, **{"mews.base_url": ""}))
    admin.post(of, f"{of}/rotate", **tokens, webhook_token=WEBHOOK_TOKEN)
    admin.post(of, f"{of}/rotate", 422, **tokens, version="1")
    admin.post(of, f"{of}/settings", 422, **tokens, schedules__full="x", webhook_token=WEBHOOK_TOKEN)
    for path in ("/connections", of, "/audit-log", "/runs", "/alerts"):
        admin.see(path)
    kept = office.bytes_of_database()
    for secret in office.secrets:
        assert secret not in admin.said
        assert secret.encode() not in kept
        assert secret not in caplog.text
