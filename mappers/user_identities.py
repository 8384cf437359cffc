"""Guests become User Identities: names trimmed, e-mails checked, phone numbers in E.164.

Seam wants an e-mail address and a phone number to be unique in a workspace; PMSs are full of duplicates. Whoever
holds a contact keeps it, and the next one goes without.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

import phonenumbers
from marshmallow import ValidationError
from marshmallow.validate import Email

from connectors.phones import phone_in
from connectors.records import Guest
from mappers.keys import Keys
from mappers.resources import DesiredUserIdentity
from mappers.sentences import say

_is_email = Email()
_WITH_COUNTRY = 11
"""So many digits may be a number with its country, written without a sign; fewer are a local one of another country."""
_SPACES = re.compile(r"\s+")


def desired_user_identity(guest: Guest, country: str | None, keys: Keys) -> DesiredUserIdentity:
    """The identity of one guest; what cannot be used of her contacts is left out and remarked upon."""
    remarks: list[str] = []
    email = _trimmed(guest.email)
    if email is not None and not _valid_email(email):
        email = None
        remarks.append(say("without e-mail: the PMS has one that is not a valid address"))
    raw_phone = _trimmed(guest.phone)
    phone = None
    # The last four digits are all that some PMSs tell: enough for a PIN, and no number that anybody got wrong.
    if raw_phone is not None and not phone_in(raw_phone).is_end_only:
        phone = e164(raw_phone, country)
        if phone is None:
            remarks.append(say("without phone: the PMS has one that is not a valid number"))
    return DesiredUserIdentity(
        key=keys.guest(guest.id),
        full_name=_trimmed(f"{guest.first_name} {guest.last_name}"),
        email_address=email,
        phone_number=phone,
        remarks=tuple(remarks),
    )


@lru_cache(maxsize=16_384)
def e164(raw: str, country: str | None) -> str | None:
    """A phone number as PMS staff typed it, in E.164; None when it is not a valid number.

    `country` (ISO 3166-1 alpha-2) is where numbers without a country code are local to. PMSs hold international
    numbers with `00` as often as with `+`, whatever the property's own prefix for calls abroad is, and many without
    either. What stands beside the number (an extension, a room, a second number) is no part of it.
    """
    told = phone_in(raw).number
    if told is None:
        return None
    ways = [(told, country)]
    if len(told) >= _WITH_COUNTRY and told[0] not in "+0":
        ways.append((f"+{told}", None))
    for one, where in ways:
        try:
            number = phonenumbers.parse(one, where)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return None


def is_country(code: str) -> bool:
    """Whether phone numbers of this country (ISO 3166-1 alpha-2, in capitals) are known."""
    return code in phonenumbers.SUPPORTED_REGIONS


def initials(guest: Guest) -> str:
    """ "J.N.": all that a report may say of a guest."""
    return "".join(f"{name[0].upper()}." for name in (guest.first_name.strip(), guest.last_name.strip()) if name)


def without_duplicate_contacts(
    wanted: Iterable[DesiredUserIdentity], held: Mapping[str, str]
) -> list[DesiredUserIdentity]:
    """Leaves each e-mail and phone with one identity.

    `held` says which identity (by key, or any other unique name) holds a contact in Seam now, by
    `contact_name(...)`. A holder that still wants its contact keeps it; a contact whose holder is ours and wants it
    no longer is free; otherwise the first in the order given gets it, the others a remark.
    """
    wanted = list(wanted)
    wishes = {identity.key: identity for identity in wanted}
    taken: dict[str, str] = {}
    for identity in wanted:
        for contact in _contacts(identity):
            holder = held.get(contact)
            if holder is None:
                continue
            holder_wish = wishes.get(holder)
            if holder_wish is None or contact in _contacts(holder_wish):
                taken[contact] = holder
    settled = []
    for identity in wanted:
        remarks = list(identity.remarks)
        email, phone = identity.email_address, identity.phone_number
        if email is not None and taken.setdefault(contact_name(email), identity.key) != identity.key:
            email = None
            remarks.append(say("without e-mail: another person has the same"))
        if phone is not None and taken.setdefault(contact_name(phone), identity.key) != identity.key:
            phone = None
            remarks.append(say("without phone: another person has the same"))
        settled.append(replace(identity, email_address=email, phone_number=phone, remarks=tuple(remarks)))
    return settled


def contact_name(contact: str) -> str:
    """What makes two contacts the same: letter case does not."""
    return contact.casefold()


def _contacts(identity: DesiredUserIdentity) -> list[str]:
    return [contact_name(one) for one in (identity.email_address, identity.phone_number) if one is not None]


@lru_cache(maxsize=16_384)
def _valid_email(email: str) -> bool:
    # Seam's own check knows ASCII addresses only.
    if not email.isascii():
        return False
    try:
        _is_email(email)
    except ValidationError:
        return False
    return True


def _trimmed(text: str | None) -> str | None:
    return _SPACES.sub(" ", text).strip() or None if text else None
