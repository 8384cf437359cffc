"""How the locks themselves are, however many guests have access: one look at all locks of a property, in five lists.
The PINs that Seam does not manage are asked for lock by lock (there is no list of a whole house): a few with each look.

Each lock is good, or something is worth a warning, or it is broken: nothing new reaches it, or it does not open. What
it means for a guest's access is the judge's to say (`reconciler.judge`); this is for whoever keeps the locks alive.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from mappers.keys import Keys
from mappers.sentences import say, say_number
from reconciler.batteries import ALARM, days_left, status_of, with_reading
from reconciler.findings import Finding
from reconciler.health import house_of
from reconciler.judge import House, battery_finding, findings_of_lock
from reconciler.seam_codes import Weight
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.lock_health import Cause, LockHealth, LockHealthBook
from store.outgoing import EventKind, Happened

REMOVED = "removed"
FORECAST = "battery_flat_soon"
TAMPERED = "device.tampered"
OTHER_PINS_NEWS = frozenset({"access_code.unmanaged.created", "access_code.unmanaged.removed"})
"""Events: the lock is asked for such PINs with the next look."""
CHANGED_OUTSIDE, DELETED_OUTSIDE = "access_code.modified_external_to_seam", "access_code.deleted_external_to_seam"
TOLD_FOR: Mapping[str, timedelta] = dict.fromkeys(
    (TAMPERED, *OTHER_PINS_NEWS, CHANGED_OUTSIDE, DELETED_OUTSIDE), timedelta(hours=24)
)
"""What only an event says, and for how long it is kept: nothing in Seam says that it is over."""
TOLD_WORDS: Mapping[str, str] = {
    TAMPERED: say("it says that somebody has tampered with it: have a look at the door"),
    CHANGED_OUTSIDE: say(
        "another system has changed a PIN that Seam had set on it: switch that system off for this lock"
    ),
    DELETED_OUTSIDE: say(
        "another system has deleted a PIN that Seam had set on it: switch that system off for this lock"
    ),
}
OTHER_PINS = "pins_of_others"
NEW_FOR = timedelta(days=7)
"""PINs of others that were not there before are a warning for so long; what has always been there is a remark."""
ASK_AGAIN = timedelta(hours=24)
"""After this a lock is asked again for PINs that Seam does not manage, though no event has come of one meanwhile."""
SHARED = "third_party_integration_detected"
KEEP_REMOVED = timedelta(days=14)
"""A lock that Seam lists no more is shown for so long, unless its room has got another decision before."""


class LockState(StrEnum):
    """In order of how badly a person is needed."""

    BROKEN = "broken"
    WARNING = "warning"
    UNKNOWN = "unknown"
    GOOD = "good"


def look(
    connection: str,
    property_id: str,
    house: House,
    before: Iterable[LockHealth],
    now: datetime,
    other_pins: Mapping[str, int] | None = None,
) -> list[LockHealth]:
    """How each lock of a property is, by what Seam says now and what was known before. `other_pins`: how many PINs
    that Seam does not manage were just found on locks, by their ids."""
    asked = other_pins or {}
    known = {one.door_id: one for one in before}
    found = []
    for door in house.doors:
        was = known.pop(door.id, None)
        findings = findings_of_lock(door, house)
        status, left, readings = None, None, list(was.readings) if was is not None else []
        if door.battery is not None:
            status = status_of(door.battery)
            if door.battery.level is not None:
                readings = with_reading(readings, now.date(), door.battery.level)
                left = days_left(readings, now.date())
            if (of_battery := battery_finding(door)) is not None:
                findings.append(of_battery)
            elif left is not None and left <= ALARM:
                soon = say_number(
                    left,
                    "its battery will be flat in about {number} day: change it before",
                    "its battery will be flat in about {number} days: change it before",
                )
                words = soon if left else _FLAT_NOW
                findings.append(Finding(Weight.REMARK, FORECAST, words))
        told = {code: at for code, at in was.told.items() if _is_kept(code, at, was, now)} if was is not None else {}
        findings += [Finding(Weight.DOUBT, code, TOLD_WORDS[code]) for code in told if code in TOLD_WORDS]
        others = asked.get(door.id, was.other_pins if was is not None else None)
        causes_before = list(was.causes) if was is not None else []
        if others:
            findings.append(Finding(Weight.REMARK, OTHER_PINS, _of_others(others)))
            if was is None or others > (was.other_pins or 0):
                causes_before = [one for one in causes_before if one.code != OTHER_PINS]
        causes = _causes(findings, causes_before, now)
        lock = LockHealth(
            connection=connection,
            property_id=property_id,
            door_id=door.id,
            name=door.name,
            rooms=sorted(house.spaces[one].name for one in door.space_ids if one in house.spaces),
            space_ids=sorted(door.space_ids),
            state=_state(findings, causes, now),
            causes=causes,
            battery_level=door.battery.level if door.battery is not None else None,
            battery_status=status,
            days_left=left,
            readings=readings,
            online=door.online,
            online_changed_at=now if was is None or was.online is not door.online else was.online_changed_at,
            last_seen_at=now if _is_there(door.online, findings) else was.last_seen_at if was is not None else None,
            told=told,
            looked_at=now,
            can_unlock=door.can_unlock,
            slots=door.slots,
            other_pins=others,
            pins_asked_at=now if door.id in asked else was.pins_asked_at if was is not None else None,
            changed_at=was.changed_at if was is not None else None,
        )
        found.append(lock)
    found += [_removed(one, now) for one in known.values() if _is_missed(one, now)]
    return found


_FLAT_NOW = say("its battery will be flat today: change it now")


def _is_kept(code: str, at: datetime, was: LockHealth, now: datetime) -> bool:
    """Whether what an event said is to be remembered: for its time, and until the lock was asked."""
    is_unasked = code in OTHER_PINS_NEWS and _is_after(at, was.pins_asked_at)
    return is_unasked or now - at < TOLD_FOR.get(code, timedelta(0))


def _is_there(online: bool | None, findings: Iterable[Finding]) -> bool:
    """Whether Seam speaks with the lock now, as far as it says."""
    cut_off = any(one.weight is Weight.CUT_OFF for one in findings)
    return online is True or (online is None and not cut_off)


def _removed(was: LockHealth, now: datetime) -> LockHealth:
    """A lock that Seam lists no more."""
    words = say("Seam has it no more: it was removed from its account; say under Locks which lock the room has now")
    causes = _causes([Finding(Weight.SHUT, REMOVED, words)], was.causes, now)
    return replace(was, state=LockState.BROKEN, causes=causes, online=None, looked_at=now)


def _is_missed(one: LockHealth, now: datetime) -> bool:
    """Whether anybody misses a lock that is listed no more: it was a room's."""
    gone = next((cause.since for cause in one.causes if cause.code == REMOVED), now)
    return bool(one.space_ids) and now - gone < KEEP_REMOVED


def _of_others(number: int) -> str:
    return say_number(
        number,
        "{number} PIN on it is not set by Seam: another system, or somebody at the lock, set it, and whoever has it "
        "gets in; look in the lock maker's app, and delete there what nobody needs",
        "{number} PINs on it are not set by Seam: another system, or somebody at the lock, set them, and whoever has "
        "one of them gets in; look in the lock maker's app, and delete there what nobody needs",
    )


def _state(findings: Sequence[Finding], causes: Iterable[Cause], now: datetime) -> LockState:
    if any(one.weight in (Weight.SHUT, Weight.CUT_OFF) for one in findings):
        return LockState.BROKEN
    if any(one.code == OTHER_PINS and now - one.since < NEW_FOR for one in causes):
        return LockState.WARNING
    if any(one.weight is Weight.DOUBT or one.cause in BATTERY_CAUSES for one in findings):
        return LockState.WARNING
    return LockState.GOOD


BATTERY_CAUSES = frozenset({"battery_low", "battery_critical", FORECAST, "accessory_keypad_low_battery"})


def _causes(findings: Sequence[Finding], before: Iterable[Cause], now: datetime) -> list[Cause]:
    """The gravest first; what was so before keeps its time."""
    since = {one.code: one.since for one in before}
    first: dict[str, Finding] = {}
    for one in sorted(findings, key=lambda one: one.weight):
        if one.words:
            first.setdefault(one.cause, one)
    return [Cause(code, one.words, since.get(code, now)) for code, one in first.items()]


# --- asking Seam ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """What came of a look at a property's locks."""

    locks: list[LockHealth]
    house: House
    changed: frozenset[str]
    """Ids of the locks of which anything is new that may matter to whoever has access."""
    changed_spaces: frozenset[str]
    """Ids of the Spaces that they are in, and of those that they were in."""


def look_at_locks_of(
    connection: str, keys: Keys, workspace: Workspace, store: Database, property_id: str, now: datetime
) -> Look:
    """Asks Seam for a property's locks (five lists), and notes how they are. Raises `SeamError`; then nothing is
    noted."""
    return note_locks(connection, store, property_id, house_of(workspace, keys.customer(property_id)), now)


def note_locks(
    connection: str,
    store: Database,
    property_id: str,
    house: House,
    now: datetime,
    other_pins: Mapping[str, int] | None = None,
) -> Look:
    """Notes how a property's locks are, as Seam has just said, and of which of them anything is new that may matter to
    whoever has access (`changed_at`: until their guests have been asked for since, that is still to be done).
    `other_pins`: see `look`."""
    book = LockHealthBook(store, connection)
    before = {one.door_id: one for one in book.of(property_id)}
    found = look(connection, property_id, house, before.values(), now, other_pins)
    gone = before.keys() - {one.door_id for one in found}
    changed = gone | {
        one.door_id for one in found if (was := before.get(one.door_id)) is None or _matters(was) != _matters(one)
    }
    found = [replace(one, changed_at=now) if one.door_id in changed else one for one in found]
    book.note(property_id, found, before, _of_batteries(before, found), now)
    rows = [*before.values(), *found]
    spaces = frozenset(space for one in rows if one.door_id in changed for space in one.space_ids)
    return Look(found, house, frozenset(changed), spaces)


def to_ask_for_pins(
    locks: Iterable[LockHealth], house: House, at_most: int, now: datetime, arrivals: Collection[str] = ()
) -> list[str]:
    """Ids of the locks that Seam should be asked about next: which PINs does it not manage there? Those first of which
    an event has come, or that are shared with another system; then those of `arrivals` (Seam's ids of the Spaces to
    which somebody comes next), and of the others the ones that were not asked for longest.

    Contract: `/access_codes/unmanaged/list` takes one device, and no list takes several; entrances of access systems
    have no such codes.
    """
    devices = [one for one in house.doors if not one.is_entrance and one.online is not False]
    able = {one.id for one in devices if "code" not in one.cannot}
    due = [one for one in locks if one.door_id in able and one.space_ids and _is_due(one, now)]
    awaited = set(arrivals)
    due.sort(
        key=lambda one: (
            not _has_news(one),
            all(cause.code != SHARED for cause in one.causes),
            awaited.isdisjoint(one.space_ids),
            one.pins_asked_at or datetime.min.replace(tzinfo=UTC),
            one.name,
        )
    )
    return [one.door_id for one in due[:at_most]]


def _has_news(one: LockHealth) -> bool:
    return any(_is_after(at, one.pins_asked_at) for code, at in one.told.items() if code in OTHER_PINS_NEWS)


def _is_after(at: datetime, asked_at: datetime | None) -> bool:
    """Clocks differ: an event from shortly before the last question counts as one after it."""
    return asked_at is None or at > asked_at - timedelta(minutes=2)


def _is_due(one: LockHealth, now: datetime) -> bool:
    return one.pins_asked_at is None or one.pins_asked_at <= now - ASK_AGAIN or _has_news(one)


def _of_batteries(before: Mapping[str, LockHealth], found: Iterable[LockHealth]) -> list[Happened]:
    """The locks whose battery has become one to be changed."""
    happened = []
    for one in found:
        cause = next((each for each in one.causes if each.code in BATTERY_CAUSES), None)
        was = before.get(one.door_id)
        if cause is None or (was is not None and any(each.code in BATTERY_CAUSES for each in was.causes)):
            continue
        data = {
            "lock": one.name,
            "lock_id": one.door_id,
            "rooms": one.rooms,
            "level": one.battery_level,
            "days_left": one.days_left,
            "cause": cause.code,
            "reason": cause.sentence,
        }
        happened.append(Happened(EventKind.BATTERY_LOW, one.connection, one.property_id, one.door_id, data))
    return happened


def _matters(one: LockHealth) -> tuple[object, ...]:
    return one.online, sorted(cause.code for cause in one.causes if cause.code != OTHER_PINS), one.space_ids


def worst_first(locks: Collection[LockHealth]) -> list[LockHealth]:
    """For whoever has to do something about them."""
    order = {state: place for place, state in enumerate(LockState)}
    return sorted(
        locks,
        key=lambda one: (
            order[LockState(one.state)],
            one.days_left if one.days_left is not None else 10_000,
            one.battery_level if one.battery_level is not None else 2.0,
            one.name,
        ),
    )
