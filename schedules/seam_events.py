"""Whose is an event of Seam? Events name Seam's ids; this finds the connection, the property and the bookings.

What needs no look at the PMS is settled here: an access method that was issued is noted for the pages; what is not
ours, or not ours any more (Seam tells us of our own deletions too), is ignored, and so is the echo of what we wrote
ourselves. An echo is known by its content, never by its time alone: the times that a grant was given are those that we
gave it, and a key that was revoked by an update of ours is issued again, or else it is looked at.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from mappers.keys import split_generation
from mappers.outcomes import Kind
from mappers.sentences import say
from reconciler.entry_log import ENTRIES, OPENED, AtLock, booking_of
from reconciler.judge import ISSUED
from reconciler.lock_health import OTHER_PINS_NEWS, TOLD_FOR
from schedules.connections import Connections
from store.accounts import LockAccounts
from store.costs import Bill, Cost, Costs
from store.engine import Database, Fence
from store.entries import Entries, Entry, EntryKind
from store.health import GrantHealth, Health
from store.inbox import Delivery, Inbox
from store.links import Link, Links
from store.lock_health import LockHealthBook, locks_by_id
from store.properties import Properties
from store.spare_keys import SpareKeys
from store.stays import Stays

REVOKED = "access_method.revoked"
TIMES_CHANGED = "access_grant.access_times_changed"
LOOK = frozenset({"access_grant.deleted", TIMES_CHANGED, REVOKED, "access_method.deleted"})
"""Somebody changed access in Seam: the booking is looked at again, and put right."""
CHECK = frozenset(
    {
        "access_grant.could_not_create_requested_access_methods",
        "access_method.failed_to_issue",
        "access_method.delay_in_issuing",
        "access_method.card_encoding_required",
        "access_grant.access_to_door_lost",
    }
)
"""Something does not go as it should: Seam is asked why, for the pages."""
ISSUED_EVENTS = frozenset({"access_method.issued", "access_method.reissued"})
SPACES = frozenset({"space.deleted", "space.device_membership_changed"})
LOCKS = frozenset(
    {
        "connected_account.disconnected",
        "connected_account.connected",
        "connected_account.deleted",
        "connected_account.completed_first_sync",
        "connected_account.completed_first_sync_after_reconnection",
        "connected_account.reauthorization_requested",
        "acs_system.added",
        "acs_system.connected",
        "acs_system.disconnected",
        "acs_entrance.added",
        "acs_entrance.removed",
        "device.added",
        "device.removed",
        "device.deleted",
        "device.connected",
        "device.disconnected",
        "device.connection_became_flaky",
        "device.connection_stabilized",
        "device.tampered",
        "device.low_battery",
        "device.battery_status_changed",
        "device.third_party_integration_detected",
        "device.third_party_integration_no_longer_detected",
        "device.error.subscription_required",
        "device.error.subscription_required.resolved",
        "device.salto.privacy_mode_activated",
        "device.salto.privacy_mode_deactivated",
        "device.accessory_keypad_connected",
        "device.accessory_keypad_disconnected",
        *TOLD_FOR,
    }
)
"""A lock, or a whole lock system, came, went or fell ill: everybody about to arrive is looked up again."""
ECHO = timedelta(minutes=5)
"""An update of ours revokes a grant's keys until its locks have heard of it; what is not issued again by then is looked
at, whoever revoked it."""
ARRIVALS = "arrivals"
"""What of a delivery's property is to be checked: the doors of everybody who is about to arrive, or here."""
KNOWN = LOOK | CHECK | ISSUED_EVENTS | SPACES | LOCKS | ENTRIES


NOT_OURS = say("not ours, or not ours any more")
AS_IT_SHOULD_BE = say("as it should be")
ISSUED_AGAIN = say("issued again")
NOTHING_DONE = (NOT_OURS, AS_IT_SHOULD_BE, ISSUED_AGAIN)
CONFIRMED = say("noted: the lock has confirmed it")
NOTED_ENTRY = say("noted: an entry")
NOTED_PINS = say("noted: PINs of others")
ASKED_DOORS = say("asked Seam for the arrivals' doors")
"""What comes of events, for the inbox."""


class SeamRouter:
    """Finds out whose Seam's events are."""

    def __init__(
        self,
        store: Database,
        connections: Connections,
        *,
        clock: Callable[[], datetime],
        check_arrivals: Callable[[str, str], None],
        looked_at: Callable[[str], None],
    ):
        """`check_arrivals(connection, property id)` and `looked_at(connection)` tell its worker what to do."""
        self._store = store
        self._connections = connections
        self._clock = clock
        self._check_arrivals = check_arrivals
        self._looked_at = looked_at
        self._inbox = Inbox(store)
        self._bills: dict[str, Bill] = {}
        """How many webhooks each connection had."""

    def route(self, turn: Fence | None = None) -> int:
        """Routes what has come in; returns how many events that were. `turn`: nothing is written once it is over."""
        number = 0
        store = self._store if turn is None else self._store.fenced(turn)
        while events := self._inbox.without_connection():
            self._route(events, store)
            for connection, bill in self._bills.items():
                with bill.taken() as counts:
                    Costs(store).add(connection, counts, self._clock())
            number += len(events)
        return number

    def _route(self, events: Sequence[Delivery], store: Database) -> None:
        inbox = Inbox(store)
        ids = {one for event in events for one in event.subjects.get("seam_ids", ())}
        known = Links(self._store).of_seam(ids)
        by_key = self._links_by_key(events)
        routed: list[tuple[int, str, str | None, Mapping[str, Any]]] = []
        issued: list[Health] = []
        done: dict[str, list[Delivery]] = {}
        issued_again = self._issued_again(events)
        written = Links(self._store).written_at(known) if any(event.kind == REVOKED for event in events) else {}
        later: dict[int, datetime] = {}
        for event in events:
            if event.kind in ENTRIES:
                done.setdefault(self._entry(event, store), []).append(event)
                continue
            if event.kind in LOCKS:
                done.setdefault(self._lock_event(event, store), []).append(event)
                continue
            mine = [known[one] for one in event.subjects.get("seam_ids", ()) if one in known]
            if not mine and event.kind not in ("access_grant.deleted", "access_grant.access_times_changed"):
                mine = [by_key[one] for one in event.subjects.get("keys", ()) if one in by_key]
            if not mine:
                done.setdefault(NOT_OURS, []).append(event)
                continue
            connection, kind, key, property_id, _ = mine[0]
            self._count(event, [(connection, property_id or "")])
            of = self._connections.get(connection)
            # A PIN that the event does not tell is asked for before anybody says that it opens.
            has_one_way_in = (
                of is not None
                and len(of.policy.access_methods) == 1
                and ("code" not in of.policy.access_methods or bool(event.subjects.get("told")))
            )
            if kind == Kind.SPACE:
                subjects: dict[str, Any] = {"rooms": [key], "for_ever": True}
                if connection in self._connections and property_id:
                    # Its room may have a lock by now, or none any more.
                    self._check_arrivals(connection, property_id)
            elif event.kind in ISSUED_EVENTS and of is not None and of.policy.write_back != "off":
                # The PMS has to be told the PIN, so the booking is looked at as a whole.
                subjects = {"bookings": [one[4] for one in mine if one[4]], "for_ever": True}
                if has_one_way_in:
                    issued.append(self._issued(event, mine[0]))
            elif event.kind in ISSUED_EVENTS and has_one_way_in:
                issued.append(self._issued(event, mine[0]))
                done.setdefault(CONFIRMED, []).append(event)
                continue
            elif event.kind == TIMES_CHANGED and self._in_step(event, connection, key):
                done.setdefault(AS_IT_SHOULD_BE, []).append(event)
                continue
            elif event.kind == REVOKED and _is_issued_again(event, issued_again):
                done.setdefault(ISSUED_AGAIN, []).append(event)
                continue
            else:
                subjects = {"bookings": [one[4] for one in mine if one[4]], "for_ever": True}
                ours = [written[one] for one in event.subjects.get("seam_ids", ()) if one in written]
                if event.kind == REVOKED and ours and event.received_at < max(ours) + ECHO:
                    subjects |= {name: event.subjects.get(name, []) for name in ("methods", "occurred_at")}
                    later[event.id] = event.received_at + ECHO
                if event.kind in CHECK or event.kind in ISSUED_EVENTS:
                    subjects["check"] = ["health"]
            routed.append((event.id, connection, property_id, subjects))
        if issued:
            GrantHealth(store).note(issued)
        now = self._clock()
        for note, delivered in done.items():
            outcome = "ignored" if note in NOTHING_DONE else "done"
            inbox.done(delivered, now, outcome, note)
        if issued_again:
            for held in inbox.held(REVOKED):
                if held.connection in self._connections and _is_issued_again(held, issued_again):
                    inbox.done([held], now, "ignored", ISSUED_AGAIN)
        if routed:
            inbox.assign(routed, now, later, say("revoked, perhaps by our own update: issued again, or looked at"))
            for connection in {one[1] for one in routed}:
                self._looked_at(connection)

    def _count(self, event: Delivery, of: Sequence[tuple[str, str]]) -> None:
        """Counts a webhook once: for the property that it is about; where it is about several of one connection, for
        the connection; where about several connections, for none of them. What was asked for is no webhook."""
        if event.subjects.get("asked"):
            return
        connections = {connection for connection, _ in of}
        if len(connections) == 1:
            property_id = of[0][1] if len(set(of)) == 1 else ""
            self._bills.setdefault(of[0][0], Bill()).add(property_id, Cost.SEAM_WEBHOOKS, event.times)

    def _issued_again(self, events: Sequence[Delivery]) -> dict[str, datetime]:
        """When access methods were issued, by their ids."""
        found: dict[str, datetime] = {}
        for event in events:
            at = _instant(event.subjects.get("occurred_at"))
            if event.kind in ISSUED_EVENTS and at is not None:
                for method_id in event.subjects.get("methods", ()):
                    found[method_id] = max(at, found.get(method_id, at))
        return found

    def _links_by_key(self, events: Sequence[Delivery]) -> dict[str, tuple[str, str, str, str | None, str | None]]:
        """Links by the key that an event names, with its generation."""
        asked = {one for event in events for one in event.subjects.get("keys", ())}
        found: dict[str, tuple[str, str, str, str | None, str | None]] = {}
        if not asked:
            return found
        bases = {key: split_generation(key)[0] for key in asked}
        others = {one.connection for one in Properties(self._store).known()} - self._connections.keys()
        for connection in (*self._connections, *sorted(others)):
            links: dict[str, Link] = {
                link.key: link for link in Links(self._store).of_keys(connection, sorted({*bases.values(), *asked}))
            }
            for key, base in bases.items():
                link = links.get(key) or links.get(base)
                if link is not None and any(
                    key in event.subjects.get("keys", ()) and self._is_of(event, connection) for event in events
                ):
                    found.setdefault(key, (connection, link.kind, link.key, link.property_id, link.booking_id))
        return found

    def _is_of(self, event: Delivery, connection: str) -> bool:
        """Whether that connection works in the workspace from which an event came, as far as is known here."""
        of = self._connections.get(connection)
        return of is None or of.keys.workspace == "".join(event.subjects.get("workspace", ()))

    def _issued(self, event: Delivery, link: tuple[str, str, str, str | None, str | None]) -> Health:
        connection, _, key, _, booking_id = link
        at = _instant(event.subjects.get("occurred_at")) or event.received_at
        seam_id = next(iter(event.subjects.get("seam_ids", ())), "")
        return Health(connection, key, booking_id or "", seam_id, ISSUED, "", None, at)

    def _in_step(self, event: Delivery, connection: str, key: str) -> bool:
        """Whether the times are those that we set ourselves: an echo. Anything that is not sure is looked at."""
        links = Links(self._store).of_keys(connection, [key])
        starts_at, ends_at = _instant(event.subjects.get("starts_at")), _instant(event.subjects.get("ends_at"))
        if not links or starts_at is None:
            return False
        if ends_at is not None and (starts_at, ends_at) == (links[0].starts_at, links[0].ends_at):
            return True
        stay = Stays(self._store).get(connection, links[0].booking_id) if links[0].booking_id else None
        return stay is not None and (starts_at, ends_at) == (stay.starts_at, stay.ends_at)

    def _entry(self, event: Delivery, store: Database) -> str:
        """Somebody opened a lock, or it refused somebody: noted for its property, whoever looks after that."""
        at = _instant(event.subjects.get("occurred_at")) or event.received_at
        users = Links(self._store).of_seam(event.subjects.get("users", ()))
        way = "".join(event.subjects.get("way", ()))[:20]
        found = []
        codes = event.subjects.get("codes", ()) if event.kind == OPENED else ()
        for lock in locks_by_id(self._store, event.subjects.get("locks", ())):
            spare = bool(codes) and bool(SpareKeys(store, lock.connection).used(codes, at))
            if spare and lock.connection in self._connections:
                # Another one is made at once.
                self._check_arrivals(lock.connection, lock.property_id)
            mine = {key for connection, kind, key, *_ in users.values() if connection == lock.connection}
            if spare or (event.subjects.get("users") and not mine):
                booking_id = None
            else:
                by_user = next(iter(mine), None)
                said = AtLock(at, way, by_user, bool(event.subjects.get("foreign")), event.kind != OPENED)
                grants = Links(self._store).grants_at(lock.connection, lock.property_id, at)
                booking_id = booking_of(said, lock, grants)
            kind = EntryKind.OPENED if event.kind == OPENED else EntryKind.REFUSED
            of = (lock.connection, lock.property_id, lock.door_id, lock.name)
            code_id = next(iter(codes), "")[:64] or None
            found.append(Entry(event.event_id, *of, kind, way, booking_id, at, code_id, bool(mine)))
        self._count(event, [(one.connection, one.property_id) for one in found])
        Entries(store).note(found)
        return NOTED_ENTRY if found else NOT_OURS

    def _lock_event(self, event: Delivery, store: Database) -> str:
        """Whom a lock or an account belongs to: by the customer key, by the account; else everybody is checked. Those
        of connections that other processes look after find it in their inbox."""
        accounts = {one.account_id: one for one in LockAccounts(self._store).all()}
        properties = Properties(self._store).known()
        wanted: set[tuple[str, str]] = set()
        for account_id in event.subjects.get("accounts", ()):
            if (account := accounts.get(account_id)) is not None:
                wanted.add((account.connection, account.property_id))
        for customer_key in event.subjects.get("customers", ()):
            wanted |= {
                (one.connection, one.property_id)
                for one in properties
                if (of := self._connections.get(one.connection)) and of.keys.customer(one.property_id) == customer_key
            }
        wanted = wanted or {(one.connection, one.property_id) for one in properties}
        wanted = {one for one in wanted if self._is_of(event, one[0])}
        self._count(event, sorted(wanted))
        for connection, property_id in sorted(wanted):
            if event.kind in TOLD_FOR:
                at = _instant(event.subjects.get("occurred_at")) or event.received_at
                locks = event.subjects.get("locks", ())
                LockHealthBook(store, connection).tell(property_id, locks, event.kind, at)
            if event.kind in OTHER_PINS_NEWS:
                continue
            if connection in self._connections:
                self._check_arrivals(connection, property_id)
            else:
                # One for all that come until somebody looks: the others may be gone for good.
                Inbox(store).put(
                    event.source,
                    f"{event.kind} {property_id}",
                    event.kind,
                    {"check": [ARRIVALS]},
                    self._clock(),
                    connection=connection,
                    property_id=property_id,
                )
        return NOTED_PINS if event.kind in OTHER_PINS_NEWS else ASKED_DOORS


def _is_issued_again(revoked: Delivery, issued_at: Mapping[str, datetime]) -> bool:
    """Whether every access method that was revoked has been issued since."""
    methods = revoked.subjects.get("methods") or ()
    at = _instant(revoked.subjects.get("occurred_at")) or revoked.received_at
    return bool(methods) and all(one in issued_at and issued_at[one] >= at for one in methods)


def _instant(texts: Any) -> datetime | None:
    text = texts[0] if isinstance(texts, list) and texts else texts
    try:
        instant = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return instant if instant is not None and instant.tzinfo is not None else None
