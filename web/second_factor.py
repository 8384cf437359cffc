"""The second factor of a sign-in: six digits from an app on the user's phone (TOTP, RFC 6238).

The app's secret is encrypted in the database. A code counts once, and for the half minute before and after its own: a
phone's clock is never quite right.
"""

from datetime import datetime

import pyotp
import segno

from store.people import People, User
from store.secrets import SecretKeys

STEP = 30
"""Seconds that a code is shown."""
SKEW = 1
"""So many steps a phone's clock may be off."""


def new_secret() -> str:
    """For an app, in base32."""
    return pyotp.random_base32()


def address_of(secret: str, name: str) -> str:
    """What an app reads from the picture."""
    return pyotp.TOTP(secret, interval=STEP).provisioning_uri(name, issuer_name="Night Porter")


def picture_of(address: str) -> str:
    """A QR code as SVG, for the page: without styles, which our own rules for pages would refuse."""
    drawn: str = segno.make(address, error="m").svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=False)
    return drawn


def is_right(people: People, user: User, keys: SecretKeys, code: str, now: datetime) -> bool:
    """Whether a code is the user's, and was not used before. Raises `SecretsUnreadable`."""
    if user.second_factor is None:
        return True
    step = step_of(keys.decrypt(user.second_factor)["totp"], code, now)
    return step is not None and people.use_code(user.name, step)


def step_of(secret: str, code: str, now: datetime) -> int | None:
    """The half minute to which a code belongs; None where it is wrong."""
    digits = "".join(code.split())
    if not (digits.isascii() and digits.isdecimal() and len(digits) == 6):
        return None
    totp, here = pyotp.TOTP(secret, interval=STEP), int(now.timestamp()) // STEP
    for step in range(here - SKEW, here + SKEW + 1):
        if pyotp.utils.strings_equal(totp.at(step * STEP), digits):
            return step
    return None
