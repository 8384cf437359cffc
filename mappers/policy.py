"""The rules of access that a hotel chooses; every one has a default. The types say what is allowed (`settings.declared`
tells how)."""

from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Annotated, Literal

from mappers.sentences import PEOPLE


@dataclass(frozen=True, slots=True)
class CommonArea:
    """A place that every guest may enter: a Space of its own, opened by every grant."""

    key: str
    name: str


COUNT = 10
AccessMethod = Literal["code", "card", "mobile_key", "cloud_key"]


@dataclass(frozen=True, slots=True)
class MaxRevocations:
    """How many may lose their access at once before the rest is held for somebody's word (see `reconciler.safety`).

    More than `count` and more than `percent` of the live ones; and in a house that is so small that `count` would be
    nearly everybody, more than `small_house` percent.
    """

    count: Annotated[int, range(1_000_001)] = COUNT
    percent: Annotated[int, range(101)] = 20
    small_house: Annotated[int | None, range(101)] = None

    @property
    def of_a_small_house(self) -> int:
        """Percent. Whoever has raised `count` above its default has decided for a small house as well."""
        if self.small_house is not None:
            return self.small_house
        return 40 if self.count <= COUNT else 100


@dataclass(frozen=True, slots=True)
class SpareCodes:
    """Spare keys: PINs that lie ready on the locks, for whoever stands before a door that does not take her own."""

    rooms: Annotated[int, range(4)] = 0
    """So many at the lock of each room; 0: none."""
    valid_for: timedelta = timedelta(hours=4)
    """From when one is shown to somebody."""


@dataclass(frozen=True, slots=True)
class Policy:
    """Who gets in, when, and how. The defaults are those of `config.example.yaml`, for a hotel."""

    guests: Literal["primary", "everyone"] = "primary"
    """`primary`: the main guest only; `everyone`: a grant for each guest."""
    children: bool = False
    """Whether, of `everyone`, guests under age get one too."""
    access_methods: tuple[AccessMethod, ...] = ("code",)
    instant_key_max_use_count: Annotated[int, range(1, 101)] = 3
    """On so many phones an instant key can be set up: Seam's own 1 locks out whoever has a second phone, or sets the
    first one up anew; a link that is passed on should not open the house to a crowd."""
    provision_ahead: timedelta = timedelta(days=14)
    """A grant is made when the arrival is this near."""
    early: timedelta = timedelta(0)
    late: timedelta = timedelta(0)
    replace_wait: timedelta = timedelta(seconds=20)
    """How long a moved guest's new grant waits for the former one's key to become free."""
    unassigned_alert: timedelta = timedelta(hours=4)
    room_types: tuple[str, ...] = ("Room", "Bed", "Dorm", "Apartment", "Suite", "Villa")
    common_areas: tuple[CommonArea, ...] = ()
    max_revocations: MaxRevocations = field(default_factory=MaxRevocations)
    spare_codes: SpareCodes = field(default_factory=SpareCodes)
    orphan_spaces: Literal["report", "delete"] = "report"
    retain_grants: timedelta = timedelta(days=2)
    retain_guests: timedelta = timedelta(days=30)
    horizon: timedelta = timedelta(days=60)
    write_back: Literal["token", "note", "off"] = "off"
    """Whether and how door codes are handed over to the PMS: `token`, `note` or `off`."""
    write_status: Literal["off", "first_entry", "window_start"] = "off"
    """When the PMS is told that a guest is checked in: never, once her own PIN has opened a door, or when her access
    begins."""
    pin: Literal["keep", "phone_last_4", "random"] = "keep"
    """Of a new grant: `keep` (the one that she had, else Seam's choice), `phone_last_4` (else as `keep`), `random`."""
    check_in: time | None = None
    """Local; for a PMS that gives only days. None: the PMS's own time for the room, else 15:00."""
    check_out: time | None = None
    """Likewise; else 11:00."""
    move_out: time | None = None
    """Local; of leases, the hour of their last day at which access ends. None: when the day is over."""
    call: str | None = None
    """Whom a clerk calls when a door stays shut: a name, a number."""
    time_zone: Annotated[str | None, "time_zone"] = None
    """IANA name, for a PMS that tells none."""
    person: str = "guest"
    """What whoever stays there is called, in reasons, alerts and pages; said by the preset, not by a setting."""

    @property
    def person_said(self) -> str:
        """The same, as part of a sentence."""
        return PEOPLE.get(self.person, self.person)


HOTEL = Policy()
LEASE = Policy(guests="everyone", check_in=time(0), check_out=time(0), person="tenant")
PRESETS = {"hotel": HOTEL, "lease": LEASE}
"""What a policy is where it says nothing else."""
