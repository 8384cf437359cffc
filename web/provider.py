"""The OpenID Connect provider at which people sign in: where it sends them, and what its answer says.

The authorization code flow with PKCE (RFC 7636), state and nonce, as OpenID Connect Core 1.0 and Discovery 1.0 have it.
Authlib makes the requests and checks the ID token. Only https is spoken, but for a provider on this machine.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import BadSignatureError, ExpiredTokenError, InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet, import_key

from mappers.sentences import say, sentence_of
from store.memberships import Membership
from store.provider_users import subject_of

WITHIN = (3.0, 8.0)
"""Seconds to connect and to answer: a person waits before the page."""
KEPT = timedelta(hours=1)
"""So long what the provider says of itself, and its keys, are not asked for again."""
ASKED_AGAIN = timedelta(minutes=1)
"""So often at most its keys are asked for where a token was signed by one that is not known."""
SILENT_FOR = timedelta(seconds=5)
"""After a failure nobody else waits for it, for so long."""
SKEW = 120
"""Seconds that its clock and ours may differ."""
SAFE = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""How an ID token may be signed: by a key that only the provider has. Never not at all, nor by our own secret."""
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class ProviderFailed(Exception):
    """The provider does not do what it should; the message is a sentence."""


class NotLetIn(Exception):
    """The provider's answer lets nobody in; the message is a sentence for whoever wants to sign in."""


@dataclass(frozen=True, slots=True)
class SentThere:
    """Somebody who is at the provider: what has to fit when she comes back."""

    address: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Account:
    """Whom the provider knows, with what she may do here."""

    subject: str = field(repr=False)
    """See `store.provider_users.subject_of`."""
    name: str
    roles: Sequence[Membership]
    """At least one; without a place it is over everything."""


@dataclass(slots=True)
class _Kept:
    """What the provider says of itself, and its keys."""

    metadata: Mapping[str, Any]
    keys: KeySet
    until: datetime
    keys_asked_at: datetime


@dataclass(slots=True)
class Provider:
    """`clock` gives aware UTC. `roles`: by a value of the claim."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    roles_claim: str
    roles: Mapping[str, Membership]
    name_claim: str
    scopes: Sequence[str]
    clock: Callable[[], datetime]
    _kept: _Kept | None = field(default=None, repr=False)
    _silent: tuple[datetime, str] | None = field(default=None, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def host(self) -> str:
        """By which people know it."""
        return urlsplit(self.issuer).hostname or self.issuer

    def begin(self, redirect_uri: str) -> SentThere:
        """Where to send somebody who wants to sign in. Raises `ProviderFailed`."""
        metadata = self._known().metadata
        nonce, verifier = generate_token(32), generate_token(64)
        with self._session(redirect_uri) as session:
            address, state = session.create_authorization_url(
                metadata["authorization_endpoint"], generate_token(32), verifier, nonce=nonce
            )
        return SentThere(address, state, nonce, verifier)

    def finish(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Account:
        """Whose account it is, of the code with which somebody came back. Raises `ProviderFailed`, `NotLetIn`."""
        known = self._known()
        with self._session(redirect_uri) as session:
            try:
                token = session.fetch_token(
                    known.metadata["token_endpoint"],
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                    timeout=WITHIN,
                    allow_redirects=False,
                )
            except AuthlibBaseError as problem:
                raise self._refused(str(problem.error)) from None
            except OSError as problem:
                raise self._unreachable(problem) from None
            except (ValueError, TypeError, AttributeError):
                # What Authlib makes of an answer that is no token.
                raise ProviderFailed(
                    say("{host} answers what is not understood: try again later.", host=self.host)
                ) from None
            if not isinstance(token, dict) or not isinstance(token.get("id_token"), str):
                raise ProviderFailed(
                    say("{host} sends no ID token: it has to be an OpenID Connect client there.", host=self.host)
                )
            claims = self._checked(token, nonce, known)
            wanted = (self.roles_claim, self.name_claim)
            if "userinfo_endpoint" in known.metadata and any(_claim(claims, one) is None for one in wanted):
                # Many providers put e-mail addresses and groups there only.
                claims = {**self._userinfo(session, known, token, claims["sub"]), **claims}
        return self._account(claims)

    # --- what the provider says of itself ---------------------------------------------------------------------------

    def _known(self) -> _Kept:
        now = self.clock()
        with self._lock:
            kept = self._kept
            if kept is not None and now < kept.until:
                return kept
            if self._silent is not None and now < self._silent[0]:
                raise ProviderFailed(self._silent[1])
            try:
                metadata = self._metadata()
                self._kept = _Kept(metadata, self._keys(metadata), now + KEPT, now)
            except ProviderFailed as problem:
                self._silent = (now + SILENT_FOR, sentence_of(problem))
                raise
            self._silent = None
            return self._kept

    def _metadata(self) -> Mapping[str, Any]:
        found = self._get(f"{self.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != self.issuer:
            raise ProviderFailed(
                say(
                    "{host} gives itself the name {value}: serve.sign_in.issuer has to be that, sign by sign.",
                    host=self.host,
                    value=str(found.get("issuer"))[:200],
                )
            )
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not _is_safe(found.get(name)):
                raise ProviderFailed(
                    say("{host} names no {name} that begins with https://.", host=self.host, name=name)
                )
        if "userinfo_endpoint" in found and not _is_safe(found["userinfo_endpoint"]):
            raise ProviderFailed(
                say("{host} names a userinfo_endpoint that does not begin with https://.", host=self.host)
            )
        return found

    def _keys(self, metadata: Mapping[str, Any]) -> KeySet:
        """Those that may sign; one of a kind that nobody knows here is no reason to refuse the others."""
        listed = self._get(metadata["jwks_uri"]).get("keys")
        keys = []
        for one in listed if isinstance(listed, list) else []:
            if not isinstance(one, dict) or one.get("kty") == "oct" or one.get("use", "sig") != "sig":
                continue
            try:
                keys.append(import_key(one))
            except (JoseError, ValueError, TypeError, KeyError):
                continue
        if not keys:
            raise ProviderFailed(say("{host} lists no key by which its ID tokens could be checked.", host=self.host))
        return KeySet(keys)

    def _new_keys(self, known: _Kept) -> KeySet | None:
        """The keys as they are now; None where they were asked for just before."""
        now = self.clock()
        with self._lock:
            if now - known.keys_asked_at < ASKED_AGAIN:
                return None
            known.keys_asked_at = now
            known.keys = self._keys(known.metadata)
            return known.keys

    # --- its answer -------------------------------------------------------------------------------------------------

    def _checked(self, token: Mapping[str, Any], nonce: str, known: _Kept) -> Mapping[str, Any]:
        """The claims of the ID token (OpenID Connect Core 1.0, section 3.1.3.7)."""
        listed = known.metadata.get("id_token_signing_alg_values_supported")
        algorithms = [one for one in SAFE if not isinstance(listed, list) or one in listed]
        try:
            try:
                decoded = jwt.decode(token["id_token"], known.keys, algorithms)
            except (InvalidKeyIdError, BadSignatureError):
                keys = self._new_keys(known)
                if keys is None:
                    raise
                decoded = jwt.decode(token["id_token"], keys, algorithms)
            claims = CodeIDToken(
                decoded.claims,
                decoded.header,
                {
                    "iss": {"essential": True, "value": self.issuer},
                    "aud": {"essential": True, "value": self.client_id},
                    "sub": {"essential": True},
                },
                {"nonce": nonce, "client_id": self.client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=int(self.clock().timestamp()), leeway=SKEW)
        except ExpiredTokenError:
            raise NotLetIn(
                say(
                    "The answer of {host} is too old: sign in once more. If that does not help, the clocks differ.",
                    host=self.host,
                )
            ) from None
        except (JoseError, ValueError, TypeError) as problem:
            raise NotLetIn(
                say("The answer of {host} is not accepted: {why}.", host=self.host, why=_what_is_wrong(problem))
            ) from None
        if not isinstance(claims["sub"], str) or not 0 < len(claims["sub"]) <= 255:
            raise NotLetIn(say("The answer of {host} is not accepted: it says not whose it is (sub).", host=self.host))
        return dict(claims)

    def _userinfo(
        self, session: OAuth2Session, known: _Kept, token: Mapping[str, Any], number: str
    ) -> Mapping[str, Any]:
        """What more it knows of her (OpenID Connect Core 1.0, section 5.3)."""
        try:
            # Not by the session's own token: whether that is still good it would judge by another clock than ours.
            answer = session.get(
                known.metadata["userinfo_endpoint"],
                withhold_token=True,
                headers={"Authorization": f"Bearer {token.get('access_token')}"},
                timeout=WITHIN,
                allow_redirects=False,
            )
            said = answer.json() if answer.status_code == 200 else None
        except (OSError, ValueError) as problem:
            raise self._unreachable(problem) from None
        if not isinstance(said, dict) or said.get("sub") != number:
            raise ProviderFailed(
                say("{host} does not say who you are: its userinfo is not understood.", host=self.host)
            )
        return said

    def _account(self, claims: Mapping[str, Any]) -> Account:
        found = _claim(claims, self.roles_claim)
        values = found if isinstance(found, list) else [found]
        roles = [self.roles[one] for one in values if isinstance(one, str) and one in self.roles]
        if not roles:
            raise NoRole(
                say(
                    "{host} knows you, but says nothing that lets you in here ({roles_claim}): ask an administrator.",
                    host=self.host,
                    roles_claim=self.roles_claim,
                ),
                subject_of(self.issuer, claims["sub"]),
            )
        name = _claim(claims, self.name_claim)
        if not isinstance(name, str) or not name.strip():
            raise NotLetIn(
                say(
                    "{host} does not say by which name you go here ({name_claim}).",
                    host=self.host,
                    name_claim=self.name_claim,
                )
            )
        name = name.strip()
        if self.name_claim == "email":
            # Some send the word (Amazon Cognito's userinfo).
            if claims.get("email_verified") not in (True, "true"):
                raise NotLetIn(
                    say(
                        "{host} has not verified your e-mail address: verify it there, then sign in again.",
                        host=self.host,
                    )
                )
            name = name.lower()
        return Account(subject_of(self.issuer, claims["sub"]), name, roles)

    # --- requests ---------------------------------------------------------------------------------------------------

    def _session(self, redirect_uri: str | None = None) -> OAuth2Session:
        methods = (self._kept.metadata if self._kept else {}).get("token_endpoint_auth_methods_supported")
        only_post = isinstance(methods, list) and "client_secret_basic" not in methods
        return OAuth2Session(
            self.client_id,
            self.client_secret,
            token_endpoint_auth_method="client_secret_post" if only_post else "client_secret_basic",
            scope=" ".join(self.scopes),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )

    def _get(self, address: str) -> Mapping[str, Any]:
        try:
            with self._session() as session:
                answer = session.get(address, withhold_token=True, timeout=WITHIN, allow_redirects=False)
            if answer.status_code != 200:
                raise ProviderFailed(
                    say(
                        "{host} answers {status} at {value}: try again later. If that does not help, "
                        "serve.sign_in.issuer is wrong.",
                        host=self.host,
                        status=f"{answer.status_code}",
                        value=urlsplit(address).path[:200],
                    )
                )
            found = answer.json()
        except (OSError, ValueError) as problem:
            raise self._unreachable(problem) from None
        if not isinstance(found, dict):
            raise ProviderFailed(
                say(
                    "{host} answers what is not understood at {value}.",
                    host=self.host,
                    value=urlsplit(address).path[:200],
                )
            )
        return found

    def _unreachable(self, problem: Exception) -> ProviderFailed:
        # What requests raises is an OSError; what is no JSON, a ValueError as well.
        if isinstance(problem, ValueError):
            return ProviderFailed(say("{host} answers what is not understood: try again later.", host=self.host))
        return ProviderFailed(say("{host} cannot be reached at the moment: try again in a minute.", host=self.host))

    def _refused(self, error: str) -> Exception:
        if error == "invalid_grant":
            return NotLetIn(say("This sign-in was used already, or took too long: sign in once more."))
        if error in ("invalid_client", "unauthorized_client"):
            return ProviderFailed(
                say("{host} does not accept serve.sign_in.client_id and client_secret.", host=self.host)
            )
        return ProviderFailed(
            say("{host} does not finish the sign-in ({word}): try again later.", host=self.host, word=_word(error))
        )


class NoRole(NotLetIn):
    """Nothing that fits is in the claim (any more)."""

    def __init__(self, sentence: str, subject: str):
        super().__init__(sentence)
        self.subject = subject


def _claim(claims: Mapping[str, Any], name: str) -> Any:
    """A claim by its name; where none has this very name, dots lead into groups."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for part in name.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return found


def _is_safe(address: Any) -> bool:
    if not isinstance(address, str):
        return False
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def _word(error: str) -> str:
    """An error code as OAuth 2.0 has them; nothing else that somebody may have written there."""
    return (
        error if error.isascii() and error.replace("_", "").isalpha() and len(error) <= 40 else say("no reason given")
    )


def _what_is_wrong(problem: Exception) -> str:
    claim = getattr(problem, "claim", None)
    words = {
        "nonce": say("it belongs to another sign-in, so sign in once more"),
        "iss": say("it comes from another issuer"),
        "aud": say("it is meant for another application"),
        "azp": say("it is meant for another application"),
        "iat": say("it comes from the future, so the clocks differ"),
        "nbf": say("it comes from the future, so the clocks differ"),
    }
    if claim in words:
        return words[claim]
    if isinstance(problem, BadSignatureError | InvalidKeyIdError):
        return say("none of its keys has signed it")
    return say("it is no ID token that can be checked")
