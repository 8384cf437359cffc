"""Seam's webhooks: is it really Seam who sends this?"""

from collections.abc import Mapping

from seam.exceptions import SeamInvalidWebhookPayloadError
from seam.seam_webhook import SeamWebhook
from svix.webhooks import WebhookVerificationError


class SignatureWrong(Exception):
    """Not signed with our secret, or not now, or not signed at all."""


class NoEvent(Exception):
    """Seam's signature, and no event under it: sending it again would not help."""


def verify(secret: str, body: bytes, headers: Mapping[str, str]) -> None:
    """Checks the svix signature over the raw bytes. Raises `SignatureWrong` and `NoEvent`."""
    try:
        SeamWebhook(secret).verify(body.decode("utf-8"), dict(headers))
    except SeamInvalidWebhookPayloadError:
        raise NoEvent from None
    except (WebhookVerificationError, ValueError):
        # A signature that is no base64 is a ValueError, and so is text that is no UTF-8.
        raise SignatureWrong from None
