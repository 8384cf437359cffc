"""Who can open which door with which PIN now: asked of the locks, and held against the vendor's own books.

Written apart from the product, on purpose: it shares no code with connectors, mappers or reconciler, and it never asks
for a key. It knows three things only: what the books of the simulated vendor promise (`Right`), what the simulated
locks hold, and to whom each PIN was ever told. A person opens a door when a lock holds any PIN that she was ever told.

What cannot be avoided is allowed, and nothing else:

- A change in the PMS reaches the doors within one interval between two incremental runs, plus a minute in which the
  run itself waits for locks (`Watch.patience`).
- While the PMS or Seam does not answer, or Night Porter is not running, nothing can be done; the interval counts anew
  from the minute in which all three are well again.
- A change of which the vendor's API says nothing to anybody who asks for changes is found by the next full run
  (`excuse`); whoever makes such a change in a simulation says so.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.seam_workspace import SeamWorkspace

Opening = tuple[str, str]
"""A person, and a door that opens to her."""


class People:
    """Who is who. A name in a simulation belongs to one person for ever; two profiles can turn out to be one person."""

    def __init__(self) -> None:
        self._of_name: dict[str, str] = {}
        self._same: dict[str, str] = {}

    def call(self, person: str, name: str) -> None:
        """From now on this name is hers as well: when she is written down, and when her name is corrected."""
        assert self._of_name.setdefault(name, person) == person, f"two people called {name}"

    def merge(self, one: str, other: str) -> None:
        """The PMS says that the two are the same."""
        one, other = self.real(one), self.real(other)
        if one != other:
            self._same[one] = other

    def real(self, person: str) -> str:
        while person in self._same:
            person = self._same[person]
        return person

    def named(self, name: str | None) -> str:
        """Who is called so; a name that nobody has is somebody of her own."""
        return self.real(self._of_name.get(name or "", f"nobody known ({name})"))


@dataclass(frozen=True)
class Right:
    """What the books promise: one person, one door, from then until then (None: without an end)."""

    person: str
    door: str
    starts_at: datetime
    ends_at: datetime | None
    stay: str
    """The room-stay that it belongs to, in the vendor's words: within it, the same person keeps the same PIN."""
    is_due: bool = True
    """Whether she has to have it. Not where the room is out of use: there she may keep what she has."""
    due_from: datetime | None = None
    """Where the PMS lets her in earlier than it can tell: not due before then."""

    def holds(self, now: datetime) -> bool:
        return self.starts_at <= now and not self.is_over(now)

    def is_over(self, now: datetime) -> bool:
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True)
class Told:
    """A PIN that Seam tells for somebody, and the door for which it is meant."""

    person: str
    pin: str
    door: str
    starts_at: datetime
    ends_at: datetime | None


def told(seam: SeamWorkspace, people: People) -> Iterator[Told]:
    """Every PIN that can be read in Seam now, also of what is being deleted."""
    of_space: dict[str, list[str]] = {}
    for door in (*seam.entrances.values(), *seam.devices.values()):
        for space_id in door["space_ids"]:
            of_space.setdefault(space_id, []).append(door["display_name"])
    for grant in list(seam.access_grants.values()):
        identity = seam.user_identities.get(grant["user_identity_id"])
        person = people.named(identity["full_name"] if identity else None)
        starts_at = datetime.fromisoformat(grant["starts_at"])
        ends_at = datetime.fromisoformat(grant["ends_at"]) if grant["ends_at"] else None
        doors = [door for space_id in grant["space_ids"] for door in of_space.get(space_id, ())]
        for method_id in grant["access_method_ids"]:
            method = seam.access_methods.get(method_id)
            if method is not None and method.get("code"):
                for door in doors:
                    yield Told(person, method["code"], door, starts_at, ends_at)


@dataclass
class Verdict:
    """What was wrong over the whole time; each in words, the first of its kind only."""

    strangers: Counter[str] = field(default_factory=Counter)
    """Minutes in which somebody opens a door that is not hers."""
    outside: Counter[str] = field(default_factory=Counter)
    """Minutes in which somebody stands before a door that is hers."""
    handed_on: dict[str, str] = field(default_factory=dict)
    """PINs that were told to two people."""
    lost: dict[str, str] = field(default_factory=dict)
    """PINs that somebody lost although she kept her right."""
    openings: int = 0
    """Minutes times doors that opened to the right person."""

    def is_good(self) -> bool:
        return not (self.strangers or self.outside or self.handed_on or self.lost)

    def __str__(self) -> str:
        return "\n".join(
            [
                f"{sum(self.strangers.values())} minutes with a stranger at a door, "
                f"{sum(self.outside.values())} minutes outside, {len(self.handed_on)} PINs handed on, "
                f"{len(self.lost)} PINs lost",
                *(f"  {words}: {minutes} minutes" for words, minutes in [*self.strangers.items()][:8]),
                *(f"  {words}: {minutes} minutes" for words, minutes in [*self.outside.items()][:8]),
                *[*self.handed_on.values()][:8],
                *[*self.lost.values()][:8],
            ]
        )


class Watch:
    """Looks at every door once a minute, through everybody's eyes."""

    def __init__(self, seam: SeamWorkspace, people: People, patience: timedelta):
        """`patience`: how long doors and books may differ while everything is well."""
        self._seam = seam
        self.people = people
        self._patience = patience
        self.verdict = Verdict()
        self._told: dict[str, list[str]] = {}
        self._differs: dict[tuple[str, Opening], tuple[datetime, datetime]] = {}
        """What differs -> since when, and since when while all was well."""
        self._excused: dict[str, datetime] = {}
        self._pins: dict[tuple[str, str], set[str]] = {}
        self._two: dict[tuple[str, str], datetime] = {}
        self._stay_of: dict[str, str] = {}
        """PIN -> the stay for which somebody had it first."""

    def excuse(self, person: str, until: datetime) -> None:
        """Something about her has changed of which no incremental run can hear."""
        person = self.people.real(person)
        self._excused[person] = max(until, self._excused.get(person, until))

    def opens(self, now: datetime) -> set[Opening]:
        """Who opens which door now, with any PIN that she was ever told."""
        return self._opens(now, list(told(self._seam, self.people)))

    def pins(self, now: datetime, person: str) -> set[str]:
        """That somebody has been told and that are not over."""
        person = self.people.real(person)
        return {
            one.pin
            for one in told(self._seam, self.people)
            if one.person == person and (one.ends_at is None or one.ends_at > now)
        }

    def _opens(self, now: datetime, telling: list[Told]) -> set[Opening]:
        for one in telling:
            self._tell(now, one)
        opens = set()
        for door_id, keys in self._seam.opens().items():
            door = (self._seam.entrances.get(door_id) or self._seam.devices[door_id])["display_name"]
            for key in keys:
                if key.pin not in self._told:
                    # In a lock before anybody could read it in Seam.
                    identity = self._seam.user_identities.get(key.user_identity_id)
                    person = self.people.named(identity["full_name"] if identity else None)
                    self._tell(now, Told(person, str(key.pin), door, key.starts_at, key.ends_at))
                opens |= {(self.people.real(person), door) for person in self._told[str(key.pin)]}
        return opens

    def look(self, now: datetime, rights: Iterable[Right], all_is_well: bool) -> None:
        """`rights`: of the books as they are now, those to come as well."""
        real = self.people.real
        rights = [right for right in rights if not right.is_over(now)]
        telling = list(told(self._seam, self.people))
        opens = self._opens(now, telling)
        may = {(real(right.person), right.door) for right in rights if right.holds(now)}
        due = {
            (real(right.person), right.door)
            for right in rights
            if right.is_due and right.holds(now) and (right.due_from is None or right.due_from <= now)
        }
        self.verdict.openings += len(opens & may)
        differs = {("stranger", one) for one in opens - may} | {("outside", one) for one in due - opens}
        self._count(now, differs, all_is_well)
        self._compare_pins(now, rights, telling, all_is_well)

    def _tell(self, now: datetime, one: Told) -> None:
        who = self._told.setdefault(one.pin, [])
        if one.person not in who:
            who.append(one.person)
        if len({self.people.real(person) for person in who}) > 1:
            self.verdict.handed_on.setdefault(
                one.pin, f"  {now:%a %d %H:%M}: {one.person} is told the PIN of {who[0]} (door {one.door})"
            )

    def _count(self, now: datetime, differs: set[tuple[str, Opening]], all_is_well: bool) -> None:
        before, self._differs = self._differs, {}
        for what in differs:
            since, well_since = before.get(what, (now, now))
            if not all_is_well or self._excused.get(what[1][0], now) > now:
                well_since = now
            self._differs[what] = (since, well_since)
            if now - well_since > self._patience:
                kind, (person, door) = what
                counted = self.verdict.strangers if kind == "stranger" else self.verdict.outside
                counted[f"{person} and door {door} since {since:%a %d %H:%M}"] += 1

    def _compare_pins(self, now: datetime, rights: list[Right], telling: list[Told], all_is_well: bool) -> None:
        """Within a stay, the same person has the same PIN, in whichever room and until whenever."""
        by_person: dict[str, list[Told]] = {}
        for one in telling:
            by_person.setdefault(one.person, []).append(one)
        seen = set()
        for right in rights:
            person = self.people.real(right.person)
            which = (person, right.stay)
            if which in seen:
                continue
            seen.add(which)
            if self._has_two(rights, right):
                self._pins.pop(which, None)
                self._two.pop(which, None)
                continue
            pins = {
                one.pin
                for mine in rights
                if mine.stay == right.stay and self.people.real(mine.person) == person
                for one in by_person.get(person, ())
                if one.door == mine.door
                # One that is over opens nothing: it may be of another stay of hers, which met this one while it lasted.
                and (one.ends_at is None or one.ends_at > now)
                and _overlap(one, mine)
                # That of another stay of hers at this door may still be there, with the end that it had before.
                and self._stay_of.setdefault(one.pin, right.stay) == right.stay
            }
            if not pins:
                # Out of use, and without a PIN: when it is in use again, another one is right.
                if not any(mine.is_due for mine in rights if mine.stay == right.stay):
                    self._pins.pop(which, None)
                continue
            before = self._pins.get(which)
            if before and not before & pins:
                words = f"  {now:%a %d %H:%M}: {person} had {sorted(before)} and has {sorted(pins)} (stay {right.stay})"
                self.verdict.lost.setdefault(f"{which} {sorted(pins)}", words)
            self._pins[which] = pins
            if len(pins) == 1 or not all_is_well or self._excused.get(person, now) > now:
                self._two.pop(which, None)
            elif now - self._two.setdefault(which, now) > self._patience:
                words = f"  {now:%a %d %H:%M}: {person} has two PINs {sorted(pins)} (stay {right.stay})"
                self.verdict.lost.setdefault(f"{which} two", words)
        # Whoever's right ended for a while (cancelled, without a room) may come back to another PIN.
        for which in [one for one in self._pins if one not in seen]:
            del self._pins[which]

    def _has_two(self, rights: list[Right], right: Right) -> bool:
        """Whether she has another stay at the same door in the same time: nobody can say which PIN is of which."""
        person, mine = self.people.real(right.person), [one for one in rights if one.stay == right.stay]
        return any(
            other.stay != right.stay
            and self.people.real(other.person) == person
            and any(one.door == other.door and _meet(one, other) for one in mine)
            for other in rights
        )


def _meet(one: Right, other: Right) -> bool:
    return (other.ends_at is None or one.starts_at < other.ends_at) and (
        one.ends_at is None or other.starts_at < one.ends_at
    )


def _overlap(one: Told, right: Right) -> bool:
    begins_in_time = right.ends_at is None or one.starts_at < right.ends_at
    return begins_in_time and (one.ends_at is None or right.starts_at < one.ends_at)
