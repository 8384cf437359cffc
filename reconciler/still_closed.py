"""Still closed? What a clerk does next for a guest who stands before her door: the steps for this lock and this reason,
in their order, as data for pages and programs. Pure.

What is known is said first (a wrong PIN at 22:58, a battery at 4 %); then come the steps, the likeliest to open the
door on top. Nothing that would open it is offered to whoever has no right to be there now.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from mappers.links import Link
from mappers.sentences import PEOPLE, Moment, message, say, say_number, together
from mappers.stay_window import local
from reconciler.judge import TO_BE_ENCODED, Verdict
from reconciler.lock_health import REMOVED
from reconciler.readiness import CARD_WAITS
from reconciler.seam_codes import ACCOUNT, DEVICE, ENTRANCE, SYSTEM, Weight
from store.cards import CardEncoding
from store.entries import Entry, EntryKind
from store.lock_health import LockHealth
from store.stays import Stay

LATELY = timedelta(minutes=30)
"""A PIN that was refused longer ago than this was somebody else's evening."""
NEAR = timedelta(hours=24)
OUT_OF_REACH = frozenset(
    code
    for table in (DEVICE, ENTRANCE, SYSTEM, ACCOUNT)
    for code, meaning in table.items()
    if meaning.weight is Weight.CUT_OFF
)
"""Causes for which nothing new reaches a lock."""
GONE = frozenset({"no_door", REMOVED, "device_removed", "entrance_removed"})
PRIVACY = frozenset({"privacy_mode", "salto_ks_privacy_mode"})
FLAT = "battery_critical"
TO_BE_MADE = frozenset(
    {"no_grant", "being_deleted", "other_room", "other_times", "not_made", "not_asked_lately", "seam_not_asked"}
)


class Reason(StrEnum):
    """Why a door is closed, as far as it decides what to do next."""

    NO_ACCESS = "no_access"
    NO_ROOM = "no_room"
    WITHHELD = "withheld"
    """As the booking stands in the PMS, no access is made for it: nobody is named, its days contradict each other, the
    lock is another booking's."""
    HELD = "held"
    """As the PMS has it she has no access; taking hers away waits for somebody's approval."""
    OVER = "over"
    EARLY = "early"
    NO_LOCK = "no_lock"
    PRIVACY = "privacy"
    FLAT = "flat_battery"
    OUT_OF_REACH = "out_of_reach"
    TO_BE_MADE = "to_be_made"
    TO_BE_ENCODED = "card_to_be_encoded"
    CARD_NOT_READY = "card_not_ready"
    WRONG_PIN = "wrong_pin"
    NOT_WRITTEN = "not_written"
    """The lock has not taken, or not confirmed, what it was told."""
    NO_KNOWN = "none_known"
    """It should open, as far as anybody knows."""


class StepKind(StrEnum):
    """One thing that a clerk can do."""

    ASSIGN_ROOM = "assign_room"
    ASK_THE_PMS = "ask_the_pms"
    DECIDE_HELD = "decide_held"
    PUT_RIGHT = "put_right"
    EXTEND = "extend"
    CHECK_IN = "check_in"
    PLACE_LOCK = "place_lock"
    KNOCK = "knock"
    SYNC = "sync"
    SHOW_PIN = "show_pin"
    ENCODE_CARD = "encode_card"
    UNLOCK = "unlock"
    SPARE_KEY = "spare_key"
    NEW_PIN = "new_pin"
    OTHER_KEY = "other_key"
    REPAIR = "repair"
    CALL = "call"


_K, _R = StepKind, Reason
ORDER: Mapping[Reason, tuple[StepKind, ...]] = {
    _R.NO_ACCESS: (_K.ASK_THE_PMS, _K.SYNC, _K.CALL),
    _R.HELD: (_K.DECIDE_HELD, _K.SYNC, _K.CALL),
    _R.NO_ROOM: (_K.ASSIGN_ROOM, _K.SYNC, _K.CALL),
    _R.WITHHELD: (_K.PUT_RIGHT, _K.SYNC, _K.CALL),
    _R.OVER: (_K.EXTEND, _K.SYNC, _K.CALL),
    _R.EARLY: (_K.CHECK_IN, _K.ENCODE_CARD, _K.SYNC, _K.CALL),
    _R.NO_LOCK: (_K.PLACE_LOCK, _K.OTHER_KEY, _K.CALL),
    _R.PRIVACY: (_K.KNOCK, _K.OTHER_KEY, _K.CALL),
    # From afar it may open once more; a spare key needs the same battery.
    _R.FLAT: (_K.UNLOCK, _K.OTHER_KEY, _K.REPAIR, _K.CALL),
    # What lies on the lock already is all that opens it.
    _R.OUT_OF_REACH: (_K.SPARE_KEY, _K.SHOW_PIN, _K.ENCODE_CARD, _K.OTHER_KEY, _K.REPAIR, _K.CALL),
    _R.TO_BE_MADE: (_K.SYNC, _K.UNLOCK, _K.SPARE_KEY, _K.OTHER_KEY, _K.CALL),
    _R.TO_BE_ENCODED: (_K.ENCODE_CARD, _K.UNLOCK, _K.SPARE_KEY, _K.OTHER_KEY, _K.CALL),
    _R.CARD_NOT_READY: (_K.SYNC, _K.UNLOCK, _K.SPARE_KEY, _K.OTHER_KEY, _K.CALL),
    _R.WRONG_PIN: (_K.SHOW_PIN, _K.UNLOCK, _K.NEW_PIN, _K.SPARE_KEY, _K.CALL),
    _R.NOT_WRITTEN: (_K.SYNC, _K.UNLOCK, _K.SPARE_KEY, _K.NEW_PIN, _K.OTHER_KEY, _K.CALL),
    _R.NO_KNOWN: (_K.SHOW_PIN, _K.UNLOCK, _K.SYNC, _K.NEW_PIN, _K.SPARE_KEY, _K.CALL),
}
"""For each reason the steps, in their order; those that this booking or lock does not allow are left out."""
WITH_RIGHT = frozenset(ORDER) - {_R.NO_ACCESS, _R.HELD, _R.NO_ROOM, _R.WITHHELD, _R.OVER, _R.EARLY}
"""Reasons of which whoever stands there may be let in."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do next."""

    kind: StepKind
    words: str
    """What it does and when it helps: a sentence."""
    button: str | None = None
    """What the button says; None where it is done elsewhere."""
    door_id: str | None = None
    """Seam's id of the lock that it is about."""
    room: str | None = None
    """The name of the room that it is about."""
    confirm: str | None = None
    """What has to be confirmed before: what it will do, in words."""


@dataclass(frozen=True, slots=True)
class StillClosed:
    """What is known of a door that does not open, and what to do about it."""

    reason: Reason
    facts: list[str]
    """Sentences, the most telling first."""
    steps: list[Step]
    is_urgent: bool
    """Whether a page shows the steps at once, and not only to whoever asks for them."""
    unread: str = ""
    """Why nothing that opens is done yet, where the PMS has told of something that was not read yet; stands among the
    facts as well."""

    @property
    def next(self) -> Step:
        """The first one."""
        return self.steps[0]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a booking and its doors at this moment."""

    stay: Stay | None
    verdict: Verdict
    cause: str
    locks: Sequence[LockHealth]
    """Those that its access opens."""
    entries: Sequence[Entry]
    """What happened at them of late."""
    grants: Sequence[Link]
    """Of the booking."""
    has_pin: bool
    """Whether guests here get a PIN."""
    call: str | None
    """Whom to call, from the policy."""
    now: datetime
    time_zone: str = "UTC"
    """The property's."""
    spare_rooms: Collection[str] = ()
    """Names of rooms and common areas at whose locks a spare key lies ready."""
    write_back: bool = False
    """Whether the PMS is told of PINs."""
    person: str = "guest"
    has_card: bool = False
    """Whether guests here get a card."""
    cards: Sequence[CardEncoding] = ()
    """Those that were encoded for the booking, the newest first."""
    is_held: bool = False
    """Whether taking its access away waits for somebody's approval."""
    unread: str = ""
    """See `StillClosed`."""


def still_closed(known: Known) -> StillClosed:
    """What to do next for somebody who stands before a door of this booking."""
    locks = _her_own_first(known)
    reason = _reason(known, locks)
    steps = [step for kind in ORDER[reason] for step in _steps(kind, reason, known, locks)]
    facts = [*filter(None, [known.unread]), *_facts(known, locks)]
    return StillClosed(reason, facts, steps, _is_urgent(reason, known), known.unread)


def _is_urgent(reason: Reason, known: Known) -> bool:
    """Something is wrong, and its guest is here or about to come."""
    if reason in (Reason.NO_ACCESS, Reason.HELD, Reason.OVER, Reason.EARLY, Reason.NO_KNOWN):
        return False
    starts_at = known.stay.starts_at if known.stay is not None else None
    if reason is Reason.NOT_WRITTEN and known.verdict is not Verdict.SHUT:
        return starts_at is not None and starts_at <= known.now
    return starts_at is None or starts_at <= known.now + NEAR


def is_near(stay: Stay | None, now: datetime) -> bool:
    """Whether anybody may stand before a door of this booking by now."""
    if stay is None or stay.starts_at is None:
        return True
    return stay.starts_at <= now + NEAR and (stay.ends_at is None or stay.ends_at > now - NEAR)


def _her_own_first(known: Known) -> list[LockHealth]:
    room = known.stay.room if known.stay is not None else None
    return sorted(known.locks, key=lambda one: (room is not None and room not in one.rooms, one.name))


def _own(known: Known, locks: Iterable[LockHealth]) -> list[LockHealth]:
    """Of her room, where that can be told."""
    room = known.stay.room if known.stay is not None else None
    return [one for one in locks if room is None or room in one.rooms]


def _codes(locks: Iterable[LockHealth]) -> set[str]:
    return {cause.code for one in locks for cause in one.causes}


def _is_out_of_reach(one: LockHealth) -> bool:
    return one.online is False or any(cause.code in OUT_OF_REACH for cause in one.causes)


def _reason(known: Known, locks: Sequence[LockHealth]) -> Reason:
    stay, cause, now = known.stay, known.cause, known.now
    if stay is not None:
        if known.is_held:
            return Reason.HELD
        if stay.access in ("none", "live") or cause == "no_access":
            return Reason.NO_ACCESS
        if stay.access == "waiting" and stay.room is None:
            return Reason.NO_ROOM
        if stay.access == "waiting" or (stay.access == "broken" and not stay.grants and not known.grants):
            return Reason.WITHHELD
        if cause == "stay_over" or (stay.ends_at is not None and stay.ends_at <= now):
            return Reason.OVER
    own = _own(known, locks)
    opens = known.verdict is Verdict.OPENS
    # A lock that has just refused something has power, and speaks with Seam.
    refused = bool(_refused(known)) and opens
    said = {cause} if opens else _codes(own) | {cause}
    if said & GONE:
        return Reason.NO_LOCK
    if stay is not None and stay.starts_at is not None and stay.starts_at > now:
        return Reason.EARLY
    if said & PRIVACY:
        return Reason.PRIVACY
    if FLAT in _codes(own) | {cause} and not refused:
        return Reason.FLAT
    if (any(_is_out_of_reach(one) for one in own) and not refused) or cause in OUT_OF_REACH:
        return Reason.OUT_OF_REACH
    if cause in TO_BE_MADE:
        return Reason.TO_BE_MADE
    if cause == TO_BE_ENCODED or cause in CARD_WAITS:
        return Reason.TO_BE_ENCODED if cause == TO_BE_ENCODED else Reason.CARD_NOT_READY
    if opens:
        return Reason.WRONG_PIN if refused else Reason.NO_KNOWN
    return Reason.NOT_WRITTEN


def _refused(known: Known) -> list[Entry]:
    """What her doors have refused of late, the newest first."""
    late = [one for one in known.entries if one.kind == EntryKind.REFUSED and one.at > known.now - LATELY]
    return sorted(late, key=lambda one: one.at, reverse=True)


def _facts(known: Known, locks: Sequence[LockHealth]) -> list[str]:
    found: list[str] = []
    refused = _refused(known)
    if refused:
        newest = refused[0]
        at, more = _clock(newest.at, known), len(refused) - 1
        found.append(
            say_number(
                more,
                "A wrong PIN or card was tried at {at} at {lock}, and {number} time before.",
                "A wrong PIN or card was tried at {at} at {lock}, and {number} times before.",
                at=at,
                lock=newest.door,
            )
            if more
            else say("A wrong PIN or card was tried at {at} at {lock}.", at=at, lock=newest.door)
        )
    opened = [one for one in known.entries if one.kind == EntryKind.OPENED and one.at > known.now - LATELY]
    if opened:
        newest = max(opened, key=lambda one: one.at)
        found.append(say("{lock} was opened at {at}.", lock=newest.door, at=_clock(newest.at, known)))
    if (former := _former_card(known)) is not None:
        found.append(former)
    for one in locks:
        if one.battery_level is not None and one.battery_status in ("critical", "low"):
            found.append(
                say("The battery of {lock} is at {level}.", lock=one.name, level=format(one.battery_level, ".0%"))
            )
        elif one.battery_status == "critical":
            found.append(say("The battery of {lock} is critical.", lock=one.name))
        elif one.battery_status == "low":
            found.append(say("The battery of {lock} is low.", lock=one.name))
        if one.online is False:
            since = _clock(one.online_changed_at, known)
            found.append(say("{lock} has been offline since {at}.", lock=one.name, at=since))
        found += [
            say("{of}: {words}.", of=one.name, words=cause.sentence)
            for cause in one.causes
            if cause.code not in (FLAT, "battery_low") and not (one.online is False and cause.code in OUT_OF_REACH)
        ]
    return found


def _former_card(known: Known) -> str | None:
    """What is to be said of the card that she has, where it is not the one that opens by now."""
    newest = next((one for one in known.cards if one.is_written), None)
    if newest is None or known.cause not in (TO_BE_ENCODED, *CARD_WAITS):
        return None
    at = _clock(newest.ended_at or newest.asked_at, known)
    if newest.seam_id in {one.seam_id for one in known.grants}:
        return say("Her access has changed since a card was encoded at {at}: it has to be encoded again.", at=at)
    return say(
        "The card that was encoded at {at} was for the access that she had before ({room}): it has to be encoded "
        "again.",
        at=at,
        room=newest.room,
    )


def _clock(at: datetime, known: Known) -> str:
    """ "22:58" of today, else with its day."""
    there, today = local(at, known.time_zone, known.now), local(known.now, known.time_zone, known.now)
    day, _, hour = there.rpartition(" ")
    is_today = day == today.rpartition(" ")[0]
    return Moment(hour, at, known.time_zone, only_hour=True) if is_today else there


def _steps(kind: StepKind, reason: Reason, known: Known, locks: Sequence[LockHealth]) -> list[Step]:
    own = _own(known, locks)
    match kind:
        case StepKind.UNLOCK:
            if reason not in WITH_RIGHT:
                return []
            able = [one for one in locks if one.can_unlock and not _is_out_of_reach(one)]
            return [_unlock(one, known) for one in able]
        case StepKind.SHOW_PIN:
            if not known.has_pin or not known.grants or (reason is Reason.OUT_OF_REACH and not _may_know_it(known)):
                return []
            return [Step(kind, _WHY_PIN.get(reason, _READ_IT_OUT), say("Show PIN"))]
        case StepKind.ENCODE_CARD:
            return [Step(kind, _ENCODE, say("Encode card"))] if known.has_card and known.grants else []
        case StepKind.NEW_PIN:
            return [_new_pin(known)] if known.has_pin and known.grants else []
        case StepKind.SPARE_KEY:
            rooms = sorted({room for one in own for room in one.rooms} & set(known.spare_rooms))
            return [
                Step(
                    kind,
                    say(
                        "A spare PIN lies ready on the lock of {room}; it opens until somebody has had it for some "
                        "hours.",
                        room=room,
                    ),
                    say("Spare key of {room}", room=room),
                    room=room,
                    confirm=say(
                        "It opens for whoever types it. The audit log has who was shown it, and its use is told."
                    ),
                )
                for room in rooms
            ]
        case StepKind.REPAIR:
            return [Step(kind, words) for words in dict.fromkeys(_repair(one) for one in own) if words]
        case StepKind.CALL:
            return [Step(kind, say("Call {whom}.", whom=known.call) if known.call else NOBODY_TO_CALL)]
        case StepKind.PUT_RIGHT:
            why = known.stay.reason if known.stay is not None else ""
            words = say("No access is made as the booking stands in the PMS. Put it right there first.")
            if why:
                told = message("No access is made as the booking stands in the PMS: {why}. Put it right there first.")
                words = say(told, why=why)
            return [Step(kind, words)]
        case StepKind.SYNC:
            return [Step(kind, _WHY_SYNC.get(reason, _READ_AGAIN), say("Sync now"))]
        case _:
            return [Step(kind, say(_WORDS[kind], person=PEOPLE[known.person]))]


NOBODY_TO_CALL = say("Call whoever is on duty. (The setting call of the policy can name them here.)")
_ENCODE = say("Writes a card at an encoder of the house; the page says first whether the card is ready for that.")
_READ_IT_OUT = say("Read the PIN out to her, digit by digit, and which door it is.")
_WHY_PIN = {
    Reason.WRONG_PIN: say(
        "She may have typed another PIN: read hers out to her, digit by digit, and which door it is."
    ),
    Reason.OUT_OF_REACH: say("The lock may know her PIN from before it was cut off: have her try it once more."),
}
_READ_AGAIN = say("Reads the PMS and Seam once more, and makes what is missing.")
_WHY_SYNC = {
    Reason.NO_ACCESS: say("Reads the PMS once more, after it was put right there."),
    Reason.HELD: say("Reads the PMS once more, after it was put right there."),
    Reason.NO_ROOM: say("Reads the PMS once more, after she was given a room: access is made at once."),
    Reason.WITHHELD: say("Reads the PMS once more, after it was put right there: access is made at once."),
    Reason.OVER: say("Reads the PMS once more, after the stay was extended there."),
    Reason.EARLY: say("Reads the PMS once more, after she was checked in there."),
    Reason.TO_BE_MADE: say("Makes her access again. It takes a minute until the lock has it."),
    Reason.NOT_WRITTEN: say("Asks Seam and the lock once more. It takes a minute."),
    Reason.CARD_NOT_READY: say("Asks Seam and the lock system once more. Then encode the card."),
}
_WORDS = {
    StepKind.ASSIGN_ROOM: message("Give the booking a room in the PMS: no door is hers before that."),
    StepKind.ASK_THE_PMS: message(
        "Look the booking up in the PMS: as it stands there, this {person} has no access. If that is "
        "wrong, put it right there first."
    ),
    StepKind.DECIDE_HELD: message(
        "Look the booking up in the PMS. If this {person} is to have access, put it right there; if not, approve under "
        "Held that hers is taken away."
    ),
    StepKind.EXTEND: message("Her stay is over. If she stays on, extend it in the PMS first."),
    StepKind.CHECK_IN: message(
        "Her access begins later. If her room is ready, check her in in the PMS, or set an earlier arrival there."
    ),
    StepKind.PLACE_LOCK: message("No lock in Seam belongs to this room: say under Locks which one does."),
    StepKind.KNOCK: message(
        "Somebody inside has locked up for privacy, and no PIN opens it: knock, and be sure that the room "
        "is empty or hers before anybody goes in."
    ),
    StepKind.OTHER_KEY: message("Take the house's own key or card to the door, or give her another room in the PMS."),
}


def _may_know_it(known: Known) -> bool:
    """Whether a lock that is cut off may have been told of her before."""
    return known.verdict is not Verdict.SHUT


def _unlock(one: LockHealth, known: Known) -> Step:
    return Step(
        StepKind.UNLOCK,
        say("Opens {lock} from here, once, for whoever stands before it.", lock=one.name),
        say("Unlock {lock}", lock=one.name),
        one.door_id,
        confirm=say(
            "{lock} opens for whoever stands before it. Be sure that it is this {person}.",
            lock=one.name,
            person=PEOPLE[known.person],
        ),
    )


def _new_pin(known: Known) -> Step:
    """With what it will do: which access is made anew, from when until when."""
    spans = [
        say("{who}, until {at}", who=one.label or one.key, at=local(one.ends_at, known.time_zone, known.now))
        if one.ends_at
        else one.label or one.key
        for one in known.grants
    ]
    told = say("Nobody tells her the new one but you.")
    if known.write_back:
        told = say("The PMS is told the new one.")
    return Step(
        StepKind.NEW_PIN,
        say("Makes her access anew with another PIN. It takes a minute or two until the lock has it."),
        say("New PIN"),
        confirm=say("Made anew: {what}. The PIN that she has opens no more. {told}", what=together(spans), told=told),
    )


def _repair(one: LockHealth) -> str:
    if _is_out_of_reach(one):
        cause = next((cause.sentence for cause in one.causes if cause.code in OUT_OF_REACH), "")
        why = cause or say("check its power and network")
        return say("{lock} cannot be reached: {why}.", lock=one.name, why=why)
    if FLAT in _codes([one]):
        return say(
            "Change the batteries of {lock}; many locks take power for one opening from a 9 V battery that is held "
            "against their contacts.",
            lock=one.name,
        )
    return ""
