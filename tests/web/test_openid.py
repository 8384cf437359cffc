"""Signing in at an OpenID Connect provider: one that runs in the test, and one that answers what it should not."""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey

from store.memberships import Membership, Memberships
from store.people import Role, User
from store.provider_users import ProviderUsers
from tests.night import PASSWORD, Night, csrf_of
from web.access import hash_password
from web.provider import Provider

HERE = "/sign-in/openid"
BACK = "/sign-in/openid/callback"
ROLES = {
    "porters": Membership(Role.OPERATOR),
    "it": Membership(Role.ADMIN),
    "south": Membership(Role.VIEWER, organisation="south"),
}
ISSUER = "https://login.example"


@cache
def key_called(name: str) -> Any:
    """Made when it is asked for first: it takes half a second, and every process of the tests reads this file."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig"}, private=True)


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def provide(night: Night, issuer: str, **other: Any) -> Provider:
    settings: dict[str, Any] = {"roles_claim": "groups", "name_claim": "email", "roles": ROLES} | other
    provider = Provider(
        issuer=issuer,
        client_id="night-porter",
        client_secret="the client's secret",
        scopes=("openid", "profile", "email"),
        clock=night.clock.now,
        **settings,
    )
    object.__setattr__(night.site.extensions["nightporter"], "provider", provider)
    return provider


def go(client: FlaskClient, query: str = "") -> dict[str, str]:
    """Presses the button; returns what the provider is asked."""
    answer = client.get(f"{HERE}{query}")
    assert answer.status_code == 302, answer.text
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def is_in(client: FlaskClient) -> bool:
    return client.get("/").status_code == 200


def user(night: Night, name: str) -> User:
    found = night.people.user(name)
    assert found is not None
    return found


# --- a provider that runs ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    """The address of `oidc-provider-mock`."""
    import warnings

    with warnings.catch_warnings():
        # Of Authlib's, that it will leave JOSE to another library, which we use already.
        warnings.simplefilter("ignore")
        from oidc_provider_mock import run_server_in_thread

        with run_server_in_thread() as server:
            yield f"http://localhost:{server.server_port}"


def sign_in_there(client: FlaskClient, number: str, query: str = "") -> Any:
    """As a person does it: the button, the provider's page, and back."""
    sent = client.get(f"{HERE}{query}")
    answer = requests.post(sent.headers["Location"], data={"sub": number}, allow_redirects=False, timeout=10)
    parts = urlsplit(answer.headers["Location"])
    assert parts.path == BACK
    return client.get(f"{parts.path}?{parts.query}")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_whoever_the_provider_knows_is_signed_in_with_the_role_that_her_claim_gives(night: Night, running: str) -> None:
    # The provider signs by the machine's clock.
    from datetime import UTC, datetime

    night.clock.time = datetime.now(UTC)
    provide(night, running)
    claims = {"email": "Anna@hotel.example", "email_verified": True, "groups": ["staff", "porters"]}
    requests.put(f"{running}/users/4711", json=claims, timeout=10)
    client = night.client(None)
    assert "Sign in at localhost" in client.get("/sign-in").text
    answer = sign_in_there(client, "4711", "?next=/bookings?q=101")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/bookings?q=101")
    assert is_in(client)
    anna = user(night, "anna@hotel.example")
    assert (anna.role, anna.has_password, anna.by_provider) == (Role.OPERATOR, False, True)
    said = [(one.who, one.action, one.note) for one in night.people.audit_entries()]
    assert ("anna@hotel.example", "signed in at the provider", "operator") in said

    requests.put(f"{running}/users/4711", json=claims | {"groups": ["it"]}, timeout=10)
    assert sign_in_there(night.client(None), "4711").status_code == 302
    assert user(night, "anna@hotel.example").role is Role.ADMIN

    requests.put(f"{running}/users/4711", json=claims | {"groups": []}, timeout=10)
    refused = sign_in_there(night.client(None), "4711")
    assert refused.status_code == 401
    assert "says nothing that lets you in here (groups)" in refused.text
    assert not is_in(client), "her other sessions go on without a role"


# --- one that answers what it should not ------------------------------------------------------------------------------


GOOD = {"email": "anna@hotel.example", "email_verified": True, "groups": ["porters"]}


class Forged:
    """A provider on the wire whose answers the tests make."""

    def __init__(self, night: Night, wire: responses.RequestsMock):
        self.night, self.wire = night, wire
        self.keys = [key_called("one")]
        self.key, self.algorithm = key_called("one"), "RS256"
        self.claims: dict[str, Any] = dict(GOOD)
        self.userinfo: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {
            "issuer": ISSUER,
            "authorization_endpoint": f"{ISSUER}/authorize",
            "token_endpoint": f"{ISSUER}/token",
            "jwks_uri": f"{ISSUER}/keys",
            "userinfo_endpoint": f"{ISSUER}/userinfo",
            "id_token_signing_alg_values_supported": ["RS256"],
        }
        self.asked: list[str] = []
        self.nonce = ""
        self.token: Any = None
        for name, method, path in (
            ("metadata", "GET", "/.well-known/openid-configuration"),
            ("keys", "GET", "/keys"),
            ("token", "POST", "/token"),
            ("userinfo", "GET", "/userinfo"),
        ):
            wire.add_callback(method, f"{ISSUER}{path}", self._answer(name))

    def _answer(self, name: str) -> Any:
        def answer(request: Any) -> tuple[int, dict[str, str], str]:
            self.asked.append(name)
            if name == "token":
                self.form = {key: values[0] for key, values in parse_qs(request.body).items()}
                made = {"access_token": "an access token", "token_type": "Bearer", "id_token": self.id_token()}
                return 200, {}, json.dumps(made if self.token is None else self.token)
            found: Any = {
                "metadata": self.metadata,
                "keys": {"keys": [one.as_dict(private=False) for one in self.keys]},
                "userinfo": self.userinfo,
            }[name]
            return 200, {}, json.dumps(found)

        return answer

    def id_token(self) -> str:
        now = int(self.night.clock.now().timestamp())
        claims = {"iss": ISSUER, "sub": "1", "aud": "night-porter", "iat": now, "exp": now + 300, "nonce": self.nonce}
        claims |= self.claims
        header = {"alg": self.algorithm, "kid": self.key.kid}
        return jwt.encode(header, {k: v for k, v in claims.items() if v is not None}, self.key, [self.algorithm])

    def sign_in(self, client: FlaskClient, **claims: Any) -> Any:
        asked = go(client)
        self.nonce = asked["nonce"]
        self.claims |= claims
        return client.get(f"{BACK}?code=a-code&state={asked['state']}")


@pytest.fixture
def forged(night: Night) -> Iterator[Forged]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        provide(night, ISSUER)
        yield Forged(night, wire)


def test_the_way_there_has_a_state_a_nonce_and_a_challenge_and_the_way_back_its_verifier(
    night: Night, forged: Forged
) -> None:
    client = night.client(None)
    first, second = go(client), go(client)
    for asked in (first, second):
        assert (asked["response_type"], asked["client_id"], asked["code_challenge_method"]) == (
            "code",
            "night-porter",
            "S256",
        )
        assert asked["scope"] == "openid profile email"
        assert asked["redirect_uri"] == f"http://localhost{BACK}"
    assert not {first[one] for one in ("state", "nonce", "code_challenge")} & set(second.values())
    forged.nonce = first["nonce"]
    assert client.get(f"{BACK}?code=a-code&state={first['state']}").status_code == 302, "of the former tab"
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    assert create_s256_code_challenge(forged.form["code_verifier"]) == first["code_challenge"]
    assert forged.asked == ["metadata", "keys", "token"], "what is known is not asked again"


ANSWERS = [
    ({"nonce": "of another sign-in"}, "it belongs to another sign-in"),
    ({"nonce": None}, "it belongs to another sign-in"),
    ({"iss": "https://evil.example"}, "it comes from another issuer"),
    ({"iss": None}, "it comes from another issuer"),
    ({"aud": "another-application"}, "it is meant for another application"),
    ({"aud": ["night-porter", "another"], "azp": "another"}, "it is meant for another application"),
    ({"aud": ["night-porter", "another"]}, "it is meant for another application"),
    ({"exp": 1_000_000_000}, "is too old"),
    ({"exp": None}, "is not accepted"),
    ({"iat": 9_000_000_000}, "the clocks differ"),
    ({"sub": None}, "is not accepted"),
    ({"sub": ""}, "is not accepted"),
    ({"sub": 1}, "is not accepted"),
    ({"groups": []}, "says nothing that lets you in here"),
    ({"groups": None}, "says nothing that lets you in here"),
    ({"groups": "guests"}, "says nothing that lets you in here"),
    ({"groups": {"porters": True}}, "says nothing that lets you in here"),
    ({"groups": [["porters"], 1]}, "says nothing that lets you in here"),
    ({"email_verified": False}, "has not verified your e-mail address"),
    ({"email_verified": None}, "has not verified your e-mail address"),
    ({"email": None}, "does not say by which name"),
    ({"email": "anna müller@hotel.example"}, "cannot be one here"),
    ({"email": "token monitoring"}, "cannot be one here"),
]


def test_an_answer_that_does_not_fit_lets_nobody_in(night: Night, forged: Forged) -> None:
    for claims, said in ANSWERS:
        forged.userinfo = {"sub": "1"}
        client = night.client(None)
        forged.claims = dict(GOOD)
        answer = forged.sign_in(client, **claims)
        assert answer.status_code == 401, claims
        assert said in answer.text, claims
        assert not is_in(client)
        assert night.people.users() == []


def test_clocks_may_differ_by_two_minutes(night: Night, forged: Forged) -> None:
    now = int(night.clock.now().timestamp())
    assert forged.sign_in(night.client(None), exp=now - 100, iat=now + 100).status_code == 302
    assert forged.sign_in(night.client(None), exp=now - 130, iat=now - 400).status_code == 401


def test_a_token_that_is_not_signed_by_one_of_the_providers_keys_lets_nobody_in(night: Night, forged: Forged) -> None:
    forged.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)
    answer = forged.sign_in(night.client(None))
    assert (answer.status_code, "none of its keys has signed it" in answer.text) == (401, True)
    forged.key = key_called("one")
    for name in ("none", "HS256"):
        made = f"{_part({'alg': name})}.{forged.id_token().split('.')[1]}."
        forged.token = {"access_token": "a", "token_type": "Bearer", "id_token": made}
        assert forged.sign_in(night.client(None)).status_code == 401
    assert night.people.users() == []


def _part(header: dict[str, str]) -> str:
    from base64 import urlsafe_b64encode

    return urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")


def test_a_key_that_the_provider_has_changed_is_asked_for_at_most_once_a_minute(night: Night, forged: Forged) -> None:
    assert forged.sign_in(night.client(None)).status_code == 302
    forged.keys, forged.key = [key_called("two")], key_called("two")
    assert forged.sign_in(night.client(None)).status_code == 401
    night.clock.pass_(minutes=1)
    assert forged.sign_in(night.client(None)).status_code == 302
    forged.key = key_called("one")
    for _ in range(3):
        assert forged.sign_in(night.client(None)).status_code == 401, "the former key is good no more"
    assert forged.asked.count("keys") == 2
    night.clock.pass_(hours=1)
    forged.key = key_called("two")
    assert forged.sign_in(night.client(None)).status_code == 302
    assert (forged.asked.count("keys"), forged.asked.count("metadata")) == (3, 2)


def test_a_state_counts_once_in_its_own_browser_and_not_for_long(night: Night, forged: Forged) -> None:
    for of in ("another browser", "nobody", "used", "late", "without"):
        client, other = night.client(None), night.client(None)
        asked = go(client)
        forged.nonce, state = asked["nonce"], f"&state={asked['state']}"
        if of == "another browser":
            client = other
        elif of == "nobody":
            state = "&state=guessed"
        elif of == "used":
            client.get(f"{BACK}?error=access_denied{state}")
        elif of == "late":
            night.clock.pass_(minutes=11)
        else:
            state = ""
        answer = client.get(f"{BACK}?code=a-code{state}")
        assert answer.status_code == 401
        assert "begun in another browser, or too long ago" in answer.text
        assert "token" not in forged.asked
        assert not is_in(client)


def test_what_anybody_may_have_written_into_the_address_is_not_shown(night: Night, forged: Forged) -> None:
    for error in ("access_denied", "server_error", "call_0800_12345", "<b>"):
        client = night.client(None)
        state = go(client)["state"]
        answer = client.get(f"{BACK}?error={error}&error_description=call+0800+12345&state={state}")
        assert answer.status_code == 401
        assert "login.example" in answer.text
        assert not any(one in answer.text for one in ("0800", "<b>"))
    client = night.client(None)
    state = go(client)["state"]
    answer = client.get(f"{BACK}?code=a-code&state={state}&iss=https://evil.example")
    assert (answer.status_code, "token" in forged.asked) == (401, False)


def test_what_only_the_userinfo_says_is_asked_there_and_has_to_be_about_her(night: Night, forged: Forged) -> None:
    forged.userinfo = {"sub": "1", "email": "anna@hotel.example", "email_verified": "true", "groups": "it", "iss": "x"}
    thin = {"email": None, "email_verified": None, "groups": None}
    assert forged.sign_in(night.client(None), **thin).status_code == 302
    assert user(night, "anna@hotel.example").role is Role.ADMIN
    forged.userinfo["sub"] = "2"
    assert forged.sign_in(night.client(None), **thin).status_code == 502


def test_roles_may_stand_in_a_group_of_the_claims(night: Night, forged: Forged) -> None:
    provide(night, ISSUER, roles_claim="realm_access.roles", name_claim="preferred_username")
    claims = {"realm_access": {"roles": ["south"]}, "preferred_username": "Anna", "email_verified": None}
    assert forged.sign_in(night.client(None), **claims).status_code == 302
    assert Memberships(night.store).of("Anna") == [ROLES["south"]]


def test_nobody_becomes_a_user_who_has_her_name(night: Night, forged: Forged) -> None:
    night.people.add_user("anna@hotel.example", Role.ADMIN, hash_password(PASSWORD), night.clock.now())
    client = night.client(None)
    answer = forged.sign_in(client)
    assert (answer.status_code, "another user of your name" in answer.text, is_in(client)) == (401, True, False)
    data = {"name": "anna@hotel.example", "password": PASSWORD, "csrf_token": csrf_of(answer)}
    assert 'action="/sign-in"' in answer.text
    assert client.post("/sign-in", data=data).status_code == 302, "the page that refuses her is good for the password"
    assert user(night, "anna@hotel.example").role is Role.ADMIN
    ProviderUsers(night.store).hand_over("anna@hotel.example")
    assert forged.sign_in(client).status_code == 302
    assert user(night, "anna@hotel.example").role is Role.OPERATOR
    other = night.client(None)
    assert forged.sign_in(other, sub="2").status_code == 401, "the name was given to somebody else at the provider"


def test_whoever_is_disabled_stays_out(night: Night, forged: Forged) -> None:
    client = night.client(None)
    forged.sign_in(client)
    assert is_in(client)
    night.people.change_user("anna@hotel.example", disabled=True)
    assert not is_in(client)
    answer = forged.sign_in(client, groups=["it"])
    assert (answer.status_code, "You may not sign in here any more" in answer.text) == (401, True)
    assert user(night, "anna@hotel.example").role is Role.OPERATOR


def test_she_has_no_password_here_and_gets_none(night: Night, forged: Forged) -> None:
    client = night.client(None)
    forged.sign_in(client)
    page = client.get("/account")
    assert "You sign in at the provider" in page.text
    data = {"csrf_token": csrf_of(page), "new": "a long password", "again": "a long password", "code": "123456"}
    assert client.post("/account/password", data=data).status_code == 409
    assert client.post("/account/second-factor", data=data).status_code == 409
    link = night.people.make_link("anna@hotel.example", night.clock.now())
    other = night.client(None)
    token = csrf_of(other.get(f"/sign-in/{link}"))
    assert other.post(f"/sign-in/{link}", data={"csrf_token": token}).status_code == 401
    for password in ("", "x", "a long password"):
        data = {"name": "anna@hotel.example", "password": password, "csrf_token": token}
        assert other.post("/sign-in", data=data).status_code in (400, 401)
    admin = night.client("admin")
    people = admin.get("/people")
    assert "operator, by the sign-in provider" in people.text
    for path in ("link", "role"):
        data = {"csrf_token": csrf_of(people), "role": "admin"}
        admin.post(f"/people/users/anna@hotel.example/{path}", data=data)
    assert user(night, "anna@hotel.example").role is Role.OPERATOR
    assert not any(one.action == "made a sign-in link" for one in night.people.audit_entries())


def test_signing_out_ends_our_session_and_local_passwords_remain(night: Night, forged: Forged) -> None:
    client = night.client(None)
    forged.sign_in(client)
    answer = client.post("/sign-out", data={"csrf_token": csrf_of(client.get("/"))})
    assert (answer.headers["Location"], is_in(client)) == ("/sign-in", False)
    assert is_in(night.client("viewer"))


WRONG_OF_ITSELF = [
    ({"issuer": "https://login.example/"}, "gives itself the name https://login.example/"),
    ({"token_endpoint": "http://login.example/token"}, "names no token_endpoint that begins with https://"),
    ({"jwks_uri": None}, "names no jwks_uri"),
    ({"userinfo_endpoint": "http://login.example/u"}, "userinfo_endpoint that does not begin with https://"),
]


def test_a_provider_that_says_what_it_should_not_of_itself_is_not_used(night: Night, forged: Forged) -> None:
    for wrong, said in WRONG_OF_ITSELF:
        provide(night, ISSUER)
        right, forged.metadata = forged.metadata, forged.metadata | wrong
        answer = night.client(None).get(HERE)
        assert answer.status_code == 502
        assert said in answer.text
        assert "Whoever has a password here can use that." in answer.text
        forged.metadata = right


def test_a_provider_that_is_silent_or_odd_is_a_sentence_and_nobody_else_waits_for_it(night: Night) -> None:
    with responses.RequestsMock() as wire:
        provide(night, ISSUER)
        address = f"{ISSUER}/.well-known/openid-configuration"
        silent = wire.add("GET", address, body=requests.ConnectTimeout("10.0.0.1: timed out"))
        for _ in range(3):
            answer = night.client(None).get(HERE)
            assert (answer.status_code, "login.example cannot be reached" in answer.text) == (502, True)
        assert silent.call_count == 1
        for status, body, said in (
            (500, "{}", "login.example answers 500"),
            (302, "", "login.example answers 302"),
            (200, "<html>", "answers what is not understood"),
            (200, "[]", "answers what is not understood"),
        ):
            night.clock.pass_(seconds=6)
            wire.replace("GET", address, status=status, body=body)
            answer = night.client(None).get(HERE)
            assert (answer.status_code, said in answer.text) == (502, True), body


TOKENS = [
    ({"error": "invalid_grant"}, 401, "used already, or took too long"),
    ({"error": "invalid_client", "error_description": "secret"}, 502, "does not accept serve.sign_in.client_id"),
    ({"error": "<b>"}, 502, "does not finish the sign-in (no reason given)"),
    ({"access_token": "a", "token_type": "Bearer"}, 502, "sends no ID token"),
    ({"id_token": 1}, 502, "sends no ID token"),
    ({"id_token": "x.y.z"}, 401, "no ID token that can be checked"),
    ([], 502, "answers what is not understood"),
    ("text", 502, "answers what is not understood"),
    ({"access_token": "a", "expires_in": "soon", "id_token": "x"}, 502, "answers what is not understood"),
]


def test_a_token_endpoint_that_refuses_or_is_odd_is_a_sentence(night: Night, forged: Forged) -> None:
    for token, status, said in TOKENS:
        forged.token = token
        answer = forged.sign_in(night.client(None))
        assert (answer.status_code, said in answer.text) == (status, True), answer.text


def test_neither_secret_nor_token_is_in_a_repr(night: Night, forged: Forged) -> None:
    provider = provide(night, ISSUER)
    sent = provider.begin("https://night.example/back")
    for one in (repr(provider), repr(sent)):
        assert not any(secret in one for secret in ("the client's secret", sent.nonce, sent.state, sent.verifier))


def test_where_no_provider_is_set_there_is_no_button_and_no_way(night: Night) -> None:
    client = night.client(None)
    assert "Sign in at" not in client.get("/sign-in").text
    assert (client.get(HERE).status_code, client.get(BACK).status_code) == (404, 404)


def test_after_many_failures_from_one_address_one_has_to_wait(night: Night, forged: Forged) -> None:
    client = night.client(None)
    statuses = [client.get(f"{BACK}?code=x&state=y").status_code for _ in range(41)]
    assert (statuses[39], statuses[40]) == (401, 429)
