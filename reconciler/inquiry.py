"""All that is known of a PMS id or a key: what support asks first, with somebody at the door.

Asked now, from the PMS and from Seam by key; what Night Porter remembers comes last. Names and contacts of guests are
not shown: initials, room and ids are enough to find the booking in the PMS.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.errors import PmsError
from connectors.records import Booking, Property
from mappers.access_grants import booking_access
from mappers.keys import split_generation, with_generation
from mappers.stay_window import local, room_at
from reconciler.changes import Kind
from reconciler.health import judge, words_of
from reconciler.prepare import RunConnection
from reconciler.pull import Pulled, ask_for
from seam_workspace.errors import SeamError
from seam_workspace.existing import ExistingAccessGrant, ExistingAccessMethod, ExistingDoor
from seam_workspace.workspace import Workspace
from store.board import Board, Health
from store.store import Store

Lines = list[tuple[str, str]]
PROPERTY = "In the PMS: a property"


@dataclass(slots=True)
class Findings:
    """Sections of name and value, in the order in which they are read."""

    connection: str
    key: str
    sections: list[tuple[str, Lines]] = field(default_factory=list)
    anything: bool = False

    def add(self, heading: str, lines: Lines, found: bool = True) -> None:
        self.sections.append((heading, lines))
        self.anything = self.anything or (found and bool(lines))


def inquire(connection: RunConnection, workspace: Workspace, store: Store, key: str, now: datetime) -> Findings:
    """Looks a key or PMS id up everywhere. What cannot be asked is a line that says why."""
    findings = Findings(connection.name, key)
    keys = connection.keys
    base = split_generation(key)[0]
    plain = keys.id_of(base) or base
    booking_id = keys.booking_of(base) or plain.partition(":")[0]
    time_zone = _in_the_pms(findings, connection, plain, booking_id, now)
    if any(one.property_id == plain for one in Board(store).properties() if one.connection == connection.name) or any(
        heading == PROPERTY for heading, _ in findings.sections
    ):
        _property_in_seam(findings, workspace, keys.customer(plain), now)
    known = {link.key: link for link in store.links_of_keys(connection.name, [base, keys.prefix + plain])}
    of_booking = store.links_of_bookings(connection.name, [booking_id])
    grant_keys = {base, keys.prefix + plain, *(link.key for link in of_booking)}
    generations = {link.key: link.generation for link in of_booking}
    _in_seam(findings, workspace, keys.prefix + plain, grant_keys, generations, time_zone, now)
    remembered: Lines = []
    for link in {(link.kind, link.key): link for link in (*known.values(), *of_booking)}.values():
        ends = f", until {local(link.ends_at, time_zone)}" if link.ends_at else ""
        remembered.append((link.kind, f"{with_generation(link.key, link.generation)} = {link.seam_id}{ends}"))
    findings.add("Linked", remembered or [("nothing", "no link is stored")], bool(remembered))
    outcomes: Lines = []
    for at, row in store.last_outcomes(
        [key, base, keys.prefix + plain, *grant_keys], booking_id if of_booking or ":" in plain else plain, 15
    ):
        error = f" ({row.error})" if row.error else ""
        outcomes.append((local(at, time_zone), f"{row.action} {row.kind}: {row.outcome}; {row.reason}{error}"))
    findings.add("Last outcomes", outcomes or [("nothing", "no run has dealt with it")], bool(outcomes))
    return findings


@dataclass(frozen=True, slots=True)
class GrantLook:
    """One grant as Seam has it now."""

    key: str
    starts_at: datetime
    ends_at: datetime | None
    rooms: list[str]
    state: str
    """As `reconciler.health.judge` has it."""
    why: str
    being_deleted: bool
    methods: list[tuple[str, bool, str]]
    """(mode, issued or not, what is the matter with it)."""
    doors: list[tuple[str, bool | None]]
    """(name, online or not, or None where the lock system does not say)."""


@dataclass(slots=True)
class BookingLook:
    """A booking, asked for while somebody waits."""

    time_zone: str
    pms: list[tuple[str, Lines]]
    grants: list[GrantLook] = field(default_factory=list)
    seam_trouble: str | None = None


def look_at_booking(
    connection: RunConnection, workspace: Workspace, store: Store, booking_id: str, now: datetime
) -> BookingLook:
    """What the PMS says of a booking and what Seam has for it, looked up by key now; trouble is part of the answer.

    Seam's answers are noted for the other pages as well.
    """
    findings = Findings(connection.name, booking_id)
    time_zone = _in_the_pms(findings, connection, booking_id, booking_id, now)
    look = BookingLook(time_zone, findings.sections)
    keys = connection.keys
    links = [link for link in store.links_of_bookings(connection.name, [booking_id]) if link.kind == Kind.ACCESS_GRANT]
    generations = {keys.grant(booking_id): 1} | {link.key: link.generation for link in links}
    try:
        spaces: dict[str, str] = {}
        doors: list[ExistingDoor] | None = None
        for base, newest in generations.items():
            for generation in range(1, newest + 2):
                grant = workspace.access_grant_by_key(with_generation(base, generation))
                if grant is None:
                    continue
                if doors is None:
                    property_id = next((link.property_id for link in links if link.property_id), None)
                    customer_key = keys.customer(property_id) if property_id else None
                    doors = workspace.doors(customer_key) if customer_key else []
                    if customer_key:
                        spaces = {space.id: space.name for space in workspace.list_spaces(customer_key)}
                methods = workspace.access_methods(grant.id)
                here = [door for door in doors if door.space_ids & grant.space_ids]
                state, why = judge(grant, methods, here)
                look.grants.append(_grant_look(grant, methods, here, spaces, state, why))
                if any(link.seam_id == grant.id for link in links) and not grant.being_deleted:
                    known = [[door.name, door.online] for door in here]
                    health = Health(connection.name, base, booking_id, grant.id, state, why, known, now)
                    Board(store).note_health([health])
    except SeamError as problem:
        look.seam_trouble = str(problem)
    return look


def _grant_look(
    grant: ExistingAccessGrant,
    methods: Sequence[ExistingAccessMethod],
    doors: Sequence[ExistingDoor],
    spaces: Mapping[str, str],
    state: str,
    why: str,
) -> GrantLook:
    return GrantLook(
        key=grant.key or "",
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
        rooms=sorted(spaces.get(one, "another Space") for one in grant.space_ids),
        state=state,
        why=why,
        being_deleted=grant.being_deleted,
        methods=[(method.mode, method.issued, words_of((*method.errors, *method.warnings))) for method in methods],
        doors=sorted(((door.name, door.online) for door in doors), key=lambda one: one[0]),
    )


def pins_of(connection: RunConnection, workspace: Workspace, store: Store, booking_id: str) -> list[tuple[str, str]]:
    """(whose, PIN) of every grant of a booking that has one, asked from Seam and kept nowhere. Raises `SeamError`."""
    found = []
    for link in store.links_of_bookings(connection.name, [booking_id]):
        if link.kind == Kind.ACCESS_GRANT:
            pin = workspace.pin_of(link.seam_id)
            if pin is not None:
                found.append((link.label or link.key, pin))
    return found


def _in_the_pms(findings: Findings, connection: RunConnection, plain: str, booking_id: str, now: datetime) -> str:
    """What the PMS says of the id; returns the time zone to show times in."""
    connector, keys = connection.connector, connection.keys
    try:
        connector.refresh()
        properties = connection.read_properties()
        for of in properties:
            if of.id == plain:
                findings.add(PROPERTY, [("name", of.name), ("time zone", of.time_zone)])
                return of.time_zone
            pulled = Pulled(of, full=False)
            rooms, _ = connector.read_rooms(of)
            pulled.rooms = {room.id: room for room in rooms}
            if (room := pulled.rooms.get(plain)) is not None:
                findings.add(
                    "In the PMS: a room",
                    [
                        ("name", room.name),
                        ("type", room.kind or "none"),
                        ("in use", "yes" if room.is_active else "no"),
                        ("property", of.name),
                        *([("stands in", pulled.rooms[room.parent_id].name)] if room.parent_id in pulled.rooms else []),
                    ],
                )
                return of.time_zone
            if connector.could_be_id("booking", booking_id):
                ask_for(connector, pulled, [booking_id])
            for booking in pulled.bookings.values():
                findings.add("In the PMS: a booking", _booking_lines(connection, pulled, booking, now))
            if pulled.bookings:
                return of.time_zone
            for broken in pulled.broken:
                findings.add("In the PMS", [("cannot be read", broken.reason)])
            if connector.could_be_id("guest", plain):
                guests, _ = connector.read_guests(of, [plain])
                if guests:
                    findings.add(
                        "In the PMS: a guest",
                        [
                            ("id", ", ".join(guest.id for guest in guests)),
                            ("e-mail", "yes" if guests[0].email else "none"),
                            ("phone", "yes" if guests[0].phone else "none"),
                        ],
                    )
                    return of.time_zone
        findings.add("In the PMS", [("nothing", f"the PMS knows no {keys.prefix + plain}")], False)
        return properties[0].time_zone if properties else "UTC"
    except PmsError as problem:
        findings.add("In the PMS", [("could not be asked", str(problem))], False)
        return "UTC"


def _booking_lines(connection: RunConnection, pulled: Pulled, booking: Booking, now: datetime) -> Lines:
    of: Property = pulled.of
    room_id = room_at(booking, of, connection.policy, now)
    room = pulled.rooms.get(room_id) if room_id else None
    access = booking_access(booking, of, pulled.rooms, pulled.guests, connection.policy, connection.keys, now)
    lines = [
        ("number", booking.number),
        ("status", f"{booking.status} ({booking.status_word})"),
        ("property", of.name),
        ("room", room.name if room else "none assigned" if room_id is None else "not listed"),
        ("arrival", _moment(booking.arrival, of)),
        ("departure", _moment(booking.departure, of) if booking.departure is not None else "open"),
        ("guests", str(len(booking.guest_ids))),
    ]
    if access.withheld is not None:
        lines.append(("should have", f"no (new) access: {access.withheld.reason}"))
    for grant in access.grants:
        until = local(grant.ends_at, of.time_zone) if grant.ends_at else "open"
        lines.append(("should have", f"{grant.label}, {local(grant.starts_at, of.time_zone)} to {until}"))
        if grant.due_at is not None and now < grant.due_at:
            lines.append(("", f"made from {local(grant.due_at, of.time_zone)}"))
    lines.extend(("note", remark.reason) for remark in access.remarks)
    return lines


def _moment(moment: object, of: Property) -> str:
    return local(moment, of.time_zone) if isinstance(moment, datetime) else str(moment)


def _property_in_seam(findings: Findings, workspace: Workspace, customer_key: str, now: datetime) -> None:
    """Everything in Seam that carries the property's customer key."""
    lines: Lines = [("customer_key", customer_key)]
    try:
        for webview in workspace.list_webviews(customer_key):
            what = f"{webview.provider} " if webview.provider else ""
            lines.append(("webview", f"{webview.id}: {what}{webview.status}"))
        for account in workspace.lock_accounts(customer_key):
            state = f"does not work ({account.trouble})" if account.trouble else "connected"
            lines.append(("account", f"{account.id}: {account.name}, {state}"))
        lines.extend(("system", f"{one.id}: {one.name}") for one in workspace.access_systems(customer_key))
        doors = workspace.doors(customer_key)
        entrances = sum(door.is_entrance for door in doors)
        offline = [door.name for door in doors if door.online is False]
        lines.append(("locks", f"{len(doors) - entrances} devices, {entrances} entrances"))
        if offline:
            lines.append(("offline", ", ".join(sorted(offline))))
        spaces = workspace.list_spaces(customer_key)
        lines.append(("spaces", f"{len(spaces)}, {sum(space.doors == 0 for space in spaces)} of them without a lock"))
        grants = workspace.list_access_grants(customer_key)
        live = [one for one in grants if not one.being_deleted and (one.ends_at is None or one.ends_at > now)]
        lines.append(("grants", f"{len(live)} live, {len(grants) - len(live)} ended or being deleted"))
    except SeamError as problem:
        lines.append(("could not be asked", str(problem)))
    findings.add("In Seam: the property", lines)


def _in_seam(
    findings: Findings,
    workspace: Workspace,
    key: str,
    grant_keys: set[str],
    generations: dict[str, int],
    time_zone: str,
    now: datetime,
) -> None:
    lines: Lines = []
    try:
        space = workspace.space_by_key(key)
        if space is not None:
            lines.append(("Space", f"{space.name}, {space.id}"))
        identity = workspace.user_identity_by_key(key)
        if identity is not None:
            contacts = [
                word
                for word, contact in (("e-mail", identity.email_address), ("phone", identity.phone_number))
                if contact
            ]
            lines.append(("User identity", f"{identity.id}, with {' and '.join(contacts) or 'no contact'}"))
        for base in sorted(grant_keys):
            generation = 1
            while generation <= generations.get(base, 1) + 1:
                grant = workspace.access_grant_by_key(with_generation(base, generation))
                if grant is not None:
                    which = "Access grant" if grant.key == key else f"Access grant {grant.key}"
                    lines.append((which, _grant_line(grant, time_zone, now)))
                generation += 1
    except SeamError as problem:
        lines.append(("could not be asked", str(problem)))
        findings.add("In Seam now", lines, len(lines) > 1)
        return
    findings.add("In Seam now", lines or [("nothing", f"no resource has the key {key}")], bool(lines))


def _grant_line(grant: ExistingAccessGrant, time_zone: str, now: datetime) -> str:
    until = local(grant.ends_at, time_zone) if grant.ends_at else "open"
    said = [
        f"{local(grant.starts_at, time_zone)} to {until}, {len(grant.space_ids)} Space(s), "
        f"{', '.join(sorted(grant.access_methods))}"
    ]
    if grant.being_deleted:
        said.append("being deleted: it may open the door until Seam is done")
    if grant.ends_at is not None and grant.ends_at <= now:
        said.append("ended")
    said.extend(grant.troubles)
    return "; ".join(said)
