"""Does a grant open its doors? Judged by all that Seam says of it and of what it needs: the ways in, the person, the
rooms, the locks, their systems and accounts. Pure.

Only what Seam has confirmed *opens*. What each code means stands in `reconciler.seam_codes`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from mappers.sentences import also_in_english, message, say, together
from reconciler.batteries import status_of
from reconciler.findings import Finding, at_most_a_doubt, codes_said, named
from reconciler.seam_codes import ACCOUNT, DEVICE, ENTRANCE, GRANT, IDENTITY, METHOD, SPACE, SYSTEM, Weight
from reconciler.system_users import Held, findings_in_systems
from seam_workspace.existing import (
    AccessSystem,
    ExistingAccessGrant,
    ExistingAccessMethod,
    ExistingDoor,
    ExistingResources,
    ExistingSpace,
    ExistingUserIdentity,
    LockAccount,
)

ISSUED, ISSUING, FAILED = "issued", "issuing", "failed"
WAYS = {
    "code": say("PIN"),
    "card": say("card"),
    "mobile_key": say("key for her phone"),
    "cloud_key": say("cloud key"),
}


NAMELESS = ""
"""The id of a system or an account of which not even that can be read: it may be anybody's whose own is missing."""
NO_CODE = "no_code"
TO_BE_ENCODED, CARD_NOT_READY = "card_encoding_required", "card_not_ready"
NO_DOOR = ("no lock in Seam", "no door in Seam")
"""What the sentences about a room without a lock have in common, and had in runs of versions before."""
CHANGING_TIMES = "updating_access_times"
USERS = frozenset({"salto_ks_subscription_limit_exceeded", "salto_ks_subscription_limit_almost_reached"})
"""Codes of how many users a lock system takes."""
_KEEPS_FORMER = say(
    "the lock did not take the new times, and opens by the former ones as far as it knew them: check that the lock is "
    "online, then sync now"
)
_UNTOLD = say(
    "the lock has her PIN, as Seam says, but Seam does not tell which it is, so nobody can tell her: sync now asks "
    "again; until then let her in by hand"
)


class Verdict(StrEnum):
    """Does the door open for her?"""

    OPENS = "opens"
    SHUT = "shut"
    UNSURE = "unsure"


_STATES = {Verdict.OPENS: ISSUED, Verdict.UNSURE: ISSUING, Verdict.SHUT: FAILED}
VERDICTS = {state: verdict for verdict, state in _STATES.items()}


@dataclass(frozen=True, slots=True)
class House:
    """What Seam has of a property around its guests' access."""

    spaces: Mapping[str, ExistingSpace] = field(default_factory=dict)
    """By id."""
    doors: Sequence[ExistingDoor] = ()
    systems: Mapping[str, AccessSystem] = field(default_factory=dict)
    """By id."""
    accounts: Mapping[str, LockAccount] = field(default_factory=dict)
    """By id."""
    common: frozenset[str] = frozenset()
    """Ids of Spaces of common areas: a door there is not the door of her room."""

    def system(self, system_id: str) -> AccessSystem | None:
        return self.systems.get(system_id) or self.systems.get(NAMELESS)

    def account(self, account_id: str) -> LockAccount | None:
        return self.accounts.get(account_id) or self.accounts.get(NAMELESS)

    def doors_of(self, grant: ExistingAccessGrant) -> list[ExistingDoor]:
        return [door for door in self.doors if door.space_ids & grant.space_ids]

    def systems_of(self, grant: ExistingAccessGrant) -> tuple[frozenset[str], frozenset[str]]:
        """Ids of the access systems of a grant's doors: those of her room, and those of the others alone."""
        hers, doors = grant.space_ids - self.common, [door for door in self.doors_of(grant) if door.system_id]
        own = frozenset(door.system_id for door in doors if door.space_ids & hers)
        return own, frozenset(door.system_id for door in doors) - own


@dataclass(frozen=True, slots=True)
class Due:
    """The times and rooms that we gave a grant, and the time now: somebody may have changed them in Seam."""

    starts_at: datetime | None
    """UTC; None where its times are not known."""
    ends_at: datetime | None
    """UTC; None: open."""
    now: datetime
    space_ids: frozenset[str] | None = None
    """Seam's ids of its Spaces; None where they are not known."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of one grant."""

    verdict: Verdict
    cause: str
    """The code that decides it; empty where nothing is wrong."""
    why: str
    """What is wrong or worth knowing, the gravest first; empty where there is nothing."""
    state: str
    """`issued`, `issuing` or `failed`."""


def judge(
    grant: ExistingAccessGrant | None,
    methods: Sequence[ExistingAccessMethod],
    house: House | None,
    identity: ExistingUserIdentity | None = None,
    due: Due | None = None,
    held: Held | None = None,
) -> Judgement:
    """Judges one grant by all that Seam says. `methods` are its ways in; `house` is None where nobody asked for it;
    `identity`, `due` (what we gave) and `held` (what access systems have of her) are None where they are not known,
    which says nothing."""
    if grant is None:
        return _judged(
            [Finding(Weight.SHUT, "no_grant", say("Seam has no such access (any more): sync now makes it again"))]
        )
    if grant.unreadable:
        words = say("Seam's record of this access cannot be read, and what it opens is not known: sync now asks again")
        return _judged([Finding(Weight.DOUBT, "unreadable", words)])
    found = _of_grant(grant, house)
    in_systems: list[Finding] = []
    if held is not None and house is not None:
        has_started = grant.starts_at <= due.now if due is not None else None
        in_systems = findings_in_systems(held, *house.systems_of(grant), methods, has_started)
    if identity is not None:
        of_her = codes_said(IDENTITY, "", errors=identity.errors, warnings=identity.warnings)
        if any(one.weight is Weight.SHUT for one in in_systems):
            # Her record in the system says what it is.
            of_her = [one for one in of_her if one.cause != "issue_with_acs_user"]
        found += of_her
    ways, all_issued = _of_methods(grant, methods)
    found += ways + in_systems
    if _is_left_to_the_desk(methods):
        # The grant is being changed for as long as nobody encodes the card.
        found = [one for one in found if (one.weight, one.cause) != (Weight.NOT_YET, CHANGING_TIMES)]
    elsewhere: list[Finding] = []
    if due is not None and due.space_ids is not None and "updating_spaces" not in grant.pending:
        elsewhere = _of_spaces(grant, due.space_ids, house or House())
        found += elsewhere
    if house is not None and not any(one.weight is Weight.SHUT for one in elsewhere):
        living = [method for method in methods if not method.being_deleted]
        modes = frozenset(method.mode for method in living)
        # A lock that cannot be told of new times keeps the former ones, and opens by them.
        knows_former = CHANGING_TIMES in grant.pending or all(
            one.issued or CHANGING_TIMES in (*one.pending, *one.warnings) for one in living
        )
        found += _of_rooms(grant, house, bool(living) and knows_former, modes)
    if due is not None and CHANGING_TIMES not in grant.pending:
        found += _of_times(grant, due)
    return _judged(found, all_issued)


def _of_grant(grant: ExistingAccessGrant, house: House | None) -> list[Finding]:
    """What the grant itself says. What it says of devices that are not all of her room's locks leaves a doubt at most:
    of the lobby's, of one of two, or of what is no lock, such as a thermostat."""
    found = codes_said(GRANT, "", errors=grant.errors, warnings=grant.warnings, pending=grant.pending)
    hers = grant.space_ids - house.common if house is not None else frozenset()
    own = {door.id for door in house.doors if door.space_ids & hers} if house is not None else set()
    return [
        one if own <= grant.about.get(one.cause, own) else replace(one, weight=max(one.weight, Weight.DOUBT))
        for one in found
    ]


def _judged(found: Iterable[Finding], all_issued: bool = False) -> Judgement:
    in_order = sorted(dict.fromkeys(found), key=lambda one: one.weight)
    why = together(dict.fromkeys(one.words for one in in_order if one.words))
    first = in_order[0] if in_order else None
    if first is None or first.weight is Weight.REMARK:
        return Judgement(Verdict.OPENS, first.cause if first else "", why, ISSUED)
    if first.weight is Weight.SHUT:
        return Judgement(Verdict.SHUT, first.cause, why, FAILED)
    told = all_issued and first.weight is not Weight.NOT_YET
    return Judgement(Verdict.UNSURE, first.cause, why, ISSUED if told else ISSUING)


def lock_advice(doors: Iterable[ExistingDoor] | None) -> str:
    """What to do about a room without a lock. `doors`: the property's locks; None where nobody has listed them."""
    if doors is None:
        return say("say under Locks which lock is its own, or connect its lock system there")
    known = list(doors)
    if any(not door.space_ids for door in known):
        return say("say under Locks which lock is its own")
    if not known:
        return say('the property has no lock in Seam yet, so choose "Connect a lock system" under Locks')
    return say('no lock is left to choose, so choose "Connect another lock system" under Locks')


def lock_advice_of(existing: ExistingResources) -> str:
    """The same, by what a run knows: not every run lists the locks."""
    return lock_advice(existing.doors.values() if existing.doors_listed else None)


def _of_methods(grant: ExistingAccessGrant, methods: Sequence[ExistingAccessMethod]) -> tuple[list[Finding], bool]:
    """What the ways in say, and whether the locks know every one of them."""
    found: list[Finding] = []
    living = [method for method in methods if not method.being_deleted]
    # What is the same of all ways in is said once, and of none by name.
    alike = len({(one.errors, one.warnings, one.pending, one.issued) for one in living}) == 1
    several = len(living) > 1 and not alike
    good, is_untold = 0, False
    shut: list[Finding] = []
    for method in living:
        way = WAYS.get(method.mode, method.mode)
        told = {"errors": method.errors, "warnings": method.warnings, "pending": method.pending}
        mine = codes_said(METHOD, way if several else "", **told)
        if CHANGING_TIMES in (*method.pending, *method.warnings):
            mine = [
                Finding(Weight.DOUBT, one.cause, _KEEPS_FORMER) if one.cause == "failed_to_issue" else one
                for one in mine
            ]
        if not method.issued:
            mine += _not_issued(method, way if several else "", any(one.weight < Weight.REMARK for one in mine))
        elif method.needs_encoding:
            mine.append(Finding(Weight.DOUBT, TO_BE_ENCODED, say("the card has to be encoded again at the desk")))
        grave = [one for one in mine if one.weight is Weight.SHUT]
        shut += [one for one in grave if one not in shut]
        found += [one for one in mine if one.weight is not Weight.SHUT and one not in found]
        good += not grave and method.issued and not method.untold
        is_untold = is_untold or (method.issued and method.untold)
    if is_untold:
        # With another way in that the lock knows, it is that one which she has been told of.
        found.append(Finding(Weight.REMARK if good else Weight.DOUBT, NO_CODE, _UNTOLD))
    if good:
        # Another way in is fine, but nobody knows which of them she has been told of, or whether it does every door.
        shut = [Finding(Weight.DOUBT, one.cause, one.words) for one in shut]
    found += shut
    if not living:
        words = say("this way in is being taken away") if methods else say("the lock is being told")
        found.append(Finding(Weight.NOT_YET, "being_deleted" if methods else "not_issued", words))
    elif grant.method_ids - {method.id for method in methods}:
        found.append(Finding(Weight.NOT_YET, "not_issued", say("Seam has not said yet what became of every way in")))
    return found, bool(living) and all(method.issued for method in living)


def _is_left_to_the_desk(methods: Iterable[ExistingAccessMethod]) -> bool:
    """Whether all that is left to be done of the ways in is that somebody encodes cards."""
    left = [one for one in methods if not one.being_deleted and not one.issued]
    return bool(left) and all(one.needs_encoding and one.ready_for_encoding is True for one in left)


def _not_issued(method: ExistingAccessMethod, way: str, said: bool) -> list[Finding]:
    if "waiting_for_access_on_acs_system" in method.pending:
        return []
    words: str
    if method.needs_assignment:
        cause, words = "card_assignment_required", say("a card has to be assigned at the desk")
    elif method.needs_encoding and method.ready_for_encoding is False:
        cause, words = CARD_NOT_READY, METHOD["waiting_for_access_on_acs_system"].words
    elif method.needs_encoding:
        cause, words = TO_BE_ENCODED, say("a card has to be encoded at the desk")
    elif said:
        return [Finding(Weight.NOT_YET, "not_issued", "")]
    else:
        cause, words = "not_issued", say("the lock is being told")
    return [Finding(Weight.NOT_YET, cause, named(way, words))]


def _of_spaces(grant: ExistingAccessGrant, given: frozenset[str], house: House) -> list[Finding]:
    """What the Spaces say that the grant has in Seam, where they are not those that we gave it."""

    def names(ids: frozenset[str]) -> str:
        return ", ".join(sorted(house.spaces[one].name for one in ids if one in house.spaces)) or say("another room")

    lost, added, hers = given - grant.space_ids, grant.space_ids - given, given - house.common
    found = []
    if lost:
        # Of a bed, the room may be what has the lock.
        is_her_door = not hers & grant.space_ids or any(door.space_ids & lost & hers for door in house.doors)
        words = say("in Seam her access is no longer for {rooms}: sync now puts it right", rooms=names(lost))
        if added:
            told = message("in Seam her access is for {others}, not for {rooms}: sync now puts it right")
            words = say(told, others=names(added), rooms=names(lost))
        found.append(Finding(Weight.SHUT if is_her_door else Weight.DOUBT, "other_room", words))
    elif added:
        told = message("in Seam her access opens {rooms} as well, which is not hers: sync now takes that away")
        words = say(told, rooms=names(added))
        found.append(Finding(Weight.REMARK, "other_room", words))
    return found


def _of_times(grant: ExistingAccessGrant, due: Due) -> list[Finding]:
    """What the times say that the grant has in Seam, where they are not those that we gave it."""
    if due.starts_at is None:
        return []
    found = []
    if grant.ends_at is not None and (due.ends_at is None or grant.ends_at < due.ends_at):
        is_over = grant.ends_at <= due.now
        words = say("in Seam her access ends too early: sync now sets its times right")
        if is_over:
            words = say("in Seam her access has ended too early: sync now sets its times right")
        found.append(Finding(Weight.SHUT if is_over else Weight.DOUBT, "other_times", words))
    if grant.starts_at > due.starts_at and grant.starts_at > due.now:
        words = say("in Seam her access begins too late: sync now sets its times right")
        found.append(Finding(Weight.SHUT if due.starts_at <= due.now else Weight.DOUBT, "other_times", words))
    return found


def _of_rooms(
    grant: ExistingAccessGrant, house: House, were_told: bool, modes: frozenset[str] = frozenset()
) -> list[Finding]:
    """What the Spaces, the locks, their systems and accounts say."""
    found: list[Finding] = []
    rooms = [house.spaces[one] for one in grant.space_ids if one in house.spaces]
    hers = grant.space_ids - house.common
    for room in rooms:
        mine = _weighed(codes_said(SPACE, room.name, errors=room.errors, warnings=room.warnings), were_told)
        found += mine if room.id in hers else at_most_a_doubt(mine)
    doors = house.doors_of(grant)
    if not doors and not sum(room.doors or 0 for room in rooms):
        told = message("the room has no lock in Seam, so nothing opens: {advice}")
        words = say(told, advice=lock_advice(house.doors))
        return [*found, Finding(Weight.SHUT, "no_door", words)]
    if (
        hers
        and doors
        and not any(door.space_ids & hers for door in doors)
        and not any(room.doors for room in rooms if room.id in hers)
    ):
        words = say("the room itself has no lock in Seam: {advice}", advice=lock_advice(house.doors))
        found.append(Finding(Weight.SHUT, "no_door", words))
    # Of her room first: what is wrong with the lobby's locks alone does not shut her own door.
    own = [door for door in doors if door.space_ids & hers]
    others = [door for door in doors if not door.space_ids & hers]
    above = _weighed(_above(own, house), were_told)
    said = {one.cause for one in above}
    beside = _weighed((one for one in _above(others, house) if one.cause not in said), were_told)
    found += above + at_most_a_doubt(beside)
    said |= {one.cause for one in beside}
    for door in doors:
        # What a system or an account says, its doors say as well: once is enough.
        mine = _weighed((one for one in _of_door(door) if one.cause not in said), were_told)
        if modes and modes <= door.cannot:
            ways = [WAYS.get(mode, mode) for mode in sorted(modes)]
            told = message("{lock} takes no {ways}, as far as Seam knows: choose another way in for this room")
            english = told.format(lock=door.name, ways=" and no ".join(ways))
            words = also_in_english(english, told, lock=door.name, ways=together(ways, " / "))
            mine.append(Finding(Weight.DOUBT, "no_way_in", words))
        found += mine if door.space_ids & hers else at_most_a_doubt(mine)
    return found


def _above(doors: Sequence[ExistingDoor], house: House) -> list[Finding]:
    """What the systems and the accounts of some doors say."""
    found: list[Finding] = []
    for system_id in sorted({door.system_id for door in doors if door.system_id}):
        system = house.system(system_id)
        if system is not None:
            found += _of_system(system, house.accounts.get(system.account_id))
    for account_id in sorted({door.account_id for door in doors if door.account_id}):
        account = house.account(account_id)
        if account is not None:
            said = {one.cause for one in found}
            found += [one for one in _of_account(account) if one.cause not in said]
    return found


def _of_system(system: AccessSystem, account: LockAccount | None) -> list[Finding]:
    """Without what its account says with numbers."""
    found = codes_said(SYSTEM, system.name or say("the lock system"), errors=system.errors, warnings=system.warnings)
    is_counted = account is not None and account.users is not None
    return [one for one in found if not is_counted or one.cause not in USERS]


def _of_account(account: LockAccount) -> list[Finding]:
    """With how many users of how many, where that is what is wrong."""
    found = codes_said(ACCOUNT, account.name, errors=account.errors, warnings=account.warnings)
    if account.users is None:
        return found
    number, most = account.users
    told = message("{why} (Seam says {number} of {most})")
    return [
        replace(one, words=say(told, why=one.words, number=number, most=most)) if one.cause in USERS else one
        for one in found
    ]


def findings_of_lock(door: ExistingDoor, house: House) -> list[Finding]:
    """What is wrong with one lock, whoever has access: what it says itself, its system and its account."""
    found: list[Finding] = []
    if door.system_id and (system := house.system(door.system_id)) is not None:
        found += _of_system(system, house.accounts.get(door.account_id))
    if door.account_id and (account := house.account(door.account_id)) is not None:
        found += _of_account(account)
    above = {one.cause for one in found}
    nameless = replace(door, name="")
    return found + [one for one in _codes_of_door(nameless) if one.cause not in above]


def battery_finding(door: ExistingDoor) -> Finding | None:
    """What a lock's battery says of the night to come."""
    status = status_of(door.battery) if door.battery is not None else None
    if door.battery is None or status not in ("critical", "low"):
        return None
    level = f" ({door.battery.level:.0%})" if door.battery.level is not None else ""
    if status == "critical":
        words = say("its battery is nearly empty{level}: change it now", level=level)
        return Finding(Weight.DOUBT, "battery_critical", words)
    words = say("its battery is low{level}: change it in the next days", level=level)
    return Finding(Weight.REMARK, "battery_low", words)


def _of_door(door: ExistingDoor) -> list[Finding]:
    found = _codes_of_door(door)
    if (battery := battery_finding(door)) is not None:
        found.append(Finding(battery.weight, battery.cause, named(door.name, battery.words)))
    return found


def _codes_of_door(door: ExistingDoor) -> list[Finding]:
    table = {**DEVICE, **ENTRANCE} if door.is_entrance else DEVICE
    found = codes_said(table, door.name, errors=door.errors, warnings=door.warnings)
    if door.online is False and not any(one.weight is Weight.CUT_OFF for one in found):
        words = named(door.name, say("it is offline: check its power and network"))
        found.append(Finding(Weight.CUT_OFF, "device_offline", words))
    return found


def _weighed(found: Iterable[Finding], were_told: bool) -> list[Finding]:
    """What is cut off opens by what it was told before, as far as anybody knows; more it does not learn."""
    result = []
    for one in found:
        if one.weight is Weight.CUT_OFF and were_told:
            told = message("{why} (what the lock was told before should work, changes do not reach it)")
            words = say(told, why=one.words)
            one = Finding(Weight.DOUBT, one.cause, words)
        elif one.weight is Weight.CUT_OFF:
            one = Finding(Weight.SHUT, one.cause, one.words)
        result.append(one)
    return result


def troubles_of(
    account: LockAccount, systems: Iterable[AccessSystem] = (), doors: Iterable[ExistingDoor] = ()
) -> list[Finding]:
    """What is wrong with an account, its systems and its locks, each with a name, the gravest first."""
    found = [*_of_account(account), *(one for system in systems for one in _of_system(system, account))]
    first: dict[str, Finding] = {}
    for one in found:
        first.setdefault(one.cause, one)
    found = list(first.values())
    for door in doors:
        found += [one for one in _of_door(door) if one.cause not in first]
    return sorted(dict.fromkeys(found), key=lambda one: one.weight)
