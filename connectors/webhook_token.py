"""Webhooks that nobody signs: all that tells a PMS from a stranger is the token in the address that it was given."""

import hashlib
import hmac
from collections.abc import Mapping


def bears_token(query: Mapping[str, str], token: str | None) -> bool:
    """Whether the address that was called bears the connection's token, under `token`; compared in constant time.

    A connection without a token knows nobody: False.
    """
    expected, given = (token or "").encode(), query.get("token", "").encode("utf-8", "surrogatepass")
    # Digests, so that not even the length can be found out by the time that it takes.
    same = hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(expected).digest())
    return bool(expected) and same
