"""Records whose ids would make somebody else's keys are refused by name, before anything is looked up by them."""

from collections.abc import Iterable

from connectors.records import Booking, BrokenRecord
from mappers.keys import Keys
from mappers.policy import Policy
from mappers.sentences import say
from reconciler.pull import Pulled


def keep_apart(pulled: Pulled, keys: Keys, policy: Policy) -> None:
    """Takes out of what was read whatever would read as another connection's, or as a common area; each is a broken
    record that says so. What exists for it stays as it is."""
    of = pulled.of
    areas = {keys.common_area(area.key, of.id, of.shares_connection): area.name for area in policy.common_areas}
    for room_id in list(pulled.rooms):
        key = keys.room(room_id)
        if key in areas:
            reason: str = say(
                "The room's id is the key of the common area {area}, and both would be one Space that every guest "
                "opens: give the common area another key in the policy.",
                area=areas[key],
            )
        elif (owner := keys.owner_of(key)) is not None:
            reason = _reads_as(say("The room's id {id}", id=room_id), owner)
        else:
            continue
        del pulled.rooms[room_id]
        pulled.broken.append(BrokenRecord("room", room_id, reason))
    for booking_id, booking in list(pulled.bookings.items()):
        found = next(((what, owner) for what, key in _keys_of(booking, keys) if (owner := keys.owner_of(key))), None)
        if found is not None:
            del pulled.bookings[booking_id]
            pulled.broken.append(BrokenRecord("booking", booking_id, _reads_as(*found)))
    for ids in (pulled.gone, pulled.doubtful, pulled.contradicted):
        ids -= {one for one in ids if keys.owner_of(keys.grant(one)) is not None}


def _keys_of(booking: Booking, keys: Keys) -> Iterable[tuple[str, str]]:
    yield say("The booking's id {id}", id=booking.id), keys.grant(booking.id)
    for guest_id in (*booking.guest_ids, *booking.unclear_guest_ids):
        yield say("A guest's id on it"), keys.guest(guest_id)


def _reads_as(what: str, owner: str) -> str:
    return say(
        "{what} begins as the keys of connection {owner} do, and what that one made in Seam is not to be touched: give "
        "this connection a key_prefix of its own.",
        what=what,
        owner=owner,
    )
