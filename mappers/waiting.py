"""A stay that has no room, or names nobody, yet: what is said of it, and from when on somebody should assign a room."""

from dataclasses import dataclass
from datetime import datetime

from connectors.records import Property
from mappers.outcomes import Outcome
from mappers.policy import Policy
from mappers.sentences import message, say
from mappers.stay_window import StayWindow, local

NOBODY_NAMED = message("waiting for a {person}: the booking names nobody who stays")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the report says, and when time alone changes it (UTC)."""

    reason: str
    outcome: Outcome
    look_again_at: datetime | None = None


def waiting_for_a_room(window: StayWindow, policy: Policy, of: Property, now: datetime) -> Waiting:
    due_at = window.starts_at - policy.provision_ahead
    if now < due_at:
        made = local(due_at, of.time_zone, now)
        return Waiting(say("waiting for a room; access is made from {at}", at=made), Outcome.WAITING, due_at)
    alert_at = window.starts_at - policy.unassigned_alert
    arrival = local(window.starts_at, of.time_zone, now)
    if now < alert_at:
        return Waiting(say("waiting for a room (arrival {at})", at=arrival), Outcome.WAITING, alert_at)
    return Waiting(say("waiting for a room, and the arrival is {at}: assign one in the PMS", at=arrival), Outcome.ALERT)
