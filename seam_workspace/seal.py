"""Seals what must outlive a process and nobody else may read: the PIN of a guest in the middle of a room move, bookings
of a feed that does not list them at the moment.

The key is derived from the Seam API key (HKDF, RFC 5869): whoever has that can ask Seam for every PIN anyway, and a
database without it tells nothing. What was sealed under another API key cannot be opened, and is as good as lost.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

BOOKINGS = b"nightporter: bookings that a feed or a file does not list at the moment"
PURPOSE = b"nightporter: PINs of steps under way"
MARKS = b"nightporter: marks of PINs"
MARK_LENGTH = 24
KEY_LENGTH = 4
"""So much of a mark says which key made it."""


class Seal:
    """Seals and opens small texts by name, with one workspace's key."""

    def __init__(self, api_key: str, purpose: bytes = PURPOSE):
        self._fernet = Fernet(base64.urlsafe_b64encode(_derived(api_key, purpose)))
        self._marks = _derived(api_key, MARKS)

    def mark(self, secret: str) -> str:
        """The same for the same text, by which two can be compared that are kept nowhere; to whoever has not the key it
        tells nothing else, however short the text is."""
        of_key = hashlib.sha256(self._marks).hexdigest()[:KEY_LENGTH]
        return (of_key + hmac.new(self._marks, secret.encode(), hashlib.sha256).hexdigest())[:MARK_LENGTH]

    def close(self, secrets: Mapping[str, str]) -> str:
        """One sealed text, as ASCII."""
        return self._fernet.encrypt(json.dumps(dict(secrets)).encode()).decode()

    def open(self, sealed: str) -> dict[str, str]:
        """What `close` was given; nothing where it was sealed with another key, or is damaged."""
        try:
            return {
                str(name): str(secret) for name, secret in json.loads(self._fernet.decrypt(sealed.encode())).items()
            }
        except (InvalidToken, ValueError, AttributeError):
            return {}


def are_of_one_key(mark: str, other: str) -> bool:
    """Whether two marks can be compared: those of an API key that was changed since tell nothing of today's."""
    return mark[:KEY_LENGTH] == other[:KEY_LENGTH]


def _derived(api_key: str, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(api_key.encode())
