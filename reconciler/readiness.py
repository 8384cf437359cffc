"""Will her door open? The one answer that pages, alerts, programs and the terminal give, for the clerk who has the
guest in front of her: it opens, it does not, because ..., or it is not sure, because ...

It is the answer for a stay, from what the last run found of it (`store.stays`) and from what Seam last said of its
grants (`store.health`): a run and every look at a booking note that, each grant judged by `reconciler.judge`. Pure.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from mappers.keys import split_generation
from mappers.sentences import Moment, message, say, together
from mappers.stay_window import local, zone
from reconciler.judge import CARD_NOT_READY, ISSUING, NO_DOOR, TO_BE_ENCODED, VERDICTS, Verdict
from store.health import Health
from store.pending_revocations import PendingRevocation
from store.stays import Stay

TOLD_BY = timedelta(minutes=15)
"""A lock that has not confirmed a guest's access for this long, with the guest about to come, is no good sign."""
NO_ROOM_YET = "no_room_yet"
"""A stay that waits for a room, and there is time enough."""
STILL_THERE = "still_at_the_door"
"""Access was taken away, and a lock may not have forgotten it yet."""
WRITTEN_FIRST, WRITTEN_LATEST = timedelta(hours=72), timedelta(minutes=60)
"""Before the start, Seam writes a PIN to a lock that keeps its times by itself, and to any other. Seam does not say
which of the two a lock is."""
ROOM_DUE = timedelta(hours=24)
"""Before this, nobody has to have given a booking its room."""
CARD_WAITS = frozenset({CARD_NOT_READY, "waiting_for_access_on_acs_system"})
"""The access system has not got yet what a card needs. It should have that long before the guest arrives."""
_CARD_LATE = say(
    "the lock system has still not got what the card needs, so nobody can encode it: see under Locks whether it is "
    "connected, then sync now"
)
TRUSTED = timedelta(hours=24)
"""What Seam said longer ago than this, of a guest who is here or comes within half of it, is not relied upon."""


class DoorState(StrEnum):
    """In order of how badly a person is needed."""

    BROKEN = "broken"
    WAITING = "waiting"
    UNSURE = "unsure"
    WILL_WORK = "will work"
    WORKS = "works"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A stay, and what its guest will find at the door."""

    stay: Stay
    state: DoorState
    why: str
    checked_at: datetime | None = None
    """When Seam last said so."""
    verdict: Verdict = Verdict.UNSURE
    cause: str = ""
    """Seam's code or a word of ours that decides the verdict; empty where nothing is wrong."""
    sentence: str = ""
    """The verdict in words: "Opens from 23 Sep 15:00.", "Does not open, because ...", "Not sure, because ..."."""
    opens: str = ""
    """Of what opens, from when: "Opens", "Opens from 15:00"."""

    @property
    def is_out(self) -> bool:
        """Whether nothing of hers is to open any more, also where a lock may not know that yet: she is offered no PIN
        and no card."""
        return self.cause in ("no_access", "stay_over", STILL_THERE)

    @property
    def look(self) -> str:
        """Which of the report's states it is shown as (`docs/design.md`): `ready`, `notyet`, `broken`, `unknown`,
        `held` or `none`. Access that nobody should have is never `ready`."""
        if self.cause in ("no_access", "stay_over"):
            return "none"
        if self.cause == STILL_THERE or self.stay.access == "live":
            return "held"
        if self.stay.access == "kept":
            return "broken" if self.verdict is Verdict.SHUT else "unknown"
        if self.verdict is not Verdict.UNSURE:
            return "ready" if self.verdict is Verdict.OPENS else "broken"
        if self.state is DoorState.BROKEN:
            return "broken"
        return "notyet" if self.state is DoorState.WILL_WORK or self.cause == NO_ROOM_YET else "unknown"

    @property
    def words(self) -> str:
        """The verdict in two words."""
        if self.cause == STILL_THERE:
            return say("May still open")
        if self.cause in ("no_access", "stay_over"):
            return say("No access") if self.cause == "no_access" else say("Over")
        if self.stay.access == "live" and self.verdict is not Verdict.SHUT:
            return say("Still has access") if self.verdict is Verdict.OPENS else say("May still open")
        if self.verdict is Verdict.OPENS:
            return self.opens
        if self.verdict is Verdict.SHUT:
            return say("Does not open")
        return say("Not yet") if self.look == "notyet" else say("Not sure")


def arrival(
    stay: Stay,
    healths: Sequence[Health],
    now: datetime,
    time_zone: str = "UTC",
    pending: Sequence[PendingRevocation] = (),
) -> Arrival:
    """The readiness of one stay. `healths` are what Seam last said of its grants; `time_zone` is the property's;
    `pending` is what was taken away from it and has not left its locks yet, as far as Seam says."""
    found = _arrival(stay, healths, now, time_zone)
    # Nobody is said to have no access before Seam has said that the locks know it.
    left = [one for one in pending if _may_open(one, now) and (found.is_out or one.looked_at is not None)]
    if not left or stay.access == "live":
        return found
    where = ", ".join(sorted({room for one in left for room in one.rooms})) or say("a room")
    ends = [one.ends_at for one in left]
    latest = None if None in ends else local(max(filter(None, ends)), time_zone, now)
    words = say("the lock of {rooms} has not forgotten it yet", rooms=where)
    if all(one.looked_at is None for one in left):
        words = say("the lock of {rooms} has not confirmed yet that it has forgotten it", rooms=where)
    if found.is_out:
        until = f", until {latest} at the latest" if latest is not None else ""
        sentence = f"May still open: access was taken away, and {words}{until}."
        why = together((stay.reason, words))
        return replace(found, verdict=Verdict.UNSURE, cause=STILL_THERE, why=why, sentence=sentence)
    note = say("access that was taken away from this booking may still open, for {why}", why=words)
    if latest is not None:
        told = message(
            "access that was taken away from this booking may still open, for {why}, until {at} at the latest"
        )
        note = say(told, why=words, at=latest)
    why = together((found.why, note)) if found.why else note
    return replace(found, why=why, sentence=f"{found.sentence.removesuffix('.')}; {note}.")


def _may_open(one: PendingRevocation, now: datetime) -> bool:
    """Whether what was taken away has not ended by itself."""
    return one.ends_at is None or one.ends_at > now


def _arrival(stay: Stay, healths: Sequence[Health], now: datetime, time_zone: str) -> Arrival:
    checked_at = min((health.at for health in healths), default=None)

    def is_(state: DoorState, verdict: Verdict, cause: str, why: str) -> Arrival:
        sentence = sentence_of(verdict, why, stay.starts_at, now, time_zone)
        return Arrival(
            stay, state, why, checked_at, verdict, cause, sentence, opens_from(stay.starts_at, now, time_zone)
        )

    if stay.access == "none":
        why: str = stay.reason or say("this stay gets no access")
        return Arrival(stay, DoorState.WILL_WORK, why, checked_at, Verdict.SHUT, "no_access", f"No access: {why}.")
    if stay.access == "live":
        return _still_live(stay, healths, checked_at)
    if stay.access == "kept":
        found = _arrival(replace(stay, access="granted"), healths, now, time_zone)
        sentence = f"{found.sentence.removesuffix('.')}; {stay.reason}."
        return replace(found, stay=stay, state=DoorState.BROKEN, why=stay.reason, sentence=sentence)
    if stay.access == "broken":
        shut = [health for health in healths if verdict_of(health) is Verdict.SHUT]
        return is_(
            DoorState.BROKEN,
            Verdict.SHUT,
            _cause(shut) or ("no_door" if any(one in stay.reason for one in NO_DOOR) else "not_made"),
            stay.reason,
        )
    if stay.access == "waiting":
        if stay.room is None and stay.starts_at is not None and stay.starts_at > now + ROOM_DUE:
            sentence = f"Not yet: {stay.reason}."
            return Arrival(stay, DoorState.WAITING, stay.reason, checked_at, Verdict.UNSURE, NO_ROOM_YET, sentence)
        return is_(DoorState.WAITING, Verdict.SHUT, "waiting", stay.reason)
    if stay.ends_at is not None and stay.ends_at <= now:
        why = say("the stay ended on {at}", at=local(stay.ends_at, time_zone, now))
        return is_(DoorState.WILL_WORK, Verdict.SHUT, "stay_over", why)
    if stay.access == "due":
        return is_(DoorState.WILL_WORK, Verdict.UNSURE, "not_made_yet", stay.reason)
    failed = [health for health in healths if verdict_of(health) is Verdict.SHUT]
    if failed:
        return is_(DoorState.BROKEN, Verdict.SHUT, _cause(failed), _together(failed))
    late = [health for health in healths if health.state == ISSUING]
    if late and len(healths) >= stay.grants and all(health.cause == TO_BE_ENCODED for health in late):
        # It waits for somebody at the desk, and for no lock: that is no trouble, however late it is.
        why = _together(late)
        sentence = f"Not yet: {why}."
        return Arrival(stay, DoorState.WILL_WORK, why, checked_at, Verdict.UNSURE, TO_BE_ENCODED, sentence)
    if late or len(healths) < stay.grants or not healths:
        if late and stay.starts_at is not None and now >= _told_from(stay.starts_at, late) + TOLD_BY:
            told = message("the lock has not confirmed it: {why}; check that it is online, then sync now")
            why = _CARD_LATE if _cause(late) in CARD_WAITS else say(told, why=_together(late))
            return is_(DoorState.BROKEN, Verdict.UNSURE, _cause(late), why)
        why = _together(late) or say("nothing heard from the lock yet")
        if stay.starts_at is not None and now < stay.starts_at - WRITTEN_LATEST and _cause(late) in ("", "not_issued"):
            why = _when_written(stay.starts_at, now, time_zone)
        return is_(DoorState.WILL_WORK, Verdict.UNSURE, _cause(late) or "not_issued", why)
    unsure = [health for health in healths if verdict_of(health) is not Verdict.OPENS]
    if unsure:
        return is_(DoorState.UNSURE, Verdict.UNSURE, _cause(unsure), _together(unsure))
    near = stay.starts_at is None or stay.starts_at <= now + TRUSTED / 2
    if near and checked_at is not None and checked_at < now - TRUSTED:
        why = say("Seam was last asked on {at}: sync now asks again", at=local(checked_at, time_zone, now))
        return is_(DoorState.UNSURE, Verdict.UNSURE, "not_asked_lately", why)
    return is_(DoorState.WORKS, Verdict.OPENS, _cause(healths), _together(healths))


def _told_from(starts_at: datetime, late: Iterable[Health]) -> datetime:
    """From when on (UTC) the locks were surely to be told; of a card, from when on it should be ready to be encoded."""
    late = list(late)
    since = min(health.since or health.at for health in late)
    return max(since, starts_at - (ROOM_DUE if _cause(late) in CARD_WAITS else WRITTEN_LATEST))


def _when_written(starts_at: datetime, now: datetime, time_zone: str) -> str:
    """When a lock that has not confirmed a guest's access yet is told of it."""
    latest = local(starts_at - WRITTEN_LATEST, time_zone, now)
    first = starts_at - WRITTEN_FIRST
    if now < first:
        told = message("Seam tells the lock between {first} and {latest}")
        return say(told, first=local(first, time_zone, now), latest=latest)
    return say("Seam tells the lock at {latest} at the latest", latest=latest)


def _still_live(stay: Stay, healths: Sequence[Health], checked_at: datetime | None) -> Arrival:
    """The answer for access that should have ended: as long as nobody has taken it away, it opens."""
    gone = bool(healths) and all(health.cause in ("no_grant", "being_deleted") for health in healths)
    verdict = Verdict.UNSURE if gone else Verdict.OPENS
    words = "May still open until Seam has taken it away" if gone else "Still has access"
    return Arrival(
        stay,
        DoorState.BROKEN,
        stay.reason,
        checked_at,
        verdict,
        "not_revoked",
        f"{words}, though it should not: {stay.reason}.",
    )


def arrivals(
    stays: Iterable[Stay],
    healths: Iterable[Health],
    now: datetime,
    zones: Mapping[tuple[str, str], str] | None = None,
    pending: Iterable[PendingRevocation] = (),
) -> list[Arrival]:
    """The readiness of many stays, in their order. `zones`: time zones by connection and property; `pending`: what was
    taken away from them and has not left its locks yet."""
    by_booking: dict[tuple[str, str], list[Health]] = {}
    for health in healths:
        by_booking.setdefault((health.connection, health.booking_id), []).append(health)
    going: dict[tuple[str, str], list[PendingRevocation]] = {}
    for one in pending:
        going.setdefault((one.connection, one.booking_id), []).append(one)
    return [
        arrival(
            stay,
            by_booking.get((stay.connection, stay.booking_id), ()),
            now,
            (zones or {}).get((stay.connection, stay.property_id), "UTC"),
            going.get((stay.connection, stay.booking_id), ()),
        )
        for stay in stays
    ]


# --- as it stands now -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """Will her door open? As it stands now, asked from Seam."""

    verdict: Verdict
    cause: str
    sentence: str


class GrantNow(Protocol):
    """What is asked of a grant that was just looked at."""

    @property
    def key(self) -> str: ...
    @property
    def being_deleted(self) -> bool: ...
    @property
    def over(self) -> bool: ...
    @property
    def verdict(self) -> Verdict: ...
    @property
    def cause(self) -> str: ...
    @property
    def sentence(self) -> str: ...


def answer_now(
    stay: Stay | None,
    healths: Sequence[Health],
    grants: Sequence[GrantNow],
    now: datetime,
    time_zone: str,
    seam_trouble: str | None = None,
    pending: Sequence[PendingRevocation] = (),
) -> Answer:
    """The answer for a booking that was just looked at: what the last run found of its stay, with what Seam has now.

    `healths`: what was last found of the grants that it is linked with; `grants`: all that Seam has for it, those being
    deleted as well. `seam_trouble`: why Seam could not be asked, if so. `pending`: see `arrival`.
    """
    if seam_trouble is not None:
        why = f"Seam could not be asked: {seam_trouble}"
        return Answer(Verdict.UNSURE, "seam_not_asked", f"Not sure, because {why}.")
    if stay is not None and stay.access == "none" and any(not one.over for one in grants):
        # Whatever the last run found: what Seam has now opens.
        if all(one.being_deleted for one in grants if not one.over):
            found = arrival(stay, healths, now, time_zone, pending)
            if found.cause == STILL_THERE:
                return Answer(found.verdict, found.cause, found.sentence)
            return Answer(Verdict.UNSURE, "being_deleted", "May still open until Seam has taken it away.")
        return Answer(Verdict.OPENS, "not_revoked", f"Still has access, though it should not: {stay.reason}.")
    if stay is not None:
        found = arrival(stay, healths, now, time_zone, pending)
        is_there = found.verdict is not Verdict.SHUT and found.cause != STILL_THERE
        if is_there and (gone := _gone_since(healths, grants, pending)) is not None:
            return gone
        return Answer(found.verdict, found.cause, found.sentence)
    if not grants:
        why = "Seam has no access for this booking"
        return Answer(Verdict.SHUT, "no_grant", f"Does not open, because {why}.")
    living = [one for one in grants if not one.being_deleted] or grants
    gravest = next(one for one in living if one.verdict is worst([each.verdict for each in living]))
    return Answer(gravest.verdict, gravest.cause, gravest.sentence)


def _gone_since(
    healths: Sequence[Health], grants: Sequence[GrantNow], pending: Sequence[PendingRevocation]
) -> Answer | None:
    """What is to be said where access that the last look found is not there now, or is being deleted, whoever did
    that, and no other has taken its place; None where all of it is there."""
    living = {split_generation(one.key)[0] for one in grants if not one.being_deleted}
    gone = {one.seam_id for one in healths if one.key not in living}
    if not gone:
        return None
    if gone <= {one.seam_id for one in pending}:
        why = "a run is taking this access away, or making it anew, at this moment: look again in a minute"
        return Answer(Verdict.UNSURE, "being_deleted", f"Not sure, because {why}.")
    if any(one.being_deleted for one in grants):
        why = "its access is being deleted in Seam: sync now makes it again"
        return Answer(Verdict.SHUT, "being_deleted", f"Does not open, because {why}.")
    why = "its access was deleted in Seam: sync now makes it again"
    return Answer(Verdict.SHUT, "no_grant", f"Does not open, because {why}.")


# --- words ------------------------------------------------------------------------------------------------------------


def sentence_of(
    verdict: Verdict,
    why: str,
    starts_at: datetime | None,
    now: datetime,
    time_zone: str = "UTC",
) -> str:
    """A verdict in words for the clerk; the time is the property's."""
    if verdict is Verdict.SHUT:
        return f"Does not open, because {why}."
    if verdict is Verdict.UNSURE:
        return f"Not sure, because {why or 'the lock has not confirmed it'}."
    return f"{opens_from(starts_at, now, time_zone)}{f'; {why}' if why else ''}."


def opens_from(starts_at: datetime | None, now: datetime, time_zone: str) -> str:
    """ "Opens"; "Opens from 23 Sep 15:00" of what begins later."""
    if starts_at is not None and starts_at > now:
        return say("Opens from {at}", at=_moment(starts_at, now, time_zone))
    return say("Opens")


def _moment(instant: datetime, now: datetime, time_zone: str) -> str:
    """ "15:00" of today, else "23 Sep 15:00"."""
    there = zone(time_zone) or UTC
    if instant.astimezone(there).date() == now.astimezone(there).date():
        return Moment(f"{instant.astimezone(there):%H:%M}", instant, time_zone, only_hour=True)
    return local(instant, time_zone, now)


def verdict_of(health: Health) -> Verdict:
    """The verdict that is stored; a row of an earlier version has its state only."""
    if health.verdict is not None:
        return Verdict(health.verdict)
    return VERDICTS[health.state]


def _cause(healths: Iterable[Health]) -> str:
    return next((health.cause for health in healths if health.cause), "")


def _together(healths: Iterable[Health]) -> str:
    return together(dict.fromkeys(health.why for health in healths if health.why))


def worst(verdicts: Collection[Verdict]) -> Verdict:
    """The verdict on several grants together: it opens only where every one does."""
    order = (Verdict.SHUT, Verdict.UNSURE, Verdict.OPENS)
    return next((one for one in order if one in verdicts), Verdict.UNSURE)
