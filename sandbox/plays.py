"""What a demo shows: a PMS with a house that lives, the locks of it, and the page of buttons."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from sandbox.front_desk import FrontDesk
from sandbox.hotel_life import HotelLife
from sandbox.house import believable_house, equip_new_wing, equip_with_locks, new_wing
from sandbox.http import App
from sandbox.leasing_desk import LeasingDesk
from sandbox.residence import ENTRANCE, ResidenceLife, believable_residence
from sandbox.residence import equip_with_locks as equip_residence
from sandbox.seam_workspace import SeamWorkspace
from sandbox.webhooks import WebhookSender


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Play(Protocol):
    """What a demo needs of the PMS that it simulates."""

    connection: str
    pms: str
    desk_is: str
    try_this: str
    where: str
    """"in the hotel"."""
    made: str
    """What the first sync gave access to."""

    @property
    def app(self) -> App:
        """The simulated PMS."""

    def settings(self, pms_url: str, hook_token: str) -> str:
        """The YAML of the connection and its policy."""

    def equip(self, locks: SeamWorkspace, once: bool) -> None:
        """Gives the workspace doors; `once`: nobody will be there to connect any."""

    def desk(self, locks: SeamWorkspace) -> App:
        """The page of buttons."""

    def listen(self, url: str, hook_token: str) -> None:
        """From now on webhooks go to `url`."""

    def step(self, now: datetime) -> list[str]:
        """Lets something happen; a sentence each."""


class _Hotel:
    """A hotel with Mews."""

    connection = "alpen"
    pms = "Mews"
    desk_is = "The hotel's front desk"
    try_this = (
        "extend, move, cancel, check in, unplug a lock, and watch the report follow;\n"
        "  six rooms have no lock yet: connect their lock system on the report's page Locks"
    )
    where = "in the hotel"
    made = "guests"

    def __init__(self) -> None:
        self._house = believable_house(now=_utc_now)
        self._life = HotelLife(self._house, seed=7)

    @property
    def app(self) -> App:
        return self._house.hotel

    def settings(self, pms_url: str, hook_token: str) -> str:
        hotel = self._house.hotel
        return f"""\
connections:
  {self.connection}:
    connector: mews
    mews:
      base_url: "{pms_url}"
      client_token: "{hotel.client_token}"
      access_token: "{hotel.access_token}"
    webhook_token: "{hook_token}"
policies:
  hotel:
    common_areas: [{{key: lobby, name: Lobby}}]
    replace_wait: 3s
    write_back: token
"""

    def equip(self, locks: SeamWorkspace, once: bool) -> None:
        equip_with_locks(self._house, locks, but=() if once else new_wing(self._house))

    def desk(self, locks: SeamWorkspace) -> App:
        return FrontDesk(self._house.hotel, locks, _utc_now, signed_in=lambda: equip_new_wing(self._house, locks))

    def listen(self, url: str, hook_token: str) -> None:
        self._house.hotel.webhook_url = f"{url}?token={hook_token}"
        self._house.hotel.sender = WebhookSender()

    def step(self, now: datetime) -> list[str]:
        return self._life.step(now)


class _Residence:
    """A residence with Buildium."""

    connection = "elm"
    pms = "Buildium"
    desk_is = "The leasing office"
    try_this = "renew, transfer, let people move in and out, unplug a lock, and watch the report follow"
    where = "in the house"
    made = "tenants"

    def __init__(self) -> None:
        self._residence = believable_residence(now=_utc_now)
        self._life = ResidenceLife(self._residence, seed=7)

    @property
    def app(self) -> App:
        return self._residence.office

    def settings(self, pms_url: str, hook_token: str) -> str:
        office = self._residence.office
        return f"""\
connections:
  {self.connection}:
    connector: buildium
    buildium:
      base_url: "{pms_url}"
      client_id: "{office.client_id}"
      client_secret: "{office.client_secret}"
      webhook_secret: "{office.webhook_secret}"
policies:
  lease:
    preset: lease
    time_zone: {office.zone}
    common_areas: [{{key: {ENTRANCE}, name: Entrance}}]
    replace_wait: 3s
"""

    def equip(self, locks: SeamWorkspace, once: bool) -> None:
        equip_residence(self._residence, locks)

    def desk(self, locks: SeamWorkspace) -> App:
        return LeasingDesk(self._residence.office, locks, _utc_now)

    def listen(self, url: str, hook_token: str) -> None:
        self._residence.office.webhook_url = url
        self._residence.office.sender = WebhookSender()

    def step(self, now: datetime) -> list[str]:
        return self._life.step(now)


PLAYS: dict[str, Callable[[], Play]] = {"mews": _Hotel, "buildium": _Residence}
"""What can be simulated, by the connector's name; the first one where nobody chooses."""
