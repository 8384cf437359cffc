"""All that is known of a PMS id or a key: what support asks first, with somebody at the door.

Asked now, from the PMS and from Seam by key; what Night Porter remembers comes last. Names and contacts of guests are
not shown: initials, room and ids are enough to find the booking in the PMS.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from connectors.wording import counted
from mappers.keys import split_generation, with_generation
from mappers.outcomes import Kind
from mappers.stay_window import end_in_words, local
from reconciler.accounts import DOORS_NAMED, AccountLook, look_at_accounts
from reconciler.booking_look import BookingLook, grants_in_seam
from reconciler.closed_door import what_next
from reconciler.in_the_pms import BOOKING, NOT_ASKED, PROPERTY, ROOM, Lines, ask_the_pms
from reconciler.prepare import RunConnection
from reconciler.readiness import Answer
from reconciler.seam_codes import IDENTITY, SPACE, words_of
from seam_workspace.errors import SeamError
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.health import GrantHealth
from store.history import Happened, History
from store.links import Links
from store.pending_revocations import PendingRevocations
from store.properties import Properties
from store.stays import Stay, Stays

LATEST = 15


@dataclass(slots=True)
class Findings:
    """Sections of name and value, in the order in which they are read."""

    connection: str
    key: str
    sections: list[tuple[str, Lines]] = field(default_factory=list)
    anything: bool = False
    answer: Answer | None = None
    """Of the booking with that id; None where there is none."""
    number: str | None = None
    """Of that booking, as the last run read it."""

    def add(self, heading: str, lines: Lines, found: bool = True) -> None:
        self.sections.append((heading, lines))
        self.anything = self.anything or (found and bool(lines))


def findings_json(
    key: str, found: Sequence[Findings], others: Sequence[Stay] = (), not_asked: int = 0
) -> dict[str, Any]:
    """What was found of a key, for programs. `verdict`, `cause` and `sentence` are those of the booking with that id,
    and null where there is none; with several connections, of the first that has it. `others`: bookings that the key
    fits as well, as a room or initials do. `not_asked`: how many connections were left out, as there are many and the
    database knows nothing of it there."""
    answer = next((one.answer for one in found if one.answer is not None), None)
    return {
        "key": key,
        "found": any(one.anything for one in found),
        **_answer_json(answer),
        "others": [{"connection": one.connection, "booking": one.booking_id, "label": one.label} for one in others],
        "not_asked": not_asked,
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
    in_pms = ask_the_pms(connection, workspace, store, plain, booking_id, now)
    time_zone = in_pms.time_zone
    findings.sections += in_pms.sections
    findings.anything = in_pms.anything

    def outcomes(what: str, kind: Kind, of: str) -> None:
        if happened := History(store).of_resource(connection.name, kind, of, LATEST):
            findings.add(f"Last outcomes: {what}", [_line(one, time_zone, now) for one in happened])

    is_property = in_pms.is_property or any(
        one.property_id == plain for one in Properties(store).known(connection.name)
    )
    if is_property:
        _property_in_seam(findings, workspace, keys.customer(plain), now)
        outcomes(PROPERTY, Kind.PROPERTY, plain)
    of_kind = {link.kind: link for link in Links(store).of_keys(connection.name, [keys.prefix + plain])}
    for kind, what, look in (
        (Kind.SPACE, ROOM, _room_in_seam),
        (Kind.USER_IDENTITY, f"a {connection.policy.person}", _person_in_seam),
    ):
        look(findings, workspace, keys.prefix + plain, what)
        if (link := of_kind.get(kind)) is not None:
            findings.add(f"Linked: {what}", [(link.kind, f"{link.key} = {link.seam_id}")])
        outcomes(what, kind, keys.prefix + plain)
    _booking(findings, connection, workspace, store, base, booking_id, time_zone, now, in_pms.booking_in)
    if not findings.anything:
        # Whoever could not be asked has not said that there is nothing.
        if not any(NOT_ASKED in dict(lines) for heading, lines in findings.sections if heading.startswith("In Seam")):
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
    property_id: str | None,
) -> None:
    """The booking: its grants in Seam, its links, what was done, and whether its doors open."""
    keys, name = connection.keys, connection.name
    in_pms = any(heading.endswith(BOOKING) for heading, _ in findings.sections)
    stay = Stays(store).get(name, booking_id)
    findings.number = stay.number if stay is not None else None
    links = [link for link in Links(store).of_bookings(name, [booking_id]) if link.kind == Kind.ACCESS_GRANT]
    look = BookingLook(time_zone, [])
    also = {base} if keys.booking_of(base) else set()
    grants_in_seam(look, connection, workspace, store, booking_id, also, now, property_id)
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
        pending = PendingRevocations(store).of(now, name, [booking_id])
        answer = findings.answer = look.answer(stay, GrantHealth(store).of(name, [booking_id]), now, pending)
        policy = connection.policy
        closed = what_next(name, policy, store, booking_id, answer.verdict, answer.cause, now, time_zone)
        if closed is not None:
            steps = [(f"{place}", step.words) for place, step in enumerate(closed.steps, 1)]
            findings.add("Still closed?", [*(("known", fact) for fact in closed.facts), *steps])


def _line(one: Happened, time_zone: str, now: datetime) -> tuple[str, str]:
    error = f" ({one.row.error})" if one.row.error else ""
    when = local(one.at, time_zone, now)
    return when, f"{one.row.action} {one.row.kind}: {one.row.outcome}; {one.row.reason}{error}"


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
            what = f"{stray.id}: {stray.name}, came of a sign-in page of this property and {look.whose(stray)}"
            if stray.customer_key is None:
                what += f" (`nightporter accounts adopt {stray.id} PROPERTY`)"
            lines.append(("account", what))
        lines.extend(
            ("account", f"{one}: came of a sign-in page of this property, and is not in Seam any more")
            for one in look.gone
        )
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
        more = f" and {len(offline) - DOORS_NAMED} more" if len(offline) > DOORS_NAMED else ""
        lines.append(("  offline", ", ".join(offline[:DOORS_NAMED]) + more))
    lines.extend(("  trouble", trouble.words) for trouble in one.troubles[:DOORS_NAMED])
    if len(one.troubles) > DOORS_NAMED:
        lines.append(("  trouble", f"and {len(one.troubles) - DOORS_NAMED} more: nightporter accounts, Locks"))
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
