"""PINs that Seam chose, compared with those that others have, had or will have at the same doors.

One that is another guest's would open for both, each in the other's time. It is found as soon as Seam tells it: when
the grant was made, else by the first look at it, and at the latest before the PIN goes to anybody. Whoever has had hers
for longer keeps it; the other one gets another. PINs that are asked for (a former one, digits of a phone) are compared
before (`reconciler.carried_pins`).

No PIN is kept for that, but marks by which two are told to be the same (`store.pin_marks`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime

from mappers.keys import split_generation
from mappers.links import Link
from mappers.outcomes import Action
from mappers.policy import Policy
from mappers.sentences import say
from reconciler.changes import Change
from seam_workspace.errors import SeamError
from seam_workspace.existing import ExistingAccessGrant, ExistingAccessMethod
from seam_workspace.seal import are_of_one_key
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.links import Links
from store.pin_marks import PinMark, PinMarks
from store.queue import Queue, Task, TaskKind

Made = tuple[Change, Link, ExistingAccessGrant]
"""A grant that was just made, with what it was made for."""
ANEW_AT_MOST = 3
"""So often a grant gets another PIN: a lock may have few to choose from."""
UNKNOWN_AT_MOST = 2_000
"""Grants of which one run asks for the PINs because nothing is known of them: 20 calls."""
PIN_OF_ANOTHER = say("new PIN: the one that was chosen is, was or will be another guest's at this door")


def made_anew(
    workspace: Workspace, store: Database, connection: str, made: Collection[Made], now: datetime
) -> list[Change]:
    """Compares the PINs of grants that were just made; returns what gives another one to those that have somebody
    else's. Where Seam does not tell them (yet), a later look compares."""
    made = [one for one in made if "code" in one[2].access_methods]
    if not made:
        return []
    try:
        methods, _ = workspace.ways_and_people_of([grant.id for _, _, grant in made])
    except SeamError:
        methods = {}
    marks = {grant.id: mark_of(grant, methods) for _, _, grant in made}
    people: dict[str, Collection[str]] = {}
    asked_for = set()
    for change, _, grant in made:
        wanted = change.grant
        assert wanted is not None
        people[grant.id] = (wanted.user_identity_key, *wanted.merged_identity_keys)
        # The digits of her phone are hers, as far as the room allows them.
        if wanted.pin is not None and marks[grant.id] in (None, workspace.mark(wanted.pin)):
            asked_for.add(grant.id)
    made_now = marks.keys() - asked_for
    of_others = learn_pins(
        store, connection, marks, [link for _, link, _ in made], now, people=people, made_now=made_now
    )
    return [_anew(change, grant) for change, _, grant in made if grant.id in of_others]


def _anew(change: Change, grant: ExistingAccessGrant) -> Change:
    assert change.grant is not None
    return replace(
        change,
        action=Action.REPLACE,
        reason=PIN_OF_ANOTHER,
        grant=replace(change.grant, keeps_pin=False, pin=None),
        existing_grants=(grant, *change.existing_grants),
        pin_from=(grant,),
        add_methods=(),
        moves_from=frozenset(),
        moves_to=None,
        reservation_key=grant.reservation_key or change.reservation_key,
        cause=None,
    )


def learn_unknown(
    workspace: Workspace,
    store: Database,
    connection: str,
    grants: Iterable[ExistingAccessGrant],
    now: datetime,
    compare: bool,
) -> None:
    """Asks for the PINs of grants of which nothing is known, as after an update, in a new database, where a run was
    cut off, or after the API key was changed. `compare`: see `learn_pins`. Raises `SeamError`."""
    there = {one.id: one for one in grants if "code" in one.access_methods and not one.unreadable}
    ours = workspace.mark("")
    noted = PinMarks(store, connection).of(there).values()
    known = {one.grant_id for one in noted if one.mark is None or are_of_one_key(one.mark, ours)}
    unknown = sorted(there.keys() - known)[:UNKNOWN_AT_MOST]
    if unknown:
        links = Links(store).of_keys(connection, [split_generation(there[one].key or "")[0] for one in unknown])
        methods, _ = workspace.ways_and_people_of(unknown)
        learn_pins(store, connection, {one: mark_of(there[one], methods) for one in unknown}, links, now, compare)


def may_be_compared(policy: Policy) -> bool:
    """Whether PINs of which nobody knows where they come from are compared: digits of a phone are as they are."""
    return policy.pin != "phone_last_4"


def mark_of(grant: ExistingAccessGrant, methods: Mapping[str, ExistingAccessMethod]) -> str | None:
    """The mark of a grant's PIN; None where Seam does not tell it (yet)."""
    marks = [methods[one].mark for one in sorted(grant.method_ids & methods.keys()) if methods[one].mark is not None]
    return marks[0] if marks else None


def learn_pins(
    store: Database,
    connection: str,
    marks: Mapping[str, str | None],
    links: Iterable[Link],
    now: datetime,
    compare: bool = False,
    people: Mapping[str, Collection[str]] | None = None,
    made_now: Collection[str] = (),
) -> set[str]:
    """Notes the PINs of grants, and returns those grants that have somebody else's: the next run over their bookings
    makes them anew.

    Compared are PINs that became known just now: of grants that were noted when they were made, or whose lock has drawn
    another one since; with `compare` also of those that were not noted. `marks`: by Seam's id of the grant; None where
    Seam does not tell the PIN (yet). `links`: theirs. `people`: the keys of the identities that are its holder, where
    she has several. `made_now`: those that were made a moment ago, and are to be noted for that.
    """
    book = PinMarks(store, connection)
    mine = {link.seam_id: link for link in links if link.seam_id in marks}
    # Kept before anything is compared: of two processes that learn the same at one time, one at least sees the other's.
    with store.together() if made_now else nullcontext():
        noted = book.of(mine)
        before = {one: _row(mine[one], None) for one in mine if one in made_now} | noted
        after: dict[str, PinMark] = {}
        for grant_id, link in mine.items():
            former, mark = before.get(grant_id), marks[grant_id]
            if former is None:
                after[grant_id] = _row(link, mark)
            else:
                is_new = mark is not None and mark != former.mark
                after[grant_id] = replace(former, mark=mark, is_of_another=False) if is_new else former
        news = [one for one in after.values() if one != before.get(one.grant_id)]
        book.note([one for one in after.values() if one != noted.get(one.grant_id)])
    judged = [one for one in news if one.mark is not None and (compare or one.grant_id in before)]
    for one in _of_others(store, connection, judged, before, mine, people or {}, now):
        after[one.grant_id] = one
    return {grant_id for grant_id in mine if after[grant_id].is_of_another}


def _of_others(
    store: Database,
    connection: str,
    judged: Collection[PinMark],
    before: Mapping[str, PinMark],
    links: Mapping[str, Link],
    people: Mapping[str, Collection[str]],
    now: datetime,
) -> list[PinMark]:
    """Those of these grants, or of others, that are to be made anew; noted, and their bookings are due."""
    if not judged:
        return []
    book = PinMarks(store, connection)
    alike: dict[str | None, list[PinMark]] = defaultdict(list)
    for one in book.alike({one.mark for one in judged if one.mark is not None}):
        alike[one.mark].append(one)
    found: dict[str, PinMark] = {}
    undecided = {one.grant_id for one in judged}
    # Of two who are to come, the first one keeps hers.
    for me in sorted(judged, key=lambda one: (links[one.grant_id].starts_at or now, one.grant_id)):
        undecided.discard(me.grant_id)
        hers = people.get(me.grant_id, (me.person,))
        same = [one for one in alike[me.mark] if one.grant_id not in (me.grant_id, *undecided, *found)]
        if any(one.booking_id == me.booking_id and one.person in hers and not one.is_of_another for one in same):
            continue  # It has gone along with her.
        others = [one for one in same if one.person not in hers and not one.space_ids.isdisjoint(me.space_ids)]
        starts_at = links[me.grant_id].starts_at
        former = before[me.grant_id].mark if me.grant_id in before else None
        is_new = me.grant_id in before and former is None
        # Under a new API key her mark is another one, and her PIN is not.
        is_as_it_was = former is not None and me.mark is not None and not are_of_one_key(former, me.mark)
        was_told = is_as_it_was or (not is_new and starts_at is not None and starts_at <= now)
        for one in _who_has_not_begun(store, connection, others, now) if was_told else [me] if others else []:
            found[one.grant_id] = replace(one, is_of_another=True)
    if not found:
        return []
    again = [one.key for one in book.of_others()]
    chosen = [one for one in found.values() if again.count(one.key) < ANEW_AT_MOST]
    book.note(chosen)
    of = {link.booking_id: link.property_id for link in Links(store).of_keys(connection, [one.key for one in chosen])}
    due = [Task(connection, TaskKind.WATCH_STAY, one.booking_id, now, of.get(one.booking_id) or "") for one in chosen]
    Queue(store).enqueue(due, now)
    return chosen


def _who_has_not_begun(store: Database, connection: str, marks: Collection[PinMark], now: datetime) -> list[PinMark]:
    starts = {one.seam_id: one.starts_at for one in Links(store).of_keys(connection, [one.key for one in marks])}
    return [one for one in marks if (at := starts.get(one.grant_id)) is not None and at > now]


def _row(link: Link, mark: str | None) -> PinMark:
    person, spaces = link.user_identity_key or "", link.space_ids or frozenset()
    return PinMark(link.seam_id, link.key, link.booking_id or "", person, spaces, mark)
