"""How a PMS is told from a stranger: by the token in the address that it was given, or by a signature over the body."""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from connectors.ports import NotUnderstood, Webhooks


def bears_token(query: Mapping[str, str], token: str | None) -> bool:
    """Whether the address that was called bears the connection's token, under `token`; compared in constant time.

    A connection without a token knows nobody: False.
    """
    expected, given = (token or "").encode(), query.get("token", "").encode("utf-8", "surrogatepass")
    # Digests, so that not even the length can be found out by the time that it takes.
    same = hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(expected).digest())
    return bool(expected) and same


def is_signed(message: bytes, secret: str | None, given: str, as_base64: bool = False) -> bool:
    """Whether `given` is the HMAC-SHA256 of a message, in hex or in base64; compared in constant time.

    Without a secret nobody is known: False.
    """
    signature = hmac.new((secret or "").encode(), message, hashlib.sha256).digest()
    expected = base64.b64encode(signature) if as_base64 else signature.hex().encode()
    return hmac.compare_digest(expected, given.encode("utf-8", "surrogatepass")) and bool(secret)


def an_object(document: Any) -> dict[str, Any]:
    """The body, where it is a JSON object or a form. Raises `NotUnderstood`."""
    if not isinstance(document, dict):
        raise NotUnderstood("the body is not a JSON object")
    return document


class TokenWebhooks(Webhooks):
    """Of a PMS that signs nothing: the token in the address is all there is."""

    def __init__(self, token: str | None):
        self._token = token

    def may_be_called(self, query: Mapping[str, str], /) -> bool:
        return bears_token(query, self._token)

    def verify(self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /) -> bool:
        return self.may_be_called(query)
