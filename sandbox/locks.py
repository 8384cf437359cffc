"""What the locks of a simulated workspace hold: the truth about who can open what, whatever was asked for.

A lock knows nothing of grants or bookings. It holds PINs (or keys), each with its times, from the moment at which one
was written to it until the moment at which it was erased there.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Ways:
    """How a lock takes codes."""

    schedules_itself: bool = True
    """Keeps the times of a code by itself, and so takes it three days ahead; otherwise an hour ahead."""
    draws_own_codes: bool = False
    """Its maker chooses the PIN, whatever was asked for."""
    forgets: bool = True
    """Whether a code can be taken back; where not, it opens until its end."""
    pin_lengths: tuple[int, ...] = (4, 5, 6, 7, 8)


@dataclass(slots=True, eq=False)
class Held:
    """One key in one lock, from `since` until `until` (None: it is still there); instants are aware UTC."""

    door_id: str
    mode: str
    """`code`, `card`, `mobile_key` or `cloud_key`."""
    pin: str | None
    access_method_id: str
    access_grant_id: str
    access_grant_key: str | None
    user_identity_id: str
    user_identity_key: str | None
    """Of the person whose grant it was when it was written."""
    reservation_key: str | None
    starts_at: datetime
    ends_at: datetime | None
    since: datetime
    until: datetime | None = None

    def opens(self, at: datetime) -> bool:
        """Whether it opens the door at that instant."""
        return (
            self.since <= at
            and (self.until is None or at < self.until)
            and self.starts_at <= at
            and (self.ends_at is None or at < self.ends_at)
        )

    @property
    def opened_from(self) -> datetime:
        """The instant from which it opened the door."""
        return max(self.since, self.starts_at)

    @property
    def opened_until(self) -> datetime | None:
        """The instant from which it opened no more; None where nothing ends it. Not after `opened_from`: never."""
        ends = [one for one in (self.until, self.ends_at) if one is not None]
        return min(ends) if ends else None


class Locks:
    """Every lock of one workspace. `log` is all they ever held, in the order of writing."""

    def __init__(self) -> None:
        self.log: list[Held] = []
        self._now: dict[str, dict[str, Held]] = {}
        self._by_method: dict[str, dict[str, Held]] = {}

    def write(self, held: Held) -> None:
        """Puts a key in its lock, instead of the one of the same access method."""
        self.erase(held.door_id, held.access_method_id, held.since)
        self.log.append(held)
        self._now.setdefault(held.door_id, {})[held.access_method_id] = held
        self._by_method.setdefault(held.access_method_id, {})[held.door_id] = held

    def erase(self, door_id: str, access_method_id: str, at: datetime) -> bool:
        """Takes a key out of a lock; False where it was not there."""
        held = self._now.get(door_id, {}).pop(access_method_id, None)
        if held is None:
            return False
        self._by_method[access_method_id].pop(door_id, None)
        held.until = max(at, held.since)
        return True

    def of_method(self, access_method_id: str) -> list[Held]:
        """Where an access method is at present."""
        return list(self._by_method.get(access_method_id, {}).values())

    def in_door(self, door_id: str) -> list[Held]:
        """What a lock holds at present, whether it opens now, later, or no more."""
        return list(self._now.get(door_id, {}).values())

    def open_now(self, at: datetime) -> Iterator[Held]:
        """Whatever opens a door at that instant, which is not before the last writing."""
        for here in self._now.values():
            for held in here.values():
                if held.opens(at):
                    yield held

    def opened(self, at: datetime) -> Iterable[Held]:
        """Whatever opened a door at any instant of the past."""
        return (held for held in self.log if held.opens(at))
