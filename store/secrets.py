"""Secrets of the database: encrypted with keys that are not in it.

The keys come from the environment (`NIGHTPORTER_SECRET_KEYS`), separated by commas: the first one encrypts, all of them
decrypt. So a new one is put before the old ones, everything is encrypted anew, and then the old ones are taken away.
"""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

VARIABLE = "NIGHTPORTER_SECRET_KEYS"


class SecretsUnreadable(Exception):
    """The keys are missing, are none, or are not those of the database; the message says what to do."""


class SecretKeys:
    """Encrypts and decrypts. Shows no key."""

    def __init__(self, text: str = ""):
        """`text`: what the variable holds. Raises `SecretsUnreadable`, without the text."""
        keys = [one.strip() for one in text.split(",") if one.strip()]
        try:
            self._fernet = MultiFernet([Fernet(one) for one in keys]) if keys else None
        except ValueError:
            raise SecretsUnreadable(
                f"{VARIABLE} holds something that is no key: each is 32 bytes in base64, as "
                "`nightporter secrets key` makes them, separated by commas."
            ) from None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "SecretKeys":
        """The keys of an environment. Raises `SecretsUnreadable`."""
        return cls(environ.get(VARIABLE, ""))

    def __bool__(self) -> bool:
        """Whether there is any."""
        return self._fernet is not None

    def encrypt(self, values: Mapping[str, Any]) -> str:
        """Raises `SecretsUnreadable` where there is no key."""
        return self._needed("to keep").encrypt(json.dumps(dict(values)).encode()).decode()

    def decrypt(self, text: str) -> dict[str, Any]:
        """The reverse of `encrypt`, with whichever of the keys fits. Raises `SecretsUnreadable`."""
        fernet = self._needed("to read")
        try:
            found: dict[str, Any] = json.loads(fernet.decrypt(text))
        except InvalidToken:
            raise SecretsUnreadable(
                f"None of the keys in {VARIABLE} fits the secrets in the database: put the key back with which they "
                "were encrypted, beside a new one where there is one."
            ) from None
        return found

    def encrypt_anew(self, text: str) -> str:
        """The same secret, encrypted with the first key. Raises `SecretsUnreadable`."""
        return self.encrypt(self.decrypt(text))

    def _needed(self, what: str) -> MultiFernet:
        if self._fernet is None:
            raise SecretsUnreadable(
                f"{VARIABLE} is not set, and a key is needed {what} the secrets in the database: set it to the key "
                "that was used before, or, the first time, to what `nightporter secrets key` prints."
            )
        return self._fernet


def new_key() -> str:
    """A key for the variable."""
    return Fernet.generate_key().decode()
