"""In which unit of Apaleo a guest stays, and when: the plan of a reservation."""

from datetime import datetime, timedelta
from typing import NamedTuple

from connectors.apaleo.wire import Json
from connectors.records import Span

SHORTEST_NIGHT = timedelta(hours=16)
"""A gap in the plan of units that is shorter is the time between check-out and check-in, where no nights are told."""


class _Stretch(NamedTuple):
    """A part of a stay in one unit, or in none yet."""

    starts: datetime
    ends: datetime
    unit_id: str | None


class TwoUnits(Exception):
    """A plan of units that has the guest in two of them at once."""


def whereabouts(reservation: Json) -> tuple[str | None, tuple[Span, ...]]:
    """The unit of the whole stay, or the spans of a stay in several; a part without a unit is a span without a room.

    The plan is in `assignedUnits`, else in `timeSlices`, one for each night. Between two nights in the same unit the
    guest keeps it. The reservation's own `unit` is only one of several (UNVERIFIED which): it counts where there is no
    plan. Raises `TwoUnits`.
    """
    arrival, departure = reservation["arrival"], reservation["departure"]
    slices = reservation["timeSlices"] or ()
    pieces = [
        (part["starts"], part["ends"], assigned["unit"]["id"])
        for assigned in reservation["assignedUnits"] or ()
        for part in assigned["timeRanges"] or ()
    ] or [(night["starts"], night["ends"], night["unit"]["id"]) for night in slices if night["unit"] is not None]
    if not pieces:
        assigned_units = {assigned["unit"]["id"] for assigned in reservation["assignedUnits"] or ()}
        if len(assigned_units) == 1:
            return assigned_units.pop(), ()
        # A plan that is there and has not a single night, which every stay has, has been lost on the way to us.
        has_plan = reservation["timeSlices"] != [] and (slices or reservation["assignedUnits"] is not None)
        return None if has_plan else (reservation["unit"] or {}).get("id"), ()

    def is_night(start: datetime, end: datetime) -> bool:
        """Whether a gap in the plan is a night without a unit, and not the time between check-out and check-in."""
        if not slices:
            return end - start >= SHORTEST_NIGHT
        return any(
            min(end, night["ends"]) - max(start, night["starts"]) > (night["ends"] - night["starts"]) / 2
            for night in slices
        )

    stretches: list[_Stretch] = []
    for starts, ends, unit_id in sorted(pieces):
        here = _Stretch(max(starts, arrival), min(ends, departure), unit_id)
        if here.ends <= here.starts:
            continue
        before = stretches[-1] if stretches else None
        if before is not None and before.unit_id == unit_id and not is_night(before.ends, here.starts):
            stretches[-1] = before._replace(ends=max(before.ends, here.ends))
            continue
        if before is not None and before.ends > here.starts:
            if before.starts == here.starts or before.ends > here.ends:
                raise TwoUnits
            stretches[-1] = before._replace(ends=here.starts)
        stretches.append(here)
    if not stretches:
        return None, ()
    plan: list[_Stretch] = []
    at = arrival
    for stretch in stretches:
        if is_night(at, stretch.starts):
            plan.append(_Stretch(at, stretch.starts, None))
        elif not plan:
            stretch = stretch._replace(starts=arrival)
        plan.append(stretch)
        at = stretch.ends
    if is_night(at, departure):
        plan.append(_Stretch(at, departure, None))
    else:
        plan[-1] = plan[-1]._replace(ends=departure)
    if len(plan) == 1:
        return plan[0].unit_id, ()
    return None, tuple(Span(one.unit_id, one.starts, one.ends) for one in plan)
