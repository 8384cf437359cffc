"""Spaces: a property's rooms and common areas in Seam, and which locks are in them."""

from collections.abc import Iterable
from typing import Any

from mappers.resources import DesiredSpace
from seam_workspace import answers
from seam_workspace.calls import Calls
from seam_workspace.existing import ExistingDoor, ExistingSpace

KEEP_DOORS = 300.0
"""Seconds for which it is known which of a property's Spaces have override locks."""


class Spaces(Calls):
    """Looked up, listed, made, changed and deleted."""

    def space_by_key(self, key: str) -> ExistingSpace | None:
        """The Space with that very key; None when there is none. No document says whether "A1" finds "a1" as well."""
        found = self._get_named(
            "spaces/get", {"space_key": key}, lambda: self._seam.spaces.get(space_key=key), answers.space
        )
        return found if found is None or found.key in (key, None) else None

    def list_spaces(self, customer_key: str) -> list[ExistingSpace]:
        """All Spaces of one property."""
        return self._pages("spaces/list", self._seam.spaces.list, {"customer_key": customer_key}, answers.space)

    def list_every_space(self, at_most_pages: int) -> tuple[list[ExistingSpace], bool]:
        """Spaces of the whole workspace, and whether that was all."""
        found: list[ExistingSpace] = []
        return found, self._each_page("spaces/list", self._seam.spaces.list, {}, answers.space, found, at_most_pages)

    def reservation_space_ids(
        self, customer_key: str | None, at_most_pages: int | None = None
    ) -> tuple[frozenset[str], bool]:
        """Ids of the Spaces that have an entrance which can belong to a reservation, of one property or (None) of the
        whole workspace; and whether that was all.

        What is known of a property is kept for some minutes, unless we change its doors: bookings change all the time,
        doors hardly ever, and a key that Seam takes nowhere is left out, a lock that needs one is seen by the next full
        run."""
        kept = self._reservation_spaces.get(customer_key or "")
        if customer_key is not None and kept is not None and self._pace.clock() - kept[0] < KEEP_DOORS:
            return kept[1], True
        entrances: list[answers.Sharing] = []
        complete = self._each_page(
            "acs/entrances/list",
            self._seam.acs.entrances.list,
            {} if customer_key is None else {"customer_key": customer_key},
            answers.sharing,
            entrances,
            at_most_pages,
            None,
        )
        found = frozenset(space_id for one in entrances if one.by_reservation for space_id in one.space_ids)
        choosy = (space_id for one in entrances if one.may_choose_codes for space_id in one.space_ids)
        self._own_code_spaces = self._own_code_spaces | frozenset(choosy)
        if customer_key is not None and complete:
            self._reservation_spaces[customer_key] = (self._pace.clock(), found)
        return found, complete

    @property
    def own_code_space_ids(self) -> frozenset[str]:
        """Of the Spaces that `reservation_space_ids` has seen: those with a lock that may choose its PINs itself."""
        return self._own_code_spaces

    def create_space(self, wanted: DesiredSpace) -> ExistingSpace:
        """Makes the Space, or finds it when it exists already (then it may differ from what is wanted)."""
        self._reservation_spaces.clear()
        return self._create(
            "spaces/create",
            lambda: answers.space(
                self._seam.spaces.create(
                    name=wanted.name,
                    space_key=wanted.key,
                    customer_key=wanted.customer_key,
                    customer_data=_customer_data(wanted),
                )
            ),
            lambda: self.space_by_key(wanted.key),
        )

    def update_space(self, space_id: str, wanted: DesiredSpace) -> None:
        self._call(
            "spaces/update",
            lambda: self._seam.spaces.update(space_id=space_id, name=wanted.name, customer_data=_customer_data(wanted)),
        )

    def set_doors(self, space_id: str, doors: Iterable[ExistingDoor], *, beside_others: bool = True) -> None:
        """Makes these the doors of the Space, and no others; what is in it beside doors (a thermostat) stays.

        `beside_others`: whether there may be anything of that kind.
        """
        doors = list(doors)
        self._reservation_spaces.clear()
        others: list[str] = []
        if beside_others:
            listed = self._pages(
                "devices/list",
                self._seam.devices.list,
                {"space_id": space_id},
                lambda device: device.device_id if answers.device(device) is None else None,
            )
            others = [device_id for device_id in listed if device_id is not None]
        self._call(
            "spaces/update",
            lambda: self._seam.spaces.update(
                space_id=space_id,
                device_ids=sorted([*others, *(door.id for door in doors if not door.is_entrance)]),
                acs_entrance_ids=sorted(door.id for door in doors if door.is_entrance),
            ),
        )

    def delete_space(self, space_id: str) -> None:
        self._delete("spaces/delete", lambda: self._seam.spaces.delete(space_id=space_id))


def _customer_data(wanted: DesiredSpace) -> dict[str, Any]:
    data: dict[str, Any] = {}
    if wanted.time_zone is not None:
        data["time_zone"] = wanted.time_zone
    if wanted.check_in is not None:
        data["default_checkin_time"] = f"{wanted.check_in:%H:%M}"
    if wanted.check_out is not None:
        data["default_checkout_time"] = f"{wanted.check_out:%H:%M}"
    return data
