"""Reservations of Cloudbeds by their ids, for which there are several lists and none is certain."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from connectors.cloudbeds.stays import ONE_OF_SEVERAL, OVER, STATES
from connectors.cloudbeds.wire import (
    CloudbedsWire,
    Json,
    Unsuccessful,
    id_in,
    is_true,
    property_id,
    reservation_id_of,
    text_in,
    values,
)
from connectors.errors import PmsRefused
from connectors.reading import batches
from connectors.records import Property
from mappers.sentences import sentence_of

MOST_IDS = 50
"""So many reservations are asked for by id at once: their ids stand in the address."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


class ReservationsById:
    """For one run. `listed` reads getReservations by filters."""

    def __init__(self, wire: CloudbedsWire, listed: Callable[[Property, Json], list[Json]]):
        self._wire = wire
        self._listed = listed
        self.are_listed = True
        """Whether there is a list by id, as far as is known."""

    def rate_details(self, params: Json) -> list[Json] | None:
        """None where Cloudbeds does not offer such a list."""
        if not self.are_listed:
            return None
        try:
            return self._wire.read("getReservationsWithRateDetails", params, reservation_id_of)
        except PmsRefused as problem:
            if problem.status not in (404, 405):
                raise
            self.are_listed = False
            return None

    def listed(self, of: Property, reservations: Sequence[str]) -> dict[str, Json]:
        """Reservations, deleted ones as well, in one question for many. Source: getReservationsWithRateDetails."""
        found: dict[str, Json] = {}
        for batch in batches(reservations, MOST_IDS):
            params = {
                "propertyID": of.id,
                "reservationID": ",".join(batch),
                "includeDeleted": "true",
                "includeGuestsDetails": "true",
            }
            items = self.rate_details(params)
            if items is None:
                return {}
            found.update((reservation_id_of(item), item) for item in items if property_id(item) in ("", of.id))
        return found

    def single(self, of: Property, reservation_id: str, was_left_out: bool) -> Json | None:
        """A reservation that the list by id has not; None: the PMS does not know it.

        What getReservation answers to an id that is not there is UNVERIFIED, and a read that failed must never look
        like it. So it takes two words: the list, asked for that very id, did not have it (`was_left_out`), and
        getReservation has it neither. Where there is no such list, getReservation itself has to say so in words; any
        other failure is raised. Sources: getReservation, getReservationRoomDetails, getReservations.
        """
        params = {"propertyID": of.id, "reservationID": reservation_id}
        operation = "getReservation"
        try:
            item = self._wire.data(operation, params)
        except Unsuccessful as problem:
            if was_left_out or problem.is_absent:
                return None
            raise
        except PmsRefused as problem:
            if problem.status not in (400, 404):
                raise
            if was_left_out:
                return None
            # Half a deployment answers 404 as well.
            raise Unsuccessful(sentence_of(problem), operation=operation, is_absent=False) from None
        if reservation_id_of(item) != reservation_id:
            said = f"{self._wire.name}: the PMS answered {operation} with another reservation than was asked for"
            raise Unsuccessful(said, operation=operation, is_absent=False)
        is_over = STATES.get(text_in(item, "status")) in OVER
        assigned = item.get("assigned")
        # What is no list stays as a line that cannot be read: a room that is not told is not one that was taken away.
        told = values(assigned) if isinstance(assigned, list | dict) else [assigned]
        told += values(item.get("unassigned"))
        times = Counter(id_in(line, "subReservationID") for line in told if isinstance(line, dict))
        if not is_over and any(number > 1 for number in times.values()):
            listed = self._among_those_of_its_days(of, item)
            if listed is not None:
                return listed
        lines: list[Any] = []
        for line in told:
            if not isinstance(line, dict):
                lines.append(line)
                continue
            known = {**line, "roomCheckIn": line.get("startDate"), "roomCheckOut": line.get("endDate")}
            part = id_in(line, "subReservationID")
            if times[part] > 1 and not is_over:
                known["roomStatus"] = ONE_OF_SEVERAL
            elif id_in(line, "roomID") and part and not is_over:
                details = self._wire.data("getReservationRoomDetails", {"propertyID": of.id, "subReservationID": part})
                known |= {key: details[key] for key in ("roomStatus", "guestID") if key in details}
            else:
                known["roomStatus"] = "not_checked_in"
            lines.append(known)
        return {**item, "rooms": lines}

    def _among_those_of_its_days(self, of: Property, item: Json) -> Json | None:
        """A reservation as the list of those with its arrival and departure has it, with the status of every room; None
        where that list does not have it. getReservationRoomDetails tells of one room by an id, and somebody who moves
        during the stay has several. Source: getReservations."""
        arrival, departure = text_in(item, "startDate"), text_in(item, "endDate")
        if not _DAY.fullmatch(arrival) or not _DAY.fullmatch(departure):
            return None
        days = {"checkInFrom": arrival, "checkInTo": arrival, "checkOutFrom": departure, "checkOutTo": departure}
        for one in self._listed(of, days):
            if reservation_id_of(one) == reservation_id_of(item):
                return one
        return None

    def is_gone(self, of: Property, reservation_id: str) -> bool:
        """Whether a list that has deleted reservations as well says that there is no such reservation any more."""
        try:
            found = self.listed(of, [reservation_id])
        except Unsuccessful:
            return False
        item = found.get(reservation_id)
        return self.are_listed and (item is None or is_true(item.get("isDeleted")))
