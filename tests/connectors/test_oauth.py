"""Client credentials: one token for everybody, renewed before it is old, and sentences when there is none."""

import base64
import itertools
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
import responses

from connectors.account_state import RateLimit, StateOfProcess
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.oauth import ClientCredentials
from connectors.session import PmsSession

TOKEN, DATA = "https://identity.example/connect/token", "https://api.example/rooms"
_clients = itertools.count(1)


class Vendor:
    """An identity server and an API that takes its newest token only."""

    def __init__(self, wire: responses.RequestsMock):
        self.now = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)
        self.client = f"client-{next(_clients)}"
        self.asked: list[str] = []
        self.state = StateOfProcess()
        self.tokens = 0
        self.life: Any = 3600
        self.refusal: tuple[int, str] | None = None
        self.slow = threading.Event()
        self.slow.set()
        wire.add_callback(responses.POST, TOKEN, self._token)
        wire.add_callback(responses.GET, DATA, self._data)

    def session(self) -> PmsSession:
        plain = PmsSession(RateLimit(1000, 1), sleep=lambda _: None, attempts=2)
        sign_in = ClientCredentials(
            "elm",
            plain,
            TOKEN,
            self.client,
            "SECRET",
            state=self.state,
            clock=lambda: self.now,
            operation="connect/token",
        )
        return PmsSession(RateLimit(1000, 1), sign_in=sign_in, sleep=lambda _: None, attempts=2)

    def token_is_held(self, sign_in: ClientCredentials) -> bool:
        if sign_in._token.hold(0):
            sign_in._token.let_go()
            return False
        return True

    def ask(self, session: PmsSession) -> Any:
        return session.get(DATA, who="elm", operation="rooms").document

    def _token(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.slow.wait(10)
        self.asked.append("token")
        expected = base64.b64encode(f"{self.client}:SECRET".encode()).decode()
        assert request.body == "grant_type=client_credentials"
        if request.headers["Authorization"] != f"Basic {expected}":
            return 401, {}, '{"error": "invalid_client"}'
        if self.refusal is not None:
            return self.refusal[0], {}, self.refusal[1]
        self.tokens += 1
        return 200, {}, json.dumps({"access_token": f"T{self.tokens}", "expires_in": self.life, "token_type": "Bearer"})

    def _data(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.asked.append("data")
        if request.headers.get("Authorization") != f"Bearer T{self.tokens}":
            return 401, {}, ""
        return 200, {}, "[]"


@pytest.fixture
def vendor() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Vendor(wire)


def test_a_token_is_asked_for_once_and_used_until_a_minute_before_its_end(vendor: Vendor) -> None:
    session = vendor.session()
    vendor.ask(session)
    vendor.now += timedelta(minutes=58)
    vendor.ask(session)
    assert vendor.asked == ["token", "data", "data"]
    vendor.now += timedelta(minutes=1)
    vendor.ask(session)
    assert vendor.asked[3:] == ["token", "data"]


def test_a_token_that_lives_for_a_minute_is_used_for_half_of_it(vendor: Vendor) -> None:
    vendor.life = 60
    session = vendor.session()
    vendor.ask(session)
    vendor.now += timedelta(seconds=29)
    vendor.ask(session)
    vendor.now += timedelta(seconds=1)
    vendor.ask(session)
    assert vendor.asked == ["token", "data", "data", "token", "data"]


@pytest.mark.parametrize("life", [None, "soon", -1, "3600"])
def test_a_token_whose_life_is_not_told_is_used_until_it_is_refused(vendor: Vendor, life: Any) -> None:
    vendor.life = life
    session = vendor.session()
    vendor.ask(session)
    vendor.ask(session)
    assert vendor.asked == ["token", "data", "data"]


def test_a_refused_token_is_renewed_once_and_the_request_repeated_once(vendor: Vendor) -> None:
    session = vendor.session()
    vendor.ask(session)
    vendor.tokens += 1
    assert vendor.ask(session) == []
    assert vendor.asked == ["token", "data", "data", "token", "data"]


def test_threads_and_connectors_of_one_client_share_the_token(vendor: Vendor) -> None:
    sessions = [vendor.session() for _ in range(8)]
    vendor.slow.clear()
    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(vendor.ask, session) for session in sessions]
        vendor.slow.set()
        assert [answer.result() for answer in answers] == [[]] * 8
    assert vendor.asked.count("token") == 1


def test_threads_that_are_refused_together_renew_the_token_once(vendor: Vendor) -> None:
    session = vendor.session()
    old = session._sign_in.headers()
    assert session._sign_in.refused(old)
    vendor.ask(session)
    assert session._sign_in.refused(old)
    vendor.ask(session)
    assert vendor.asked.count("token") == 2


def test_nobody_waits_for_ever_for_a_token_that_another_asks_for(vendor: Vendor) -> None:
    plain = PmsSession(RateLimit(1000, 1), sleep=lambda _: None, attempts=1)
    sign_in = ClientCredentials(
        "elm", plain, TOKEN, vendor.client, "SECRET", state=vendor.state, clock=lambda: vendor.now, longest_wait=0.01
    )
    vendor.slow.clear()
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(vendor.ask, vendor.session())
        while not vendor.token_is_held(sign_in):
            pass
        with pytest.raises(PmsUnreachable, match=r"^elm: the PMS did not give a token in time"):
            sign_in.headers()
        assert sign_in.refused({"Authorization": "Bearer T1"})
        vendor.slow.set()
        assert first.result() == []
    assert sign_in.headers() == {"Authorization": "Bearer T1"}


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_refused_client_is_a_matter_for_a_person(vendor: Vendor, status: int) -> None:
    vendor.refusal = (status, '{"error": "invalid_client", "error_description": "SECRET"}')
    with pytest.raises(PmsRefused, match=rf"^elm: the PMS refuses the client id or its secret \({status}") as caught:
        vendor.ask(vendor.session())
    assert vendor.asked == ["token"]
    assert "SECRET" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, "busy"),
        (200, "<html>Sorry</html>"),
        (200, "{}"),
        (200, '{"access_token": 7}'),
        (200, '{"access_token": "a\\nb"}'),
        (200, "[]"),
    ],
)
def test_an_identity_server_that_gives_no_token_is_out_of_order(vendor: Vendor, status: int, body: str) -> None:
    vendor.refusal = (status, body)
    with pytest.raises(PmsUnreachable, match=r"^elm: the PMS answered .*connect/token"):
        vendor.ask(vendor.session())
    vendor.refusal = None
    assert vendor.ask(vendor.session()) == []


def test_another_secret_is_another_client(vendor: Vendor) -> None:
    vendor.ask(vendor.session())
    plain = PmsSession(RateLimit(1000, 1), sleep=lambda _: None, attempts=1)
    other = ClientCredentials("elm", plain, TOKEN, vendor.client, "OTHER", state=vendor.state, clock=lambda: vendor.now)
    with pytest.raises(PmsRefused):
        other.headers()
    assert "SECRET" not in repr(other)
