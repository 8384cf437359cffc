"""All that is known of a PMS id or a key: what support asks first, with somebody at the door.

Asked now, from the PMS and from Seam by key; what Night Porter remembers comes last. Names and contacts of guests are
not shown: initials, room and ids are enough to find the booking in the PMS.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.errors import PmsError
from connectors.records import Booking, Guest, Property, Room
from connectors.wording import counted
from mappers.access import NO_ACCESS, BookingAccess
from mappers.access_grants import booking_access
from mappers.keys import split_generation, with_generation
from mappers.outcomes import Kind
from mappers.stay_window import end_in_words, local, room_at
from reconciler.accounts import AccountLook, look_at_accounts
from reconciler.health import due_of, house_of
from reconciler.judge import ISSUING, House, Judgement, Verdict, judge
from reconciler.prepare import Preparation, RunConnection
from reconciler.pull import Pulled, ask_for
from reconciler.readiness import arrival, sentence_of, worst
from reconciler.seam_codes import IDENTITY, METHOD, SPACE, words_of
from seam_workspace.errors import SeamError
from seam_workspace.existing import ExistingAccessGrant, ExistingAccessMethod, ExistingDoor
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.health import GrantHealth, Health
from store.history import Happened, History
from store.links import Links
from store.properties import Properties
from store.stays import Stay, Stays

Lines = list[tuple[str, str]]
PROPERTY, ROOM, BOOKING = "a property", "a room", "a booking"
LATEST = 15
NOT_ASKED = "could not be asked"


@dataclass(frozen=True, slots=True)
class Answer:
    """Will her door open? As it stands now, asked from Seam."""

    verdict: Verdict
    cause: str
    sentence: str


@dataclass(slots=True)
class Findings:
    """Sections of name and value, in the order in which they are read."""

    connection: str
    key: str
    sections: list[tuple[str, Lines]] = field(default_factory=list)
    anything: bool = False
    answer: Answer | None = None
    """Of the booking with that id; None where there is none."""

    def add(self, heading: str, lines: Lines, found: bool = True) -> None:
        self.sections.append((heading, lines))
        self.anything = self.anything or (found and bool(lines))


def findings_json(key: str, found: Sequence[Findings]) -> dict[str, Any]:
    """What was found of a key, for programs. `verdict`, `cause` and `sentence` are those of the booking with that id,
    and null where there is none; with several connections, of the first that has it."""
    answer = next((one.answer for one in found if one.answer is not None), None)
    return {
        "key": key,
        "found": any(one.anything for one in found),
        **_answer_json(answer),
        "connections": [
            {
                "connection": one.connection,
                "found": one.anything,
                **_answer_json(one.answer),
                "sections": [
                    {"heading": heading, "lines": [{"name": name, "value": value} for name, value in lines]}
                    for heading, lines in one.sections
                ],
            }
            for one in found
        ],
    }


def _answer_json(answer: Answer | None) -> dict[str, str | None]:
    return {
        "verdict": answer.verdict if answer else None,
        "cause": answer.cause if answer else None,
        "sentence": answer.sentence if answer else None,
    }


def inquire(connection: RunConnection, workspace: Workspace, store: Database, key: str, now: datetime) -> Findings:
    """Looks a key or PMS id up everywhere, and shows each kind of thing that has it under a heading of its own: a room,
    a guest and a booking may share an id. What cannot be asked is a line that says why."""
    findings = Findings(connection.name, key)
    keys = connection.keys
    base = split_generation(key)[0]
    plain = keys.id_of(base) or base
    booking_id = keys.booking_of(base) or plain.partition(":")[0]
    in_pms = _ask_the_pms(connection, workspace, store, plain, booking_id, now)
    time_zone = in_pms.time_zone
    findings.sections += in_pms.sections
    findings.anything = in_pms.anything
    is_property = in_pms.is_property or any(
        one.property_id == plain for one in Properties(store).known() if one.connection == connection.name
    )
    if is_property:
        _property_in_seam(findings, workspace, keys.customer(plain), now)
        _outcomes(
            findings, f"Last outcomes: {PROPERTY}", store, connection.name, Kind.PROPERTY, [plain], time_zone, now
        )
    of_kind = {link.kind: link for link in Links(store).of_keys(connection.name, [keys.prefix + plain])}
    for kind, what, look in (
        (Kind.SPACE, ROOM, _room_in_seam),
        (Kind.USER_IDENTITY, f"a {connection.policy.person}", _person_in_seam),
    ):
        look(findings, workspace, keys.prefix + plain, what)
        if (link := of_kind.get(kind)) is not None:
            findings.add(f"Linked: {what}", [(link.kind, f"{link.key} = {link.seam_id}")])
        _outcomes(
            findings, f"Last outcomes: {what}", store, connection.name, kind, [keys.prefix + plain], time_zone, now
        )
    _booking(findings, connection, workspace, store, base, booking_id, time_zone, now)
    if not findings.anything:
        findings.add("In Seam now", [("nothing", f"no resource has the key {keys.prefix + plain}")], False)
        findings.add("Linked", [("nothing", "no link is stored")], False)
        findings.add("Last outcomes", [("nothing", "no run has dealt with it")], False)
    return findings


def _booking(
    findings: Findings,
    connection: RunConnection,
    workspace: Workspace,
    store: Database,
    base: str,
    booking_id: str,
    time_zone: str,
    now: datetime,
) -> None:
    """The booking: its grants in Seam, its links, what was done, and whether its doors open."""
    keys, name = connection.keys, connection.name
    in_pms = any(heading.endswith(BOOKING) for heading, _ in findings.sections)
    stay = Stays(store).get(name, booking_id)
    links = [link for link in Links(store).of_bookings(name, [booking_id]) if link.kind == Kind.ACCESS_GRANT]
    look = BookingLook(time_zone, [])
    _grants_in_seam(look, connection, workspace, store, booking_id, {base} if keys.booking_of(base) else set(), now)
    lines: Lines = [
        (
            f"Access grant {grant.key}",
            f"{local(grant.starts_at, time_zone, now)} to {end_in_words(grant.ends_at, time_zone, now)}, "
            f"{', '.join(grant.rooms) or 'no room'}, "
            f"{', '.join(mode for mode, _, _ in grant.methods) or 'no way in yet'}; {grant.sentence}",
        )
        for grant in look.grants
    ]
    if look.seam_trouble:
        lines.append((NOT_ASKED, look.seam_trouble))
    if lines:
        findings.add(f"In Seam: {BOOKING}", lines, bool(look.grants))
    if links:
        shown = []
        for link in links:
            ends = f", until {local(link.ends_at, time_zone, now)}" if link.ends_at else ""
            shown.append((link.kind, f"{with_generation(link.key, link.generation)} = {link.seam_id}{ends}"))
        findings.add(f"Linked: {BOOKING}", shown)
    happened = History(store).of_booking(name, booking_id, [link.key for link in links], LATEST)
    if happened:
        findings.add(f"Last outcomes: {BOOKING}", [_line(one, time_zone, now) for one in happened])
    if in_pms or stay is not None or look.grants:
        findings.answer = look.answer(stay, GrantHealth(store).of(name, [booking_id]), now)


def _outcomes(
    findings: Findings,
    heading: str,
    store: Database,
    connection: str,
    kind: str,
    keys: Sequence[str],
    time_zone: str,
    now: datetime,
) -> None:
    lines = [
        _line(one, time_zone, now) for key in keys for one in History(store).of_resource(connection, kind, key, LATEST)
    ]
    if lines:
        findings.add(heading, lines)


def _line(one: Happened, time_zone: str, now: datetime) -> tuple[str, str]:
    error = f" ({one.row.error})" if one.row.error else ""
    when = local(one.at, time_zone, now)
    return when, f"{one.row.action} {one.row.kind}: {one.row.outcome}; {one.row.reason}{error}"


@dataclass(frozen=True, slots=True)
class GrantLook:
    """One grant as Seam has it now."""

    key: str
    starts_at: datetime
    ends_at: datetime | None
    rooms: list[str]
    state: str
    """As `reconciler.readiness.judge` has it."""
    why: str
    being_deleted: bool
    methods: list[tuple[str, bool, str]]
    """(mode, issued or not, what is the matter with it)."""
    doors: list[tuple[str, bool | None]]
    """(name, online or not, or None where the lock system does not say)."""
    verdict: Verdict
    cause: str
    sentence: str
    over: bool = False
    """Its end is past."""

    @property
    def words(self) -> str:
        """The verdict in a few words."""
        if self.being_deleted:
            return "Being deleted: it may open until then"
        if self.over or self.verdict is Verdict.OPENS:
            return self.sentence.partition(".")[0].partition(";")[0]
        if self.verdict is Verdict.SHUT:
            return "Does not open"
        return "Not yet" if self.state == ISSUING else "Not sure"

    @property
    def tone(self) -> str:
        """How a page colours it."""
        if self.being_deleted:
            return "warn"
        if self.over:
            return "quiet"
        return {Verdict.OPENS: "good", Verdict.SHUT: "bad"}.get(self.verdict, "quiet")


@dataclass(slots=True)
class BookingLook:
    """A booking, asked for while somebody waits."""

    time_zone: str
    pms: list[tuple[str, Lines]]
    grants: list[GrantLook] = field(default_factory=list)
    linked: set[str] = field(default_factory=set)
    """Keys, without their generation, of the access that the last run left there."""
    seam_trouble: str | None = None

    @property
    def failed(self) -> bool:
        """Whether one of the two could not be asked."""
        return self.seam_trouble is not None or any(name == NOT_ASKED for _, lines in self.pms for name, _ in lines)

    def answer(self, stay: Stay | None, healths: Sequence[Health], now: datetime) -> Answer:
        """Whether her doors open: what the last run found of the stay, with what Seam says now."""
        if self.seam_trouble is not None:
            why = f"Seam could not be asked: {self.seam_trouble}"
            return Answer(Verdict.UNSURE, "seam_not_asked", f"Not sure, because {why}.")
        if stay is not None and stay.access == "none" and any(not one.over for one in self.grants):
            # Whatever the last run found: what Seam has now opens.
            if all(one.being_deleted for one in self.grants if not one.over):
                return Answer(Verdict.UNSURE, "being_deleted", "May still open until Seam has taken it away.")
            return Answer(Verdict.OPENS, "not_revoked", f"Still opens, though it should not: {stay.reason}.")
        # Of whoever was taken off the booking, what was last found is kept for a while: it says nothing of the others.
        healths = [one for one in healths if one.key in self.linked]
        if stay is not None:
            found = arrival(stay, healths, now, self.time_zone)
            if found.verdict is not Verdict.SHUT and (gone := self._gone_since(healths)) is not None:
                return gone
            return Answer(found.verdict, found.cause, found.sentence)
        if not self.grants:
            why = "Seam has no access for this booking"
            return Answer(Verdict.SHUT, "no_grant", f"Does not open, because {why}.")
        living = [one for one in self.grants if not one.being_deleted] or self.grants
        gravest = next(one for one in living if one.verdict is worst([each.verdict for each in living]))
        return Answer(gravest.verdict, gravest.cause, gravest.sentence)

    def _gone_since(self, healths: Sequence[Health]) -> Answer | None:
        """What is to be said where access that the last look found is not there now, or is being deleted, whoever did
        that, and no other has taken its place; None where all of it is there."""
        living = {split_generation(one.key)[0] for one in self.grants if not one.being_deleted}
        if all(one.key in living for one in healths):
            return None
        if any(one.being_deleted for one in self.grants):
            why = "its access is being deleted in Seam: sync now makes it again"
            return Answer(Verdict.SHUT, "being_deleted", f"Does not open, because {why}.")
        why = "its access was deleted in Seam: sync now makes it again"
        return Answer(Verdict.SHUT, "no_grant", f"Does not open, because {why}.")


def look_at_booking(
    connection: RunConnection, workspace: Workspace, store: Database, booking_id: str, now: datetime
) -> BookingLook:
    """What the PMS says of a booking and what Seam has for it, looked up by key now; trouble is part of the answer.

    Seam's answers are noted for the other pages as well.
    """
    stay = Stays(store).get(connection.name, booking_id)
    in_pms = _ask_the_pms(connection, workspace, store, None, booking_id, now, stay)
    look = BookingLook(in_pms.time_zone, in_pms.sections)
    _grants_in_seam(look, connection, workspace, store, booking_id, set(), now)
    return look


def _grants_in_seam(
    look: BookingLook,
    connection: RunConnection,
    workspace: Workspace,
    store: Database,
    booking_id: str,
    also: set[str],
    now: datetime,
) -> None:
    """Looks the grants of a booking up by key, judges them, and notes what Seam says of those that are linked. `also`:
    further keys."""
    keys = connection.keys
    links = [link for link in Links(store).of_bookings(connection.name, [booking_id]) if link.kind == Kind.ACCESS_GRANT]
    look.linked = {link.key for link in links}
    generations = dict.fromkeys({keys.grant(booking_id), *also}, 1) | {link.key: link.generation for link in links}
    stay = Stays(store).get(connection.name, booking_id)
    property_id = next((link.property_id for link in links if link.property_id), stay.property_id if stay else None)
    try:
        house: House | None = None
        for base, newest in sorted(generations.items()):
            for generation in range(1, newest + 2):
                grant = workspace.access_grant_by_key(with_generation(base, generation))
                if grant is None:
                    continue
                if house is None:
                    house = house_of(workspace, keys.customer(property_id)) if property_id else House()
                methods, people = workspace.ways_and_people_of([grant.id])
                hers = [one for one in methods.values() if one.id in grant.method_ids]
                mine = next((link for link in links if link.seam_id == grant.id), None)
                judgement = judge(
                    grant,
                    hers,
                    house if property_id else None,
                    people.get(grant.user_identity_id),
                    due_of(mine, now),
                )
                here = house.doors_of(grant)
                look.grants.append(_grant_look(grant, hers, here, house, judgement, now, look.time_zone))
                if mine is not None and not grant.being_deleted:
                    health = Health(
                        connection.name,
                        base,
                        booking_id,
                        grant.id,
                        judgement.state,
                        judgement.why,
                        [[door.name, door.online] for door in here],
                        now,
                        verdict=judgement.verdict,
                        cause=judgement.cause,
                    )
                    GrantHealth(store).note([health])
    except SeamError as problem:
        look.seam_trouble = str(problem)


def _grant_look(
    grant: ExistingAccessGrant,
    methods: Sequence[ExistingAccessMethod],
    doors: Sequence[ExistingDoor],
    house: House,
    judgement: Judgement,
    now: datetime,
    time_zone: str,
) -> GrantLook:
    sentence = sentence_of(judgement.verdict, judgement.why, grant.starts_at, now, time_zone)
    if grant.being_deleted:
        sentence = "Being deleted: it may open the door until Seam is done."
    elif grant.ends_at is not None and grant.ends_at <= now:
        sentence = f"Over since {local(grant.ends_at, time_zone, now)}."
    return GrantLook(
        key=grant.key or "",
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
        rooms=sorted(house.spaces[one].name if one in house.spaces else "another Space" for one in grant.space_ids),
        state=judgement.state,
        why=judgement.why,
        being_deleted=grant.being_deleted,
        methods=[
            (method.mode, method.issued, words_of((*method.errors, *method.warnings, *method.pending), METHOD))
            for method in methods
        ],
        doors=sorted(((door.name, door.online) for door in doors), key=lambda one: one[0]),
        verdict=judgement.verdict,
        cause=judgement.cause,
        sentence=sentence,
        over=grant.ends_at is not None and grant.ends_at <= now,
    )


def pins_of(connection: RunConnection, workspace: Workspace, store: Database, booking_id: str) -> list[tuple[str, str]]:
    """(whose, PIN) of every grant of a booking that has one, asked from Seam and kept nowhere. Raises `SeamError`."""
    found = []
    for link in Links(store).of_bookings(connection.name, [booking_id]):
        if link.kind == Kind.ACCESS_GRANT:
            pin = workspace.pin_of(link.seam_id)
            if pin is not None:
                found.append((link.label or link.key, pin))
    return found


@dataclass(slots=True)
class _InThePms:
    """What the PMS says of an id, by kind."""

    time_zone: str = "UTC"
    """Of the property that it is found in, to show times in."""
    sections: list[tuple[str, Lines]] = field(default_factory=list)
    anything: bool = False
    is_property: bool = False

    def has(self, what: str) -> bool:
        return any(heading.endswith(what) for heading, _ in self.sections)

    def add(self, heading: str, lines: Lines, of: Property | None) -> None:
        self.sections.append((heading, lines))
        if of is not None:
            if not self.anything:
                self.time_zone = of.time_zone
            self.anything = True


def _ask_the_pms(
    connection: RunConnection,
    workspace: Workspace,
    store: Database,
    plain: str | None,
    booking_id: str,
    now: datetime,
    stay: Stay | None = None,
) -> _InThePms:
    """Asks the PMS for a property, a room and a guest of the id `plain` (None: for none of them), and for a booking;
    where only Seam knows for which of the booking's people its access is, Seam is asked as well.

    `stay`: where the booking was when it was last read; it is asked for there first.
    """
    reader, keys = connection.connector.reader(), connection.keys
    found = _InThePms()
    try:
        properties = connection.read_properties(reader)
        if stay is not None:
            properties = sorted(properties, key=lambda one: one.id != stay.property_id)
        found.time_zone = properties[0].time_zone if properties else "UTC"
        for of in properties:
            if of.id == plain:
                found.add(f"In the PMS: {PROPERTY}", [("name", of.name), ("time zone", of.time_zone)], of)
                found.is_property = True
            pulled = Pulled(of, full=False)
            rooms, _ = reader.read_rooms(of)
            pulled.rooms = {room.id: room for room in rooms}
            if plain is not None and (room := pulled.rooms.get(plain)) is not None:
                found.add(f"In the PMS: {ROOM}", _room_lines(room, pulled), of)
            if reader.could_be_id("booking", booking_id):
                ask_for(reader, pulled, [booking_id])
            shown = _should_have(connection, workspace, store, pulled, now)
            for booking in pulled.bookings.values():
                lines = _booking_lines(connection, pulled, booking, shown[booking.id], now)
                found.add(f"In the PMS: {BOOKING}", lines, of)
            for broken in pulled.broken:
                found.add("In the PMS", [("cannot be read", broken.reason)], None)
            if plain is None and pulled.bookings:
                return found
            person = f"a {connection.policy.person}"
            if plain is not None and not found.has(person) and reader.could_be_id("guest", plain):
                guests, _ = reader.read_guests(of, [plain])
                if guests:
                    found.add(f"In the PMS: {person}", _guest_lines(guests), of)
    except PmsError as problem:
        found.add("In the PMS", [(NOT_ASKED, str(problem))], None)
        return found
    if not found.sections:
        found.add("In the PMS", [("nothing", f"the PMS knows no {keys.prefix}{plain or booking_id}")], None)
    return found


def _guest_lines(guests: Sequence[Guest]) -> Lines:
    return [
        ("id", ", ".join(guest.id for guest in guests)),
        ("e-mail", "yes" if guests[0].email else "none"),
        ("phone", "yes" if guests[0].phone else "none"),
    ]


def _room_lines(room: Room, pulled: Pulled) -> Lines:
    return [
        ("name", room.name),
        ("type", room.kind or "none"),
        ("in use", "yes" if room.is_active else "no"),
        ("property", pulled.of.name),
        *([("stands in", pulled.rooms[room.parent_id].name)] if room.parent_id in pulled.rooms else []),
    ]


def _should_have(
    connection: RunConnection, workspace: Workspace, store: Database, pulled: Pulled, now: datetime
) -> dict[str, BookingAccess | str]:
    """The access that each of the bookings should have, by id, or why that cannot be told: of a company's, and of
    people whom the PMS only numbers, Seam knows who has it."""
    everybody = [
        pulled.guests[one]
        for booking in pulled.bookings.values()
        for one in (*booking.guest_ids, *booking.unclear_guest_ids)
        if one in pulled.guests
    ]
    by_the_pms = all(guest.has_id for guest in everybody)
    if by_the_pms and not any(booking.primary_is_any for booking in pulled.bookings.values()):
        policy, keys = connection.policy, connection.keys
        return {
            booking.id: booking_access(booking, pulled.of, pulled.rooms, pulled.guests, policy, keys, now)
            for booking in pulled.bookings.values()
        }
    try:
        return dict(Preparation(connection, workspace, store, now).accesses(pulled))
    except SeamError as problem:
        return dict.fromkeys(pulled.bookings, f"Seam, which knows who has it now, {NOT_ASKED}: {problem}")


def _booking_lines(
    connection: RunConnection, pulled: Pulled, booking: Booking, access: BookingAccess | str, now: datetime
) -> Lines:
    """`access`: what it should have, or why that cannot be told."""
    of: Property = pulled.of
    room_id = room_at(booking, of, connection.policy, now)
    room = pulled.rooms.get(room_id) if room_id else None
    lines = [
        ("number", booking.number),
        ("status", f"{booking.status.replace('_', ' ')} ({booking.status_word})"),
        ("property", of.name),
        ("room", room.name if room else "none assigned" if room_id is None else "not listed"),
        ("arrival", _moment(booking.arrival, of, now)),
        ("departure", _moment(booking.departure, of, now) if booking.departure is not None else "no end"),
    ]
    if booking.guest_ids or booking.status not in NO_ACCESS:
        # Of a booking that is cancelled the PMS is not asked who was on it.
        lines.append((f"{connection.policy.person}s", str(len(booking.guest_ids) or "none is named")))
    if isinstance(access, str):
        return [*lines, ("should have", access)]
    if access.withheld is not None:
        lines.append(("should have", f"no (new) access: {access.withheld.reason}"))
    for grant in access.grants:
        window = f"{local(grant.starts_at, of.time_zone, now)} to {end_in_words(grant.ends_at, of.time_zone, now)}"
        lines.append(("should have", f"{grant.label}, {window}"))
        if grant.due_at is not None and now < grant.due_at:
            lines.append(("", f"made from {local(grant.due_at, of.time_zone, now)}"))
    lines.extend(("note", remark.reason) for remark in access.remarks)
    return lines


def _moment(moment: object, of: Property, now: datetime) -> str:
    return local(moment, of.time_zone, now) if isinstance(moment, datetime) else str(moment)


def _property_in_seam(findings: Findings, workspace: Workspace, customer_key: str, now: datetime) -> None:
    """Everything in Seam that carries the property's customer key: under each account what came with it."""
    lines: Lines = [("customer_key", customer_key)]
    try:
        look = look_at_accounts(workspace, customer_key)
        for webview in look.webviews:
            what = f"{webview.provider} " if webview.provider else ""
            lines.append(("webview", f"{webview.id}: {what}{webview.status}"))
        if not look.accounts:
            lines.append(("account", "none is connected"))
        for one in look.accounts:
            lines += _account_lines(one)
        for stray in look.strays:
            whose = (
                f"carries another customer_key: {stray.customer_key}"
                if stray.customer_key
                else (f"carries no customer_key: nightporter accounts adopt {stray.id} PROPERTY")
            )
            lines.append(("account", f"{stray.id}: {stray.name}, came of a sign-in page of this property and {whose}"))
        spaces = workspace.list_spaces(customer_key)
        lines.append(("spaces", f"{len(spaces)}, {sum(space.doors == 0 for space in spaces)} of them without a lock"))
        going = [space.name for space in spaces if space.being_deleted]
        if going:
            lines.append(("being deleted", ", ".join(sorted(going))))
        grants = workspace.list_access_grants(customer_key)
        live = [one for one in grants if not one.being_deleted and (one.ends_at is None or one.ends_at > now)]
        lines.append(("grants", f"{len(live)} live, {len(grants) - len(live)} ended or being deleted"))
    except SeamError as problem:
        lines.append((NOT_ASKED, str(problem)))
    findings.add("In Seam: the property", lines)


def _account_lines(one: AccountLook) -> Lines:
    state = (
        f"does not work ({', '.join(dict.fromkeys(each.cause for each in one.broken))})"
        if one.broken
        else ("connected")
    )
    lines: Lines = [("account", f"{one.account.id}: {one.account.name}, {state}")]
    lines.extend(("  system", f"{system.id}: {system.name}") for system in one.systems)
    lines.append(("  locks", f"{counted(one.devices, 'device')}, {counted(one.entrances, 'entrance')}"))
    offline = sorted(door.name for door in one.doors if door.online is False)
    if offline:
        lines.append(("  offline", ", ".join(offline)))
    lines.extend(("  trouble", trouble.words) for trouble in one.troubles)
    return lines


def _room_in_seam(findings: Findings, workspace: Workspace, key: str, what: str) -> None:
    try:
        space = workspace.space_by_key(key)
    except SeamError as problem:
        findings.add(f"In Seam: {what}", [(NOT_ASKED, str(problem))], False)
        return
    if space is not None:
        lines = [("Space", f"{space.name}, {space.id}")]
        codes = words_of((*space.errors, *space.warnings), SPACE)
        findings.add(f"In Seam: {what}", [*lines, ("trouble", codes)] if codes else lines)


def _person_in_seam(findings: Findings, workspace: Workspace, key: str, what: str) -> None:
    try:
        identity = workspace.user_identity_by_key(key)
    except SeamError as problem:
        findings.add(f"In Seam: {what}", [(NOT_ASKED, str(problem))], False)
        return
    if identity is not None:
        contacts = [
            word for word, contact in (("e-mail", identity.email_address), ("phone", identity.phone_number)) if contact
        ]
        lines = [("User identity", f"{identity.id}, with {' and '.join(contacts) or 'no contact'}")]
        codes = words_of((*identity.errors, *identity.warnings), IDENTITY)
        findings.add(f"In Seam: {what}", [*lines, ("trouble", codes)] if codes else lines)
