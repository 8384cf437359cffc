"""OAuth 2.0: one token for all who use an account, renewed before it is old.

Source: RFC 6749, sections 2.3.1, 4.4 and 6.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.auth import ClientAuth

from connectors.account_state import AccountState, Token
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.session import PmsSession

RENEW_BEFORE = timedelta(minutes=1)
"""A token is renewed so long before it expires; one that lives shorter, at half its time."""
LONGEST_LIFE = 10**9
"""Seconds."""


def is_token(value: Any) -> bool:
    """Whether it can be sent as a token: what a header cannot hold would fail with every request to come."""
    return isinstance(value, str) and value.isascii() and value.isprintable() and bool(value.strip())


class _TokenSignIn(ABC):
    """A sign-in for `PmsSession` by a token that is asked for."""

    def __init__(
        self,
        who: str,
        session: PmsSession,
        token_url: str,
        *credentials: str,
        state: AccountState,
        clock: Callable[[], datetime],
        longest_wait: float = 600.0,
        operation: str = "the token endpoint",
    ):
        """`session` asks for tokens, without a sign-in of its own. `who` and `operation` are for errors. `state` holds
        the token. `clock` gives aware UTC. `longest_wait`: seconds to wait for a token that somebody else is asking
        for."""
        self._who = who
        self._session = session
        self._url = token_url
        self._clock = clock
        self._longest_wait = longest_wait
        self._operation = operation
        parts = "\0".join((token_url, *credentials))
        self._token = state.token(hashlib.sha256(parts.encode()).hexdigest())

    @abstractmethod
    def _question(self, refresh: str | None) -> tuple[dict[str, str], Mapping[str, str]]:
        """The form and the headers that ask for a token. `refresh`: what the PMS gave last to ask with."""

    def headers(self) -> Mapping[str, str]:
        """Raises `PmsRefused` where the client is not known (any more), and `PmsUnreachable`."""
        # Callers at the same time share one request for a token.
        if not self._token.hold(self._longest_wait):
            raise PmsUnreachable.saying(
                "{who}: the PMS did not give a token in time at {operation}", who=self._who, operation=self._operation
            )
        try:
            token = self._token.get()
            if token.value is None or (token.renew_at is not None and token.renew_at <= self._clock()):
                self._token.put(replace(token, value=None))
                token = self._renewed(token.refresh)
                # The next one is fetched in an hour or so.
                self._session.close()
                self._token.put(token)
            return {"Authorization": f"Bearer {token.value}"}
        finally:
            self._token.let_go()

    def refused(self, headers: Mapping[str, str]) -> bool:
        # Where somebody holds it for long, there is a new token on its way.
        if self._token.hold(self._longest_wait):
            # Another thread may have been refused before, so that there is a new one already.
            token = self._token.get()
            if headers.get("Authorization") == f"Bearer {token.value}":
                self._token.put(replace(token, value=None))
            self._token.let_go()
        return True

    def _renewed(self, refresh: str | None) -> Token:
        form, headers = self._question(refresh)
        try:
            answer = self._session.request(
                "POST", self._url, who=self._who, operation=self._operation, form=form, headers=headers, wants=dict
            )
        except PmsRefused as problem:
            if problem.status not in (400, 401, 403):
                raise
            raise problem.refusing(
                "{who}: the PMS refuses the client id or its secret ({status} at {operation}): check both, and "
                "that the client has not been removed in the PMS",
                who=self._who,
            ) from None
        value, seconds = answer.document.get("access_token"), _seconds(answer.document.get("expires_in"))
        if not is_token(value):
            raise PmsUnreachable.saying(
                "{who}: the PMS answered without a token at {operation}", who=self._who, operation=self._operation
            )
        renew_at = None
        if seconds is not None:
            life = timedelta(seconds=seconds)
            renew_at = self._clock() + life - min(RENEW_BEFORE, life / 2)
        renewed = answer.document.get("refresh_token")
        return Token(value, renew_at, renewed if is_token(renewed) else refresh)


class ClientCredentials(_TokenSignIn):
    """By a client id and its secret."""

    def __init__(self, who: str, session: PmsSession, token_url: str, client_id: str, client_secret: str, **rest: Any):
        super().__init__(who, session, token_url, client_id, client_secret, **rest)
        self._client = ClientAuth(client_id, client_secret, "client_secret_basic")

    def _question(self, refresh: str | None) -> tuple[dict[str, str], Mapping[str, str]]:
        _, headers, _ = self._client.prepare("POST", self._url, {}, "")
        return {"grant_type": "client_credentials"}, headers


class RefreshToken(_TokenSignIn):
    """By a refresh token. The PMS may hand out a new one with each access token; where that is kept in memory only,
    the one in the settings has to be good still after a restart."""

    def __init__(self, who: str, session: PmsSession, token_url: str, form: Mapping[str, str], **rest: Any):
        """`form`: the client's id and secret and its `refresh_token`, by the names under which the PMS wants them."""
        super().__init__(who, session, token_url, *(text for _, text in sorted(form.items())), **rest)
        self._form = form

    def _question(self, refresh: str | None) -> tuple[dict[str, str], Mapping[str, str]]:
        renewal = {"refresh_token": refresh} if refresh else {}
        return {"grant_type": "refresh_token", **self._form, **renewal}, {}


def _seconds(expires_in: Any) -> float | None:
    """The life of a token; None where the answer does not say it."""
    try:
        seconds = float(expires_in)
    except (TypeError, ValueError, OverflowError):
        return None
    return seconds if 0 < seconds < LONGEST_LIFE else None
