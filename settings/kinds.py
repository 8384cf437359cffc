"""What kinds of values settings have: each is a marshmallow field, and what is wrong with a value is a sentence."""

import base64
import binascii
import re
from collections.abc import Callable
from datetime import time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields

from mappers.sentences import Value, message, say
from mappers.stay_window import zone
from mappers.user_identities import is_country
from settings.reading import FromEnvironment, Unset

_DURATION = re.compile(r"(\d+)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_LONGEST = timedelta(days=365_000)
SHORTEST_TOKEN = 16
LOOPBACK = ("localhost", "127.0.0.1", "::1")
_WEBCAL = re.compile(r"^webcals?://", re.IGNORECASE)
_PRICE = re.compile(r"\d{1,6}(\.\d{1,6})?", re.ASCII)
_CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
MISSING: dict[str, Any] = {"required": message("is missing."), "null": message("is empty.")}


def wrong(text: str, /, **values: Value) -> ValidationError:
    """What is wrong with a value, as a sentence that pages say in the reader's language."""
    return ValidationError(say(text, **values))


class Kind(fields.Field[Any]):
    """A value that is there; `read` makes it what the settings hold, or raises `ValidationError` with a sentence."""

    default_error_messages = MISSING

    def make_error(self, key: str, **kwargs: Any) -> ValidationError:
        return wrong(str(self.error_messages[key]), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, Unset):
            raise wrong("is not set.")
        return self.read(value)

    def read(self, value: Any) -> Any:
        raise NotImplementedError


class Text(Kind):
    """Text, and nothing that YAML made of it."""

    may_be_empty = False

    def read(self, value: Any) -> str:
        if not isinstance(value, str):
            raise wrong("should be text: put it in quotes (YAML reads 0123, 12:30 and NO in its own way).")
        if not value.strip() and not self.may_be_empty:
            raise wrong("is empty.")
        return str(value)


class TextOrNothing(Text):
    may_be_empty = True


class Choice(Text):
    """One of a few words."""

    def __init__(self, *words: str, **rest: Any):
        super().__init__(**rest)
        self.words = words

    def read(self, value: Any) -> str:
        word = super().read(value)
        if word not in self.words:
            raise wrong("should be one of {words}.", words=", ".join(self.words))
        return word


class ExactUrl(Text):
    """An address as somebody else made it: every sign of it may matter, but none that is no part of an address.

    What copying leaves at the ends (blanks, the carriage return of a file from Windows) is taken off.
    """

    def read(self, value: Any) -> str:
        url = _WEBCAL.sub("https://", super().read(value).strip())
        try:
            parts = urlsplit(url)
            good = parts.scheme in ("http", "https") and bool(parts.hostname)
        except ValueError:
            good = False
        if not good:
            raise wrong("should be an address that begins with https:// (or http://).")
        if not url.isprintable() or " " in url:
            raise wrong("has a blank or a line break within the address: copy it anew.")
        return url


class Url(ExactUrl):
    """The address of a service, to which paths are added."""

    def read(self, value: Any) -> str:
        return super().read(value).rstrip("/")


class Issuer(ExactUrl):
    """The address by which an OpenID Connect provider calls itself, sign by sign (OpenID Connect Discovery 1.0, section
    4.3); unencrypted only on this machine."""

    def read(self, value: Any) -> str:
        url = super().read(value)
        parts = urlsplit(url)
        if parts.query or parts.fragment or parts.username is not None:
            raise wrong("should be an address without a user, ? and #.")
        if parts.scheme != "https" and parts.hostname not in LOOPBACK:
            raise wrong("should begin with https://: whoever reads along could sign in as anybody.")
        return url


class ExactUrls(ExactUrl):
    """One address or a list of them, as a tuple."""

    def read(self, value: Any) -> Any:
        several = value if isinstance(value, list) else [value]
        if not several:
            raise wrong("should name at least one address.")
        if any(isinstance(one, Unset) for one in several):
            raise wrong("is not set.")
        one = super().read
        return tuple(dict.fromkeys(one(each) for each in several))


class TimeZone(Text):
    def read(self, value: Any) -> str:
        name = super().read(value)
        if zone(name) is None:
            raise wrong("should be an IANA time zone, such as Europe/Vienna.")
        return name


class Country(Text):
    """Where phone numbers without a country code are local to."""

    def read(self, value: Any) -> str:
        code = super().read(value).strip().upper()
        if not is_country(code):
            raise wrong("should be the two letters of a country (ISO 3166), such as AT, GB or US.")
        return code


class WebhookSecret(Text):
    def read(self, value: Any) -> str:
        secret = super().read(value)
        try:
            good = len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) >= 24
        except (binascii.Error, ValueError):
            good = False
        if not good:
            raise wrong('should be "whsec_" and at least 24 random bytes in base64 (Standard Webhooks).')
        return secret


class WebhookToken(Text):
    """What tells a PMS from everybody else who finds the address."""

    def read(self, value: Any) -> str:
        token = super().read(value)
        if len(token.strip()) < SHORTEST_TOKEN:
            raise wrong(
                "is too short to keep strangers out: at least {number} characters, best random ones, such as "
                "`openssl rand -hex 32` makes.",
                number=SHORTEST_TOKEN,
            )
        return token


class Duration(Kind):
    def __init__(self, least: timedelta = timedelta(0), **rest: Any):
        super().__init__(**rest)
        self.least = least

    def read(self, value: Any) -> timedelta:
        match = _DURATION.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise wrong("should be a duration in quotes: a number with s, m, h or d, such as 15m or 14d.")
        try:
            duration = timedelta(**{_UNITS[match[2]]: int(match[1])})
        except (OverflowError, ValueError):
            duration = timedelta.max
        if duration > _LONGEST:
            raise wrong("is too long: at most {longest}.", longest=f"{_LONGEST.days}d")
        if duration < self.least:
            raise wrong("should be at least {least}.", least=f"{self.least.total_seconds():.0f}s")
        return duration


class ClockTime(Kind):
    def read(self, value: Any) -> time:
        match = _CLOCK.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            raise wrong('should be a time of day in quotes, such as "03:30" (YAML reads 15:00 as 900).')
        return time(int(match[1]), int(match[2]))


class Number(Kind):
    def __init__(self, allowed: range | None = None, **rest: Any):
        super().__init__(**rest)
        self.allowed = allowed

    def read(self, value: Any) -> int:
        if isinstance(value, FromEnvironment) and re.fullmatch(r"-?[0-9]{1,18}", value):
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong("should be a whole number.")
        if self.allowed is not None and value not in self.allowed:
            raise wrong("should be from {least} to {most}.", least=str(self.allowed[0]), most=str(self.allowed[-1]))
        return value


class Flag(Kind):
    def read(self, value: Any) -> bool:
        if isinstance(value, FromEnvironment) and value in ("true", "false"):
            return value == "true"
        if not isinstance(value, bool):
            raise wrong("should be true or false.")
        return value


class Listing(Kind):
    """A list, as a tuple."""

    def __init__(self, inner: fields.Field[Any], at_least_one: bool = False, **rest: Any):
        super().__init__(**rest)
        self.inner, self.at_least_one = inner, at_least_one

    def read(self, value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise wrong("should be a list: [one, another].")
        if self.at_least_one and not value:
            raise wrong("should name at least one.")
        return tuple(_each(self.inner, enumerate(value)).values())


class Price(Kind):
    """A number that is not negative, with up to six places."""

    def read(self, value: Any) -> Decimal:
        if not isinstance(value, int | float | str) or isinstance(value, bool) or not _PRICE.fullmatch(str(value)):
            raise wrong("should be a price: a number such as 0.05, with at most six places.")
        return Decimal(str(value))


class Named(Kind):
    """A group whose names the settings are free to choose."""

    def __init__(self, inner: fields.Field[Any], at_least_one: bool = True, **rest: Any):
        super().__init__(**rest)
        self.inner, self.at_least_one = inner, at_least_one

    def read(self, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise wrong("should be a group of names with their values.")
        if self.at_least_one and not value:
            raise wrong("should name at least one.")
        unnamed = [str(name) for name in value if type(name) is not str]
        if unnamed:
            words = say("should have text for its name: put it in quotes.")
            raise ValidationError({name: [words] for name in unnamed})
        return _each(self.inner, value.items())


class TextOrTexts(Text):
    """A text, or a group of named texts."""

    def read(self, value: Any) -> Any:
        return Named(Text()).read(value) if isinstance(value, dict) else super().read(value)


def _each(inner: fields.Field[Any], items: Any) -> dict[Any, Any]:
    """Every value of a list or group; what is wrong with any of them is said under its place or name."""
    read, refused = {}, {}
    for place, value in items:
        try:
            read[place] = inner.deserialize(value)
        except ValidationError as problem:
            refused[place] = problem.messages
    if refused:
        raise ValidationError(refused)
    return read


def words(choices: tuple[str, ...], **rest: Any) -> Text:
    """Text; one of the choices where there are any."""
    return Choice(*choices, **rest) if choices else Text(**rest)


KINDS: dict[str, Callable[..., Kind]] = {
    "text": Text,
    "secret": Text,
    "text_or_nothing": TextOrNothing,
    "path": Text,
    "url": Url,
    "issuer": Issuer,
    "time_zone": TimeZone,
    "country": Country,
    "webhook_secret": WebhookSecret,
    "webhook_token": WebhookToken,
    "number": Number,
    "price": Price,
    "flag": Flag,
    "duration": Duration,
    "clock": ClockTime,
    "words": lambda **rest: Listing(Text(), **rest),
    "texts": lambda **rest: Named(Text(), **rest),
    "texts_by_name": lambda **rest: Named(TextOrTexts(), **rest),
    "urls": lambda **rest: Named(ExactUrl(), **rest),
    "urls_by_name": lambda **rest: Named(ExactUrls(), **rest),
}
"""By the names that `settings.declared` and the connectors' `SETTINGS` use."""
