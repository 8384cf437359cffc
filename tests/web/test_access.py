"""Who may do what: sign-in, sessions, roles, tokens; what browsers are told, and what the database holds of it."""

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter

from store.history import History
from store.people import Role
from tests.every_day import first_of
from tests.night import HASHER, PASSWORD, Night, csrf_of
from tests.world import START
from web.access import hash_password, limiter
from web.site import create_site

ROLES = ("viewer", "operator", "admin")
OPEN = {
    "/healthz",
    "/sign-in",
    "/sign-in/no-such-link",
    "/sign-in/code",
    "/sign-in/openid",
    "/sign-in/openid/callback",
    "/credentials/no-such-link",
}

STATIC = ("/static/", "/bootstrap/static/")
ROLE_NEEDED: dict[tuple[str, str], str | None] = {
    ("connections.add", "POST"): "admin",
    ("connections.change", "POST"): "admin",
    ("connections.connection", "GET"): "viewer",
    ("connections.connections", "GET"): "viewer",
    ("connections.credentials", "GET"): None,
    ("connections.credentials", "POST"): None,
    ("connections.link", "POST"): "admin",
    ("connections.new", "GET"): "admin",
    ("connections.pause", "POST"): "admin",
    ("connections.remove", "POST"): "admin",
    ("connections.resume", "POST"): "admin",
    ("connections.rotate", "POST"): "admin",
    ("connections.watch", "POST"): "admin",
    ("policies.change", "POST"): "admin",
    ("workspaces.change", "POST"): "admin",
    ("workspaces.workspaces", "GET"): "admin",
    ("connections_api.remove_workspace", "DELETE"): "admin",
    ("connections_api.set_workspace", "PATCH"): "admin",
    ("connections_api.workspaces", "GET"): "admin",
    ("policies.policies", "GET"): "admin",
    ("policies.policy", "GET"): "admin",
    ("connections_api.policy_change", "GET"): "admin",
    ("connections_api.preview_policy", "POST"): "admin",
    ("connections_api.roll_out_policy", "POST"): "admin",
    ("connections_api.take_back_policy", "POST"): "admin",
    ("connections_api.link", "POST"): "admin",
    ("access.sign_in", "GET"): None,
    ("access.sign_in", "POST"): None,
    ("access.sign_in_by_link", "GET"): None,
    ("access.sign_in_by_link", "POST"): None,
    ("access.sign_in_code", "GET"): None,
    ("access.sign_in_code", "POST"): None,
    ("access.sign_out", "POST"): "viewer",
    ("openid.begin", "GET"): None,
    ("openid.come_back", "GET"): None,
    ("api-docs.openapi_json", "GET"): "viewer",
    ("api.acknowledge_alert", "POST"): "operator",
    ("api.alert", "GET"): "viewer",
    ("api.alert_history", "GET"): "viewer",
    ("api.alerts", "GET"): "viewer",
    ("api.assign_alert", "POST"): "operator",
    ("api.silence_alert", "POST"): "operator",
    ("api.apply", "POST"): "operator",
    ("api.approve", "POST"): "operator",
    ("api.audit_log", "GET"): "admin",
    ("api.booking", "GET"): "viewer",
    ("api.bookings", "GET"): "viewer",
    ("api.costs", "GET"): "admin",
    ("api.delivery", "GET"): "viewer",
    ("api.drift", "GET"): "viewer",
    ("api.entries", "GET"): "operator",
    ("api.held", "GET"): "viewer",
    ("api.inbox", "GET"): "viewer",
    ("api.locks_health", "GET"): "viewer",
    ("api.locks_of_all", "GET"): "viewer",
    ("api.locks_of_one", "GET"): "viewer",
    ("api.now", "GET"): "viewer",
    ("api.pin", "POST"): "operator",
    ("api.place", "POST"): "operator",
    ("api.replay", "POST"): "operator",
    ("api.run", "GET"): "viewer",
    ("api.run_items", "GET"): "viewer",
    ("api.runs", "GET"): "viewer",
    ("api.sync_now", "POST"): "operator",
    ("api.trends", "GET"): "viewer",
    ("api_docs", "GET"): "viewer",
    ("cards.cards", "GET"): "operator",
    ("cards.encode", "POST"): "operator",
    ("cards.encoders", "GET"): "viewer",
    ("cards.status", "GET"): "operator",
    ("cards_api.card_order", "GET"): "operator",
    ("cards_api.cards", "GET"): "operator",
    ("cards_api.encode", "POST"): "operator",
    ("cards_api.encoders", "GET"): "viewer",
    ("closed_doors.new_pin", "POST"): "operator",
    ("closed_doors.unlock", "POST"): "operator",
    ("api.locks_forecasts", "GET"): "viewer",
    ("locks.forecast", "GET"): "viewer",
    ("closed_doors_api.new_pin", "POST"): "operator",
    ("closed_doors_api.unlock", "POST"): "operator",
    ("closed_doors_api.show_spare_key", "POST"): "operator",
    ("closed_doors_api.spare_keys", "GET"): "operator",
    ("connections_api.add_connection", "POST"): "admin",
    ("connections_api.change_connection", "PATCH"): "admin",
    ("connections_api.connection", "GET"): "admin",
    ("connections_api.connections", "GET"): "admin",
    ("connections_api.pause", "POST"): "admin",
    ("connections_api.policies", "GET"): "admin",
    ("connections_api.policy", "GET"): "admin",
    ("connections_api.remove_connection", "DELETE"): "admin",
    ("connections_api.resume", "POST"): "admin",
    ("connections_api.rotate", "POST"): "admin",
    ("connections_api.set_policy", "PATCH"): "admin",
    ("connections_api.watch", "POST"): "admin",
    ("costs.costs", "GET"): "admin",
    ("costs.csv", "GET"): "admin",
    ("trends.csv", "GET"): "viewer",
    ("trends.month", "GET"): "viewer",
    ("trends.trends", "GET"): "viewer",
    ("embedded.booking", "GET"): None,
    ("embedded_api.make_address", "POST"): "operator",
    ("locks.accounts", "GET"): "operator",
    ("locks.adopt", "POST"): "operator",
    ("locks.apply", "POST"): "operator",
    ("locks.connect", "POST"): "operator",
    ("locks.connecting", "GET"): "operator",
    ("locks.connecting_status", "GET"): "operator",
    ("locks.decide", "POST"): "operator",
    ("locks.doors", "GET"): "viewer",
    ("locks.doors_csv", "GET"): "viewer",
    ("locks.health", "GET"): "viewer",
    ("locks.locks", "GET"): "viewer",
    ("locks.refresh", "POST"): "operator",
    ("locks.rooms", "GET"): "viewer",
    ("locks.upload", "POST"): "operator",
    ("monitoring.healthz", "GET"): None,
    ("monitoring.metrics", "GET"): "viewer",
    ("monitoring.readyz", "GET"): "viewer",
    ("people.account", "GET"): "viewer",
    ("people.add_token", "POST"): "admin",
    ("people.begin_second_factor", "POST"): "viewer",
    ("people.change_password", "POST"): "viewer",
    ("people.change_role", "POST"): "admin",
    ("people.disable", "POST"): "admin",
    ("people.enable", "POST"): "admin",
    ("people.choose_language", "POST"): "viewer",
    ("people.end_other_sessions", "POST"): "viewer",
    ("people.end_second_factor", "POST"): "viewer",
    ("people.end_second_factor_of", "POST"): "admin",
    ("people.end_sessions", "POST"): "admin",
    ("people.give_role", "POST"): "admin",
    ("people.invite", "POST"): "admin",
    ("people.link", "POST"): "admin",
    ("people.people", "GET"): "admin",
    ("people.revoke_token", "POST"): "admin",
    ("people.take_role", "POST"): "admin",
    ("properties.home", "GET"): "viewer",
    ("properties.now", "GET"): "viewer",
    ("properties.properties", "GET"): "viewer",
    ("properties.try_now", "POST"): "operator",
    **{(f"receivers.{name}", "GET"): "admin" for name in ("receivers", "receiver", "event")},
    **{
        (f"receivers.{name}", "POST"): "admin"
        for name in ("add", "change", "pause", "resume", "rotate", "replay", "remove", "send_again")
    },
    ("receivers_api.add", "POST"): "admin",
    ("receivers_api.attempts", "GET"): "admin",
    ("receivers_api.change", "PATCH"): "admin",
    ("receivers_api.one_receiver", "GET"): "admin",
    ("receivers_api.pause", "POST"): "admin",
    ("receivers_api.receivers", "GET"): "admin",
    ("receivers_api.remove", "DELETE"): "admin",
    ("receivers_api.replay", "POST"): "admin",
    ("receivers_api.resume", "POST"): "admin",
    ("receivers_api.rotate", "POST"): "admin",
    ("alerts.acknowledge", "POST"): "operator",
    ("alerts.alert", "GET"): "viewer",
    ("alerts.alerts", "GET"): "viewer",
    ("alerts.assign", "POST"): "operator",
    ("alerts.silence", "POST"): "operator",
    ("inbox.delivery", "GET"): "viewer",
    ("inbox.inbox", "GET"): "viewer",
    ("inbox.replay", "POST"): "operator",
    ("inbox.replay_all", "POST"): "operator",
    ("held.approve", "POST"): "operator",
    ("held.decide", "POST"): "operator",
    ("held.held", "GET"): "viewer",
    ("reports.audit_log", "GET"): "admin",
    ("reports.booking", "GET"): "viewer",
    ("reports.booking_live", "GET"): "viewer",
    ("reports.bookings", "GET"): "viewer",
    ("reports.drift", "GET"): "viewer",
    ("reports.progress", "GET"): "viewer",
    ("reports.run", "GET"): "viewer",
    ("reports.run_csv", "GET"): "viewer",
    ("reports.runs", "GET"): "viewer",
    ("reports.show_entries", "POST"): "operator",
    ("reports.show_pin", "POST"): "operator",
    ("reports.show_spare_key", "POST"): "operator",
    ("reports.sync_now", "POST"): "operator",
}
"""Of all that is answered, the least role that may use it; None: whoever comes. A new route needs a line."""


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


@pytest.fixture
def booking(night: Night) -> str:
    """A guest in room 101 whose access is made."""
    night.equip(0)
    booking = night.book(arrival=START + timedelta(hours=2))
    night.do("full")
    return booking


def sign_in(
    night: Night, name: str, password: str = PASSWORD, client: FlaskClient | None = None, query: str = ""
) -> Any:
    client = client or night.client(None)
    token = csrf_of(client.get("/sign-in"))
    return client.post(f"/sign-in{query}", data={"name": name, "password": password, "csrf_token": token})


def use(client: FlaskClient, link: str) -> Any:
    """Opens a link that signs in, and presses its button where it has one."""
    page = client.get(f"/sign-in/{link}")
    if page.status_code != 200:
        return page
    return client.post(f"/sign-in/{link}", data={"csrf_token": csrf_of(page)})


def is_in(client: FlaskClient) -> bool:
    # A page that costs little: this is asked hundreds of times.
    return client.get("/alerts").status_code == 200


def requests_of(night: Night, booking: str = "b1") -> list[tuple[str, str, str]]:
    """(endpoint, method, path) of everything that the application answers, but for webhooks and style sheets."""
    runs = History(night.store).runs(limit=1)
    values = {
        "connection": "alpen",
        "booking_id": booking,
        "run_id": runs[0].run_id if runs else "no-such-run",
        "delivery_id": 1,
        "event_id": 1,
        "alert_id": 1,
        "order_id": 1,
        "property_id": night.property,
        "webview_id": "no-such-page",
        "link": "no-such-link",
        "month": "2026-11",
        "policy": "hotel",
        "receiver": "channel",
        "workspace": "south",
        "user": "nobody-of-that-name",
        "token": "no-such-token",
    }
    urls = night.site.url_map.bind("localhost")
    return [
        (rule.endpoint, method, urls.build(rule.endpoint, {name: values[name] for name in rule.arguments}))
        for rule in night.site.url_map.iter_rules()
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"})
        if not rule.rule.startswith(("/webhooks/", *STATIC))
    ]


def for_programs(path: str) -> bool:
    return path.startswith(("/api/", "/readyz", "/metrics"))


def rows_of(night: Night, table: str) -> list[dict[str, Any]]:
    with night.store.reading() as db:
        return [dict(row._mapping) for row in db.execute(text(f"SELECT * FROM {table}"))]


def database_of(night: Night) -> bytes:
    """Everything that SQLite has written, its journal too."""
    return b"".join(file.read_bytes() for file in night.path.glob("*.db*"))


# --- signing in and out -----------------------------------------------------------------------------------------------


def test_the_right_name_and_password_lead_to_the_first_page(night: Night) -> None:
    client = night.client("viewer")
    assert is_in(client)
    (entry,) = night.people.audit_entries()
    assert (entry.who, entry.action) == ("viewer", "signed in")


def test_a_wrong_password_an_unknown_name_and_a_disabled_user_get_the_same_answer(night: Night) -> None:
    night.client("viewer")
    night.people.add_user("gone", Role.ADMIN, hash_password(PASSWORD), night.clock.now())
    night.people.change_user("gone", disabled=True)
    answers = []
    for name, password in (("viewer", "wrong"), ("nobody", PASSWORD), ("nobody", "wrong"), ("gone", PASSWORD)):
        client = night.client(None)
        answer = sign_in(night, name, password, client)
        assert answer.status_code == 401
        assert not is_in(client)
        answers.append(answer.text.replace(csrf_of(answer), "").replace(f'value="{name}"', ""))
    assert "Name or password is wrong." in answers[0]
    assert len(set(answers)) == 1
    assert night.metrics.text().decode().count('nightporter_sign_ins_total{result="refused"} 4.0') == 1


def test_name_and_password_are_both_needed(night: Night) -> None:
    for name, password in (("", PASSWORD), ("viewer", ""), ("x" * 65, PASSWORD)):
        assert sign_in(night, name, password).status_code == 400


def test_the_page_says_how_to_add_a_user_only_as_long_as_there_is_none(night: Night) -> None:
    assert "nightporter user add" in night.client(None).get("/sign-in").text
    night.client("viewer")
    assert "nightporter user add" not in night.client(None).get("/sign-in").text


def test_a_session_ends_after_a_night_shift_whatever_she_does_in_it(night: Night) -> None:
    client = night.client("viewer")
    for _ in range(11):
        night.clock.pass_(hours=1)
        assert is_in(client)
    night.clock.pass_(minutes=59)
    assert is_in(client)
    night.clock.pass_(minutes=2)
    assert not is_in(client)


def test_a_new_password_or_a_disabling_ends_every_session(night: Night) -> None:
    first, second = night.client("viewer"), night.client("viewer")
    night.people.change_user("viewer", password_hash=hash_password("another good password"))
    assert (is_in(first), is_in(second)) == (False, False)
    third = night.client(None)
    assert sign_in(night, "viewer", "another good password", third).status_code == 302
    night.people.change_user("viewer", disabled=True)
    assert not is_in(third)
    night.people.change_user("viewer", disabled=False)
    assert not is_in(third), "the old session lives again"


def test_a_role_that_changes_counts_at_once(night: Night) -> None:
    client = night.client("admin")
    assert client.get("/audit-log").status_code == 200
    night.people.change_user("admin", role=Role.VIEWER)
    assert client.get("/audit-log").status_code == 403


def test_signing_out_ends_the_session(night: Night) -> None:
    client = night.client("viewer")
    client.post("/sign-out", data={"csrf_token": csrf_of(client.get("/"))})
    assert not is_in(client)


def test_a_session_that_somebody_writes_herself_is_none(night: Night) -> None:
    night.client("viewer")
    forger = Flask("forger")
    forger.config.update(SECRET_KEY="guessed", SESSION_COOKIE_NAME="nightporter")
    client = forger.test_client()
    with client.session_transaction() as session:
        session.update(user="viewer", generation=1, until=9e9)
    cookie = client.get_cookie("nightporter")
    assert cookie is not None
    stranger = night.client(None)
    stranger.set_cookie("nightporter", cookie.value)
    assert not is_in(stranger)


def test_signing_in_throws_away_what_the_session_held(night: Night) -> None:
    night.client("viewer")
    client = night.client(None)
    with client.session_transaction() as session:
        session["planted"] = "by a stranger"
    sign_in(night, "viewer", client=client)
    with client.session_transaction() as session:
        assert "planted" not in session


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "evil.example",
        "javascript:alert(1)",
        "///evil.example",
        "\x01//evil.example",
        " //evil",
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(night: Night, target: str) -> None:
    night.client("viewer")
    assert sign_in(night, "viewer", query=f"?next={quote(target, safe='')}").headers["Location"] == "/"


def test_after_signing_in_she_is_where_she_wanted_to_be(night: Night) -> None:
    night.client("viewer")
    client = night.client(None)
    wanted = client.get("/bookings?q=101&list=1").headers["Location"]
    answer = sign_in(night, "viewer", client=client, query=wanted.removeprefix("/sign-in"))
    assert answer.headers["Location"] == "/bookings?q=101&list=1"


def test_the_page_that_refuses_a_link_takes_name_and_password(night: Night) -> None:
    night.client("viewer")
    client = night.client(None)
    page = client.get("/sign-in/no-such-link")
    assert page.status_code == 401
    (action,) = re.findall(r'<form method="post" action="([^"]*)"', page.text)
    answer = client.post(action, data={"name": "viewer", "password": PASSWORD, "csrf_token": csrf_of(page)})
    assert answer.status_code == 302
    assert is_in(client)


def test_a_link_signs_in_once(night: Night) -> None:
    night.client("admin")
    link = night.people.make_link("admin", night.clock.now())
    first, second = night.client(None), night.client(None)
    for scanner in ("get", "head"):
        getattr(night.client(None), scanner)(f"/sign-in/{link}")
    assert night.client(None).post(f"/sign-in/{link}").status_code == 400, "without the page's own token"
    use(first, link)
    assert is_in(first)
    answer = use(second, link)
    assert answer.status_code == 401
    assert "has been used" in answer.text
    assert not is_in(second)


def test_a_link_is_good_for_ten_minutes(night: Night) -> None:
    night.client("admin")
    for minutes, works in ((9, True), (11, False)):
        link = night.people.make_link("admin", night.clock.now())
        night.clock.pass_(minutes=minutes)
        client = night.client(None)
        use(client, link)
        assert is_in(client) == works


def test_a_link_of_a_disabled_user_signs_nobody_in(night: Night) -> None:
    night.client("admin")
    link = night.people.make_link("admin", night.clock.now())
    night.people.change_user("admin", disabled=True)
    client = night.client(None)
    use(client, link)
    assert not is_in(client)


def test_whoever_tries_too_many_passwords_of_one_user_has_to_wait(night: Night) -> None:
    night.client("viewer")
    limiter.reset()
    for _ in range(10):
        assert sign_in(night, "viewer", "wrong").status_code == 401
    answer = sign_in(night, "Viewer", PASSWORD)
    assert answer.status_code == 429
    assert "wait five minutes" in answer.text
    assert sign_in(night, "somebody else", "wrong").status_code == 401


def test_a_stranger_locks_nobody_out(night: Night) -> None:
    night.site.wsgi_app = ProxyFix(night.site.wsgi_app, x_for=1)  # type: ignore[method-assign]
    night.client("viewer")
    limiter.reset()
    stranger = {"X-Forwarded-For": "203.0.113.9"}
    for _ in range(12):
        client = night.client(None)
        token = csrf_of(client.get("/sign-in"))
        client.post("/sign-in", data={"name": "viewer", "password": "wrong", "csrf_token": token}, headers=stranger)
    assert sign_in(night, "viewer").status_code == 302


def test_signing_in_often_and_requests_that_are_none_count_for_nothing(night: Night) -> None:
    night.client("viewer")
    limiter.reset()
    for _ in range(45):
        assert night.client(None).post("/sign-in", data={"name": "viewer", "password": "x"}).status_code == 400
    for _ in range(12):
        assert sign_in(night, "viewer").status_code == 302


def test_whoever_tries_too_many_users_has_to_wait_wherever_she_says_she_comes_from(night: Night) -> None:
    limiter.reset()
    client = night.client(None)
    token = csrf_of(client.get("/sign-in"))
    statuses = [
        client.post(
            "/sign-in",
            data={"name": f"u{n}", "password": "x", "csrf_token": token},
            headers={"X-Forwarded-For": f"10.0.0.{n}"},
        ).status_code
        for n in range(42)
    ]
    assert statuses == [401] * 40 + [429] * 2
    links = [night.client(None).get("/sign-in/guess").status_code for _ in range(22)]
    assert links[-1] == 429


def test_a_copied_cookie_is_worth_nothing_after_signing_out(night: Night) -> None:
    client = night.client("viewer")
    cookie = client.get_cookie("nightporter")
    assert cookie is not None
    thief = night.client(None)
    thief.set_cookie("nightporter", cookie.value)
    assert is_in(thief)
    client.post("/sign-out", data={"csrf_token": csrf_of(client.get("/"))})
    assert not is_in(thief)


# --- forged requests --------------------------------------------------------------------------------------------------


def test_every_post_of_a_session_needs_the_pages_own_token(night: Night, booking: str) -> None:
    client = night.client("admin")
    stranger = night.client(None)
    wrong = (None, "", "wrong", csrf_of(stranger.get("/sign-in")))
    posts = [
        (endpoint, how, path)
        for endpoint, how, path in requests_of(night, booking)
        if how != "GET" and path != "/credentials/no-such-link"
    ]
    assert len(posts) >= 10
    entries = night.people.audit_entries()
    for number, (endpoint, how, path) in enumerate(posts):
        # Each wrong token at some, and none at all: there is one check for all.
        for token in {None, wrong[number % len(wrong)]}:
            limiter.reset()
            data = {"name": "admin", "password": PASSWORD} | ({} if token is None else {"csrf_token": token})
            assert client.open(path, method=how, data=data).status_code == 400, (endpoint, token)
            headers = {} if token is None else {"X-CSRFToken": token}
            assert client.open(path, method=how, headers=headers).status_code == 400, (endpoint, token)
    assert night.inbox.page() == []
    assert night.people.audit_entries() == entries
    assert is_in(client)


def test_a_token_needs_no_page_and_a_page_may_use_the_api(night: Night, booking: str) -> None:
    path = f"/api/bookings/alpen/{booking}/sync"
    token = night.people.make_token("desk", Role.OPERATOR, night.clock.now())
    assert night.client(None).post(path, headers={"Authorization": f"Bearer {token}"}).status_code == 202
    client = night.client("operator")
    headers = {"X-CSRFToken": csrf_of(client.get("/"))}
    assert client.post(path, headers=headers).status_code == 202


# --- roles ------------------------------------------------------------------------------------------------------------


def test_nobody_gets_anything_but_the_way_in(night: Night, booking: str) -> None:
    client = night.client(None)
    before = night.inbox.page(), night.people.audit_entries()
    for endpoint, method, path in requests_of(night, booking):
        if path in OPEN or endpoint == "embedded.booking":
            continue
        for how in (method, "HEAD") if method == "GET" else (method,):
            answer = client.open(path, method=how)
            if for_programs(path):
                assert answer.status_code == 401, (how, endpoint)
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            else:
                assert answer.status_code == 302, (how, endpoint)
                assert answer.headers["Location"].startswith("/sign-in")
            assert "101" not in answer.text
    assert (night.inbox.page(), night.people.audit_entries()) == before


def test_no_number_in_an_address_is_larger_than_an_id_can_be(night: Night) -> None:
    """A database refuses it, which would be a failure of ours."""
    unbounded = [
        rule.rule
        for rule in night.site.url_map.iter_rules()
        for one in rule._converters.values()
        if isinstance(one, IntegerConverter) and not one.max
    ]
    assert unbounded == []


def test_every_route_has_a_role(night: Night) -> None:
    assert {(endpoint, method) for endpoint, method, _ in requests_of(night)} == set(ROLE_NEEDED)


@first_of(1, "role", ["operator", "viewer", "admin"])
def test_every_role_may_do_its_own_and_nothing_more(night: Night, booking: str, role: str) -> None:
    client = night.client(role)
    token = csrf_of(client.get("/"))
    may = {}
    for endpoint, method, path in requests_of(night, booking):
        if path in OPEN or endpoint in ("access.sign_out", "embedded.booking"):
            continue
        answer = client.open(path, method=method, headers={"X-CSRFToken": token} if method != "GET" else {})
        assert answer.status_code in (
            (200, 201, 202, 302, 400, 401, 403, 404, 422) if endpoint != "monitoring.readyz" else (200, 503)
        ), endpoint
        may[endpoint, method] = answer.status_code != 403
    assert is_in(client), "or the answers were none to her"
    needed = {one: ROLE_NEEDED[one] or "viewer" for one in may}
    assert may == {one: ROLES.index(role) >= ROLES.index(least) for one, least in needed.items()}


def test_what_a_viewer_may_not_do_is_not_done_and_not_offered(night: Night, booking: str) -> None:
    client = night.client("viewer")
    page = client.get(f"/bookings/alpen/{booking}")
    assert "Sync now" not in page.text
    assert "Show PIN" not in page.text
    assert "Audit log" not in page.text
    for what in ("sync", "pin"):
        answer = client.post(f"/bookings/alpen/{booking}/{what}", data={"csrf_token": csrf_of(page)})
        assert answer.status_code == 403
        assert "Your role does not allow this" in answer.text
    assert night.inbox.page() == []
    assert [entry.action for entry in night.people.audit_entries()] == ["signed in"]


def test_who_looked_at_a_pin_is_for_those_who_may_read_the_audit_log(night: Night, booking: str) -> None:
    operator = night.client("operator")
    page = operator.get(f"/bookings/alpen/{booking}")
    operator.post(f"/bookings/alpen/{booking}/pin", data={"csrf_token": csrf_of(page)})
    for role, sees in (("viewer", False), ("operator", False), ("admin", True)):
        page = night.client(role).get(f"/bookings/alpen/{booking}")
        assert ("looked at the PIN" in page.text) is sees


# --- API tokens -------------------------------------------------------------------------------------------------------


def by_token(night: Night, token: str, path: str = "/api/now", method: str = "GET", scheme: str = "Bearer") -> int:
    return night.client(None).open(path, method=method, headers={"Authorization": f"{scheme} {token}"}).status_code


def test_a_token_is_good_until_it_is_revoked(night: Night) -> None:
    token = night.people.make_token("monitoring", Role.VIEWER, night.clock.now())
    for path in ("/api/now", "/metrics", "/api/openapi.json"):
        assert by_token(night, token, path) == 200
    assert by_token(night, token, scheme="bearer") == 200
    night.people.revoke_token("monitoring", night.clock.now())
    assert by_token(night, token) == 401


def test_what_is_no_token_opens_nothing(night: Night) -> None:
    token = night.people.make_token("monitoring", Role.ADMIN, night.clock.now())
    digest = hashlib.sha256(token.encode()).hexdigest()
    for wrong in ("", "np_", token[:-1], token + "x", token.upper(), digest, "' OR 1=1 --", "ü"):
        assert by_token(night, wrong) == 401, wrong
    assert by_token(night, token, scheme="Basic") == 401


def test_a_wrong_token_is_not_made_good_by_a_session(night: Night) -> None:
    client = night.client("admin")
    assert client.get("/api/now", headers={"Authorization": "Bearer wrong"}).status_code == 401


def test_a_viewers_token_changes_nothing(night: Night, booking: str) -> None:
    token = night.people.make_token("screen", Role.VIEWER, night.clock.now())
    for endpoint, method, path in requests_of(night, booking):
        if method != "GET" and for_programs(path):
            assert by_token(night, token, path, method) == 403, endpoint
    assert by_token(night, token, "/api/audit-log") == 403
    assert night.inbox.page() == []


# --- what browsers are told -------------------------------------------------------------------------------------------


class Markup(HTMLParser):
    """Collects whatever a strict policy would have to let through."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.inline: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "style" or (tag == "script" and not given.get("src")):
            self.inline.append(tag)
        self.inline += [f"{tag} {name}" for name in given if name == "style" or name.startswith("on")]
        for name in ("src", "href", "action"):
            target = given.get(name) or ""
            if ":" in target.split("/")[0] or target.startswith("//"):
                self.inline.append(f"{tag} {name}={target}")


def test_every_page_has_the_headers_and_nothing_inline(night: Night, booking: str) -> None:
    client = night.client("admin")
    client.post(f"/bookings/alpen/{booking}/sync", data={"csrf_token": csrf_of(client.get("/"))})
    paths = [path for _, method, path in requests_of(night, booking) if method == "GET"]
    pages = [client.get(path) for path in [*paths, f"/bookings/alpen/{booking}?live=1", "/bookings?q=1", "/nowhere"]]
    pages += [night.client(None).get(path) for path in ("/sign-in", "/", "/api/now", "/nowhere")]
    assert sum(page.mimetype == "text/html" for page in pages) > 15
    for page in pages:
        where = page.request.path
        policy = dict(one.strip().partition(" ")[::2] for one in page.headers["Content-Security-Policy"].split(";"))
        assert policy["default-src"] == "'none'", where
        assert (policy["script-src"], policy["style-src"], policy["form-action"]) == ("'self'",) * 3, where
        assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 2, where
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert page.headers["X-Content-Type-Options"] == "nosniff"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Referrer-Policy"] == ("no-referrer" if where.startswith("/embed/") else "same-origin")
        assert page.headers["Cache-Control"] == "no-store", where
        if page.mimetype == "text/html":
            assert Markup(page.text).inline == [], where


def test_style_sheets_and_scripts_may_be_kept_and_are_here(night: Night) -> None:
    page = night.client(None).get("/sign-in").text
    found = [part.split('"')[0] for part in page.replace('href="', 'src="').split('src="')[1:]]
    for path in (one for one in found if "static" in one):
        with night.client(None).get(path) as answer:
            assert answer.status_code == 200, path
            assert "no-store" not in answer.headers["Cache-Control"]


def cookie_of(site: Flask, base_url: str) -> str:
    client = site.test_client()
    token = csrf_of(client.get("/sign-in", base_url=base_url))
    data = {"name": "viewer", "password": PASSWORD, "csrf_token": token}
    headers = {"Referer": f"{base_url}/sign-in"}
    answer = client.post("/sign-in", data=data, base_url=base_url, headers=headers)
    assert answer.status_code == 302
    assert client.get("/", base_url=base_url).status_code == 200
    return answer.headers["Set-Cookie"]


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(night: Night) -> None:
    night.client("viewer")
    plain = cookie_of(night.site, "http://localhost")
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    service = replace(night.site.extensions["nightporter"], public_url="https://night.example")
    secure = cookie_of(create_site(service), "https://night.example")
    for word in ("HttpOnly", "SameSite=Lax", "Secure"):
        assert word in secure


# --- what the database holds ------------------------------------------------------------------------------------------


def test_no_password_token_link_or_session_is_in_the_database(night: Night) -> None:
    client = night.client("admin")
    token = night.people.make_token("monitoring", Role.ADMIN, night.clock.now())
    link = night.people.make_link("admin", night.clock.now())
    by_token(night, token)
    sign_in(night, "admin", "a wrong password")
    cookie = client.get_cookie("nightporter")
    assert cookie is not None
    content = database_of(night)
    assert b"monitoring" in content, "this looks at the wrong file"
    for secret in (PASSWORD, "a wrong password", token, token.removeprefix("np_"), link, cookie.value):
        assert secret.encode() not in content
    (user,) = rows_of(night, "users")
    assert user["password_hash"].startswith("$argon2id$")
    (kept,) = rows_of(night, "tokens")
    assert kept["digest"] == hashlib.sha256(token.encode()).hexdigest()


def test_a_password_is_hashed_with_the_parameters_of_rfc_9106() -> None:
    assert extract_parameters(HASHER.hash(PASSWORD)) == RFC_9106_LOW_MEMORY


def test_a_password_whose_hash_is_too_cheap_is_hashed_anew_at_the_next_sign_in(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    night.people.add_user("admin", Role.ADMIN, hash_password(PASSWORD), night.clock.now())
    monkeypatch.setattr("web.access._hasher", PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    assert sign_in(night, "admin").status_code == 302
    (user,) = rows_of(night, "users")
    assert extract_parameters(user["password_hash"]).time_cost == 2
    assert sign_in(night, "admin").status_code == 302


# --- the audit log ----------------------------------------------------------------------------------------------------


def test_the_audit_log_says_who_did_what_to_which_booking(night: Night, booking: str) -> None:
    client = night.client("operator")
    data = {"csrf_token": csrf_of(client.get("/"))}
    client.post(f"/bookings/alpen/{booking}/sync", data=data)
    client.post(f"/bookings/alpen/{booking}/pin", data=data)
    night.settle()
    client.post("/inbox/1/replay", data=data)
    token = night.people.make_token("desk", Role.OPERATOR, night.clock.now())
    assert by_token(night, token, f"/api/bookings/alpen/{booking}/pin", "POST") == 200
    entries = [
        (entry.who, entry.action, entry.connection, entry.target) for entry in reversed(night.people.audit_entries())
    ]
    assert entries == [
        ("operator", "signed in", None, ""),
        ("operator", "sync now", "alpen", booking),
        ("operator", "looked at the PIN", "alpen", booking),
        ("operator", "replayed a delivery", "alpen", "1"),
        ("token desk", "looked at the PIN", "alpen", booking),
    ]
    page = night.client("admin").get("/audit-log").text
    for words in ("sync now", "looked at the PIN", "replayed a delivery", "token desk", booking):
        assert words in page


def test_that_she_looked_at_a_pin_is_noted_even_when_seam_does_not_answer(night: Night, booking: str) -> None:
    client = night.client("operator")
    data = {"csrf_token": csrf_of(client.get("/"))}
    night.seam.faults.fail_before = 1.0
    page = client.post(f"/bookings/alpen/{booking}/pin", data=data)
    assert page.status_code == 200
    assert "The PIN could not be asked for" in page.text
    assert night.people.audit_entries()[0].action == "looked at the PIN"


@pytest.mark.parametrize("path", ["/sign-in", "/sign-in/code", "/sign-in/a-link"])
@pytest.mark.parametrize("body", [[{}], {"name": "lisa"}, "lisa"])
def test_a_page_that_is_sent_json_says_that_it_takes_a_form(night: Night, path: str, body: object) -> None:
    assert night.site.test_client().post(path, json=body).status_code == 415
