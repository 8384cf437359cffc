"""Who stays, as far as an event or a row tells: whether two of them are the same person, others, or nobody knows."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256

from connectors.spellings import spellings


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Who:
    """A person, as far as one event or row tells; nothing by which anybody could be known without being told first."""

    id: str = ""
    """The vendor's own, where it gives one."""
    words: frozenset[str] = frozenset()
    """A digest of each word of the name."""
    contacts: frozenset[str] = frozenset()
    """Digests of e-mail and phone."""
    last_4: str = ""
    """A digest of the last four digits of the phone."""
    spelled: frozenset[str] = field(default=frozenset(), compare=False)
    """A digest of each word of the name in whichever spelling: what is the same there speaks of nobody else. Nothing
    where a former version has remembered her."""

    @property
    def is_nobody(self) -> bool:
        return not (self.id or self.words or self.contacts or self.last_4)

    def is_same(self, other: "Who") -> bool:
        """Whether both are certainly one person: by id, else by a contact, else by a name of two words or more. A
        contact of two whose names have nothing in common is an agency's, or whoever books for others."""
        if self.id and other.id:
            return self.id == other.id
        shares = self.contacts & other.contacts and not self._has_another_name(other)
        return bool(shares) or (len(self.words) > 1 and self.words == other.words)

    def _has_another_name(self, other: "Who") -> bool:
        """Whether two whole names have no word in common."""
        is_whole = min(len(self.words), len(other.words)) > 1
        return is_whole and not self.words & other.words and not self.spelled & other.spelled

    def is_another(self, other: "Who") -> bool:
        """Whether they are certainly two: names of which neither is a part of the other, or other digits."""
        if self.id and other.id:
            return self.id != other.id
        if self.contacts & other.contacts:
            return self._has_another_name(other)
        if self.words and other.words:
            return not _is_part(self.words, other.words) and not _is_part(self.spelled, other.spelled)
        return bool(self.last_4 and other.last_4 and self.last_4 != other.last_4)


def _is_part(some: frozenset[str], others: frozenset[str]) -> bool:
    """Whether one name is the other or a part of it; not where either is untold."""
    return bool(some) and bool(others) and (some <= others or others <= some)


def who(name: str = "", email: str | None = None, phone: str | None = None, guest_id: str = "") -> Who:
    """A person from what is told; letter case, accents, signs and the order of the words make no difference."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"\w+", "".join(one for one in plain if not unicodedata.combining(one)))
    digits = "".join(one for one in phone or "" if one.isascii() and one.isdigit())
    contacts = {_digest(email.strip().casefold())} if email and email.strip() else set()
    if len(digits) > 6:
        # The last digits are the same with a country's code and without.
        contacts.add(_digest(digits[-7:]))
    return Who(
        guest_id,
        frozenset(map(_digest, words)),
        frozenset(contacts),
        _digest(digits[-4:]) if len(digits) >= 4 else "",
        frozenset(map(_digest, spellings(name))),
    )


def are_same(some: Collection[Who], others: Collection[Who]) -> bool:
    return any(one.is_same(other) for one in some for other in others)


def are_others(some: Collection[Who], others: Collection[Who]) -> bool:
    """Whether nobody of the one party can be anybody of the other."""
    return bool(some) and bool(others) and all(one.is_another(other) for one in some for other in others)


def share_a_first_name(some: Collection[Who], others: Collection[Who]) -> bool:
    """Whether all that makes the two parties one is a single word of a name, and the digits of their phones differ: two
    guests called Anna. Under one UID it may be a phone that was corrected."""
    return (
        bool(some)
        and bool(others)
        and all(
            one.is_another(other)
            or (
                not (one.id and other.id)
                and not one.contacts & other.contacts
                and min(len(one.words), len(other.words)) <= 1
                and bool(one.last_4 and other.last_4 and one.last_4 != other.last_4)
            )
            for one in some
            for other in others
        )
    )


def are_one_by_name(one: Who, other: Who) -> bool:
    """Whether they are certainly one person, by more than a contact."""
    if one.id and other.id:
        return one.id == other.id
    digits_differ = bool(one.last_4 and other.last_4) and one.last_4 != other.last_4
    return len(one.words) > 1 and one.words == other.words and not digits_differ


def are_nearly_same(some: Collection[Who], others: Collection[Who]) -> bool:
    """Whether a word of the name is the same: the rest may have been corrected."""
    return any(one.words & other.words or one.spelled & other.spelled for one in some for other in others)
