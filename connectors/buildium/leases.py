"""A lease of Buildium as a booking of equals: who lives there, from when until when, and what to look at."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from connectors.buildium.wire import Json
from connectors.records import Booking, BookingStatus, Property, Term, day_in
from mappers.sentences import say, say_number, together

STATUSES = {
    "Active": BookingStatus.IN_HOUSE,
    "Future": BookingStatus.CONFIRMED,
    "Past": BookingStatus.CHECKED_OUT,
}


NOT_GIVEN = say("Buildium forbids to read this lease: check the properties and permissions of its API key.")
ANOTHER = say("Buildium, asked for this lease, answered with something else.")
"""Why a lease cannot be read that was asked for by its id."""


class Unreadable(Exception):
    """A record that cannot be used; the message is the end of a sentence about it."""


def with_tenants(lease: Json) -> Json:
    """The lease with a list of tenants, whatever it tells of them, and whether it names them. Whoever has moved out is
    still in the list: an empty one says nothing."""
    told = lease["Tenants"]
    if told is None and lease["LeaseStatus"] == "Active" and lease["CurrentTenants"]:
        told = [{"Id": one["Id"], "Status": "Current", "MoveInDate": None} for one in lease["CurrentTenants"]]
    return {**lease, "Tenants": told or [], "names_people": bool(told)}


def booking_of(lease: Json, of: Property, kind: str, today: date) -> Booking:
    """A lease as a booking of equals. Raises `Unreadable`."""
    status = STATUSES.get(lease["LeaseStatus"], BookingStatus.UNKNOWN)
    terms: dict[str, Term] = {}
    unclear: list[str] = []
    left: list[str] = []
    # Somebody moves out, and on which day is not told: for her nothing is made, and nothing taken.
    some_day = {one["TenantId"] for one in lease["MoveOutData"] or () if one["MoveOutDate"] is None}
    if status is not BookingStatus.CHECKED_OUT:
        for tenant in lease["Tenants"]:
            if tenant["Id"] in some_day and tenant["Status"] != "MovedOut":
                unclear.append(str(tenant["Id"]))
            elif tenant["Status"] in ("Current", "Future"):
                term = _term(tenant, lease)
                if term is not None:
                    one = str(tenant["Id"])
                    terms[one] = _together(terms[one], term) if one in terms else term
            else:
                (left if tenant["Status"] == "MovedOut" else unclear).append(str(tenant["Id"]))
    begins = lease["LeaseFromDate"] or today
    arrival = min((day_in(term.arrival) for term in terms.values()), default=begins)
    departures = [term.departure for term in terms.values()]
    ends = None if None in departures else max((day_in(one) for one in departures if one is not None), default=None)
    whole = Term(arrival, ends)
    return Booking(
        id=str(lease["Id"]),
        property_id=of.id,
        number=str(lease["Id"]),
        status=status,
        status_word=lease["LeaseStatus"],
        arrival=arrival,
        departure=ends,
        room_id=str(lease["UnitId"]),
        requested_kind=kind,
        guest_ids=tuple(terms),
        has_primary=False,
        names_people=lease["names_people"],
        terms={one: term for one, term in terms.items() if term != whole},
        unclear_guest_ids=tuple(one for one in unclear if one not in terms),
        left_guest_ids=tuple(one for one in left if one not in terms and one not in unclear),
        review=_review(lease, terms, today) if status is BookingStatus.IN_HOUSE else None,
        word="Lease",
    )


def _term(tenant: Json, lease: Json) -> Term | None:
    """From when until when one person lives there: to the end of the day on which she moves out, or on which Buildium
    moves everybody out by itself. The mere end of a lease is nobody's. None: she leaves before she comes."""
    arrival = tenant["MoveInDate"] or lease["LeaseFromDate"]
    if arrival is None:
        raise Unreadable(say("has no LeaseFromDate, and a tenant no MoveInDate"))
    own = (one["MoveOutDate"] for one in lease["MoveOutData"] or () if one["TenantId"] == tenant["Id"])
    leaves = max((day for day in own if day is not None), default=None)
    if leaves is not None and leaves >= arrival:
        return Term(arrival, _day_after(leaves))
    if leaves is not None and tenant["Status"] == "Future":
        return None
    # Whoever lives there, and has left before she came, has lived there before, on the same lease.
    if lease["AutomaticallyMoveOutTenants"] and lease["LeaseToDate"] is not None:
        return Term(arrival, _day_after(lease["LeaseToDate"]))
    return Term(arrival, None)


def _together(one: Term, other: Term) -> Term:
    """Of somebody who is on the lease twice: she lives there from the first day to the last."""
    ends = (one.departure, other.departure)
    departure = None if None in ends else max(day_in(end) for end in ends if end is not None)
    return Term(min(day_in(one.arrival), day_in(other.arrival)), departure)


def _review(lease: Json, terms: Mapping[str, Term], today: date) -> str | None:
    """What a person should look at in an active lease, though it changes nobody's access."""
    found: list[str] = []
    until = lease["LeaseToDate"]
    is_past_its_end = until is not None and until < today
    if is_past_its_end and not terms:
        found.append(
            say(
                "a forgotten lease: it ended on {day} and nobody lives there any more, end it in Buildium",
                day=_said(until),
            )
        )
    current = {str(one["Id"]) for one in lease["Tenants"] if one["Status"] == "Current"} & terms.keys()
    # After a lease of the other types people stay on by the contract.
    if is_past_its_end and current and lease["LeaseType"] not in ("FixedWithRollover", "AtWill"):
        found.append(
            say_number(
                len(current),
                "holding over: the lease ended on {day} and {number} tenant is still current, access stays; renew it "
                "or move them out in Buildium",
                "holding over: the lease ended on {day} and {number} tenants are still current, access stays; renew it "
                "or move them out in Buildium",
                day=_said(until),
            )
        )
    overdue = [one for one in current if (leaves := terms[one].departure) is not None and day_in(leaves) <= today]
    if overdue:
        found.append(
            say_number(
                len(overdue),
                "the day of moving out is over, access has ended, and {number} tenant is still current: move them out "
                "or correct the date in Buildium",
                "the day of moving out is over, access has ended, and {number} tenants are still current: move them "
                "out or correct the date in Buildium",
            )
        )
    if lease["IsEvictionPending"]:
        found.append(say("an eviction is pending: access stays until Buildium says that they have moved out"))
    return together(found) or None


def touches(booking: Booking, start: datetime, end: datetime) -> bool:
    """Whether a lease that was asked for may touch a window, wherever on earth its days are."""
    if booking.status is BookingStatus.CHECKED_OUT or day_in(booking.arrival) > end.date() + timedelta(days=1):
        return False
    is_over = booking.departure is not None and day_in(booking.departure) < start.date() - timedelta(days=1)
    # People who live there past their day are looked at for as long as they do.
    return not is_over or booking.status is BookingStatus.IN_HOUSE


def _day_after(day: date) -> date | None:
    """None for the last day that there is: somebody's way to say "never"."""
    return None if day == date.max else day + timedelta(days=1)


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"
