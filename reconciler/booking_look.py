"""A booking looked at while somebody waits: what the PMS says of it, what Seam has, and whether its doors open."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mappers.keys import split_generation, with_generation
from mappers.outcomes import Kind
from mappers.sentences import say, together
from mappers.stay_window import local
from reconciler.chosen_pins import learn_pins, may_be_compared
from reconciler.health import common_keys, due_of, health_as_judged, held_in_systems, house_of
from reconciler.in_the_pms import NOT_ASKED, Lines, ask_the_pms
from reconciler.judge import ISSUING, House, Judgement, Verdict, judge
from reconciler.prepare import RunConnection
from reconciler.readiness import Answer, answer_now, opens_from, sentence_of
from reconciler.seam_codes import METHOD, words_of
from reconciler.taken_away import is_not_told
from seam_workspace.errors import SeamError
from seam_workspace.existing import ExistingAccessGrant, ExistingAccessMethod, ExistingDoor
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.health import GrantHealth, Health
from store.links import Link, Links
from store.pending_revocations import PendingRevocation, PendingRevocations
from store.stays import Stay, Stays

_NOT_LOOKED_AT = say("nobody knows of which property it is, so its locks were not looked at: a full sync finds out")


@dataclass(frozen=True, slots=True)
class GrantLook:
    """One grant as Seam has it now."""

    key: str
    starts_at: datetime
    ends_at: datetime | None
    rooms: list[str]
    state: str
    """As `reconciler.judge` has it."""
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
    short: str = ""
    """Of what opens, from when; of what is over, since when."""

    @property
    def words(self) -> str:
        """The verdict in a few words."""
        if self.being_deleted:
            return say("Being deleted: it may open until then")
        if self.over or self.verdict is Verdict.OPENS:
            return self.short
        if self.verdict is Verdict.SHUT:
            return say("Does not open")
        return say("Not yet") if self.state == ISSUING else say("Not sure")

    @property
    def look(self) -> str:
        """Which of the report's states it is shown as (`docs/design.md`)."""
        if self.being_deleted:
            return "held"
        if self.over:
            return "none"
        if self.verdict is Verdict.UNSURE:
            return "notyet" if self.state == ISSUING else "unknown"
        return "ready" if self.verdict is Verdict.OPENS else "broken"


@dataclass(slots=True)
class BookingLook:
    """A booking, asked for while somebody waits."""

    time_zone: str
    pms: list[tuple[str, Lines]]
    grants: list[GrantLook] = field(default_factory=list)
    linked: set[str] = field(default_factory=set)
    """Keys, without their generation, of the access that the last run left there."""
    seam_trouble: str | None = None
    at: datetime | None = None
    """UTC: when both were asked."""

    @property
    def failed(self) -> bool:
        """Whether one of the two could not be asked."""
        return self.seam_trouble is not None or any(name == NOT_ASKED for _, lines in self.pms for name, _ in lines)

    def answer(
        self,
        stay: Stay | None,
        healths: Sequence[Health],
        now: datetime,
        pending: Sequence[PendingRevocation] = (),
    ) -> Answer:
        """Whether her doors open: what the last run found of the stay, with what Seam says now. `pending`: see
        `reconciler.readiness.arrival`."""
        # Of whoever was taken off the booking, what was last found is kept for a while: it says nothing of the others.
        linked = [one for one in healths if one.key in self.linked]
        return answer_now(stay, linked, self.grants, now, self.time_zone, self.seam_trouble, pending)


def look_at_booking(
    connection: RunConnection, workspace: Workspace, store: Database, booking_id: str, now: datetime
) -> BookingLook:
    """What the PMS says of a booking and what Seam has for it, looked up by key now; trouble is part of the answer.

    Seam's answers are noted for the other pages as well.
    """
    stay = Stays(store).get(connection.name, booking_id)
    in_pms = ask_the_pms(connection, workspace, store, None, booking_id, now, stay)
    look = BookingLook(in_pms.time_zone, in_pms.sections, at=now)
    grants_in_seam(look, connection, workspace, store, booking_id, set(), now, in_pms.booking_in)
    return look


def grants_in_seam(
    look: BookingLook,
    connection: RunConnection,
    workspace: Workspace,
    store: Database,
    booking_id: str,
    also: set[str],
    now: datetime,
    property_id: str | None,
) -> None:
    """Looks the grants of a booking up by key, judges them, and notes what Seam says of those that are linked. `also`:
    further keys; `property_id`: where the PMS has the booking, for whoever has no links of it. Where nobody knows the
    property no lock is looked at, and then nothing is sure."""
    keys = connection.keys
    links = [link for link in Links(store).of_bookings(connection.name, [booking_id]) if link.kind == Kind.ACCESS_GRANT]
    look.linked = {link.key for link in links}
    generations = dict.fromkeys({keys.grant(booking_id), *also}, 1) | {link.key: link.generation for link in links}
    pending = PendingRevocations(store).of(now, connection.name, [booking_id])
    for base, generation in (split_generation(one.key) for one in pending):
        generations[base] = max(generation, generations.get(base, 1))
    there: dict[str, ExistingAccessGrant] = {}
    stay = Stays(store).get(connection.name, booking_id)
    ours = [link.property_id for link in links] + [stay.property_id if stay else None]
    property_id = next((one for one in ours if one), property_id)
    try:
        house: House | None = None
        for base, newest in sorted(generations.items()):
            for generation in range(1, newest + 2):
                grant = workspace.access_grant_by_key(with_generation(base, generation))
                if grant is None:
                    continue
                there[grant.id] = grant
                if house is None:
                    house = House()
                    if property_id:
                        common = common_keys(keys, connection.policy, property_id)
                        house = house_of(workspace, keys.customer(property_id), common)
                methods, people = workspace.ways_and_people_of([grant.id])
                hers = [one for one in methods.values() if one.id in grant.method_ids]
                mine = next((link for link in links if link.seam_id == grant.id), None)
                judgement = judge(
                    grant,
                    hers,
                    house if property_id else None,
                    people.get(grant.user_identity_id),
                    due_of(mine, now),
                    held_in_systems(workspace, house, [grant], hers, people).get(grant.id),
                )
                if not property_id and judgement.verdict is Verdict.OPENS:
                    why = together(filter(None, (_NOT_LOOKED_AT, judgement.why)))
                    judgement = replace(judgement, verdict=Verdict.UNSURE, cause="not_looked_at", why=why)
                here = house.doors_of(grant)
                look.grants.append(_grant_look(grant, hers, here, house, judgement, now, look.time_zone))
                if mine is not None and not grant.being_deleted:
                    GrantHealth(store).note([health_as_judged(connection.name, mine, judgement, here, now)])
    except SeamError as problem:
        look.seam_trouble = problem.sentence
        return
    if stay is not None:
        _note_what_should_be_gone(connection.name, store, stay, links, pending, there, look, now)
    _note_what_is_gone(connection.name, store, links, pending, there, now)


def _note_what_should_be_gone(
    connection: str,
    store: Database,
    stay: Stay,
    links: Sequence[Link],
    pending: Sequence[PendingRevocation],
    there: Mapping[str, ExistingAccessGrant],
    look: BookingLook,
    now: datetime,
) -> None:
    """What Seam has of a stay and nobody has taken away, or somebody else has, may open as well."""
    known = {one.seam_id for one in links} | {one.seam_id for one in pending}
    rooms = {one.key: one.rooms for one in look.grants}
    found = [
        PendingRevocation(
            connection,
            one.id,
            one.key or "",
            stay.booking_id,
            stay.property_id,
            rooms.get(one.key or "", []),
            sorted(one.space_ids),
            one.ends_at,
            now,
            now,
        )
        for one in there.values()
        if one.id not in known
        and (one.being_deleted or stay.access == "none")
        and (one.ends_at is None or one.ends_at > now)
    ]
    PendingRevocations(store).note(found)


def _note_what_is_gone(
    connection: str,
    store: Database,
    links: Sequence[Link],
    pending: Sequence[PendingRevocation],
    there: Mapping[str, ExistingAccessGrant],
    now: datetime,
) -> None:
    """Lists say of what is not in Seam any more, or still is, what the booking's page says. `there`: the grants that
    Seam has, by their ids. Of what a run has just deleted that run says what it is."""
    ours = {one.seam_id for one in pending}
    living = {split_generation(one.key or "")[0] for one in there.values() if not one.being_deleted}
    gone = []
    for link in links:
        if link.key not in living and link.seam_id not in ours:
            gone.append(health_as_judged(connection, link, judge(there.get(link.seam_id), [], None), None, now))
    if gone:
        GrantHealth(store).note(gone)
    if pending:
        linked = {link.seam_id for link in links}
        left = {one.id for one in there.values() if is_not_told(one, one.id in linked, now)}
        book = PendingRevocations(store)
        if ours & left:
            book.still_there(connection, ours & left, now)
        # A run has just deleted what is linked still, and is not done with it.
        book.forget(connection, ours - left - (linked - there.keys()), now)


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
    short = opens_from(grant.starts_at, now, time_zone)
    is_over = grant.ends_at is not None and grant.ends_at <= now
    if grant.ends_at is not None and is_over:
        short = say("Over since {at}", at=local(grant.ends_at, time_zone, now))
        sentence = sentence if grant.being_deleted else f"{short}."
    return GrantLook(
        key=grant.key or "",
        starts_at=grant.starts_at,
        ends_at=grant.ends_at,
        rooms=sorted(
            house.spaces[one].name if one in house.spaces else say("another Space") for one in grant.space_ids
        ),
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
        over=is_over,
        short=short,
    )


def pins_of(
    connection: RunConnection, workspace: Workspace, store: Database, booking_id: str, now: datetime
) -> list[tuple[str, str]]:
    """(whose, PIN) of every grant of a booking that has one, asked from Seam and kept nowhere; not of one that is about
    to get another PIN. Raises `SeamError`."""
    links = {
        one.seam_id: one
        for one in Links(store).of_bookings(connection.name, [booking_id])
        if one.kind == Kind.ACCESS_GRANT
    }
    pins = {seam_id: pin for seam_id in links if (pin := workspace.pin_of(seam_id)) is not None}
    marks = {seam_id: workspace.mark(pin) for seam_id, pin in pins.items()}
    of_others = learn_pins(store, connection.name, marks, links.values(), now, may_be_compared(connection.policy))
    return [(links[one].label or links[one].key, pin) for one, pin in pins.items() if one not in of_others]
