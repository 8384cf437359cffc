"""Held revocations: who keeps access that the PMS has ended, and what somebody decides on each."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connectors.wording import counted
from mappers.sentences import messages, people, say_number, together
from store.holds import HeldRevocation, Hold, Holds
from store.inbox import Inbox
from store.people import Role
from store.properties import KnownProperty
from store.runs import Runs
from store.stays import Stay, Stays
from web.access import back_to, caller, known_properties, note, web_context
from web.addresses import Pages
from web.causes import keeps_access
from web.languages import gettext as _
from web.languages import in_words
from web.lists import MOST_PLACES, as_file, asked_for, filtered, page_of

blueprint = Pages("held", __name__)
TYPED_ABOVE = 10
"""From more guests than this access is taken only when somebody types how many they are."""
LONGEST_WHY = 300
SHOWN = 300
GROUPS_SHOWN = 20
"""Properties of one page."""


@dataclass(frozen=True, slots=True)
class Group:
    """What is held at one property."""

    connection: str
    property_id: str
    of: KnownProperty | None
    """None: the PMS does not list it any more."""
    rows: list[tuple[HeldRevocation, Stay | None]]
    """Who is in the house first, then by arrival."""
    in_house: int
    is_asked: bool
    """Somebody has approved some of it, and it is being carried out."""

    @property
    def name(self) -> str:
        return self.of.name if self.of else self.connection

    @property
    def time_zone(self) -> str:
        return self.of.time_zone if self.of else "UTC"

    def is_in(self, connection: str, property_id: str) -> bool:
        """Whether it is of these; empty: of any."""
        return connection in ("", self.connection) and property_id in ("", self.property_id)

    @property
    def guests(self) -> int:
        """How many bookings it is about."""
        return len({one.hold.booking_id for one, _ in self.rows})


@blueprint.get("/held", role=Role.VIEWER)
def held() -> ResponseReturnValue:
    """Revocations that wait for a person's word, or stay by one. `connection` may be `connection/property id`;
    `format`: `csv` or `json` for a program."""
    asked, _, form = asked_for("connection", "property")
    connection, _, property_id = asked["connection"].partition("/")
    property_id = asked["property"] or property_id
    if not form:
        return _page(connection, property_id)
    columns = ["connection", "property", "booking", "booking id", "from (UTC)", "to (UTC)", "in the house", "why"]
    now = web_context().clock()
    rows = []
    for group in (one for one in _all_groups() if one.is_in(connection, property_id)):
        for one, stay in group.rows:
            times = (stay.starts_at, stay.ends_at) if stay else (None, None)
            who = (group.connection, group.name, stay.label if stay else None, one.hold.booking_id, *times)
            held = (one.held_at, one.run_id, one.kept_by, one.kept_why)
            rows.append((*who, _is_here(stay, now), one.hold.reason, *held))
    return as_file(form, "held", [*columns, "held (UTC)", "run", "kept by", "kept because"], rows)


def _page(
    connection: str = "", property_id: str = "", chosen: dict[str, str] | None = None, why: str = "", status: int = 200
) -> ResponseReturnValue:
    everywhere = _all_groups()
    groups = [one for one in everywhere if one.is_in(connection, property_id)]
    page_number, shown = page_of(groups, GROUPS_SHOWN)
    return render_template(
        "held.html",
        groups=shown,
        keeps_access=keeps_access,
        properties=len(groups),
        page_number=page_number,
        a_page=GROUPS_SHOWN,
        url=filtered("held.held", {"connection": f"{connection}/{property_id}".strip("/")}),
        number=sum(one.guests for one in groups),
        in_house=sum(one.in_house for one in groups),
        chosen=chosen or {},
        why=why,
        narrowed=bool(connection or property_id),
        choices=[(f"{one.connection}/{one.property_id}", one.name) for one in everywhere[:MOST_PLACES]],
        asked=f"{connection}/{property_id}",
        above=TYPED_ABOVE,
        shown=SHOWN,
        page="held",
    ), status


def _all_groups() -> list[Group]:
    of = web_context()
    now = of.clock()
    known = {(one.connection, one.property_id): one for one in known_properties()}
    by_place: dict[tuple[str, str], list[HeldRevocation]] = {}
    for one in Holds(of.store).waiting():
        by_place.setdefault((one.connection, one.hold.property_id), []).append(one)
    asked = {
        run_id
        for delivery in Inbox(of.store).page(source="staff", state="waiting", limit=200)
        for run_id in delivery.subjects.get("runs", ())
    }
    bookings = {(one.connection, one.hold.booking_id) for several in by_place.values() for one in several}
    stays = Stays(of.store).of_bookings(bookings)
    found = []
    for (connection, property_id), several in by_place.items():
        mine = [(one, stays.get((connection, one.hold.booking_id))) for one in several]
        rows = sorted(mine, key=lambda row: _place(row[1], now))
        found.append(
            Group(
                connection,
                property_id,
                known.get((connection, property_id)),
                rows,
                len({stay.booking_id for _, stay in rows if stay is not None and _is_here(stay, now)}),
                any(one.run_id in asked for one in several),
            )
        )
    return sorted(found, key=lambda group: (-group.in_house, group.name))


def _is_here(stay: Stay | None, now: datetime) -> bool:
    return stay is not None and stay.starts_at is not None and stay.starts_at <= now


def _place(stay: Stay | None, now: datetime) -> tuple[bool, datetime, str]:
    return not _is_here(stay, now), (stay.starts_at if stay else None) or now, stay.label if stay else ""


@blueprint.post("/held/decide", role=Role.OPERATOR)
def decide() -> ResponseReturnValue:
    """Takes access from those who were chosen, and keeps that of all others at this property. Each that is taken is
    checked with the PMS once more before. Nothing is done where somebody else has decided since the page was read."""
    of = web_context()
    connection, property_id = (request.form.get(name, "")[:128] for name in ("connection", "property"))
    group = next((one for one in _all_groups() if (one.connection, one.property_id) == (connection, property_id)), None)
    if group is None or connection not in of.connections:
        abort(404, _("Nothing is held there (any more)."))
    if group.is_asked:
        flash(_("What somebody has decided here is being carried out already. Nothing was done."), "warning")
        return _page(connection, property_id)
    shown = dict(zip(request.form.getlist("key"), request.form.getlist("number_of_key"), strict=False))
    of_all = request.form.get("all")
    chosen = {
        one.hold.key: of_all or request.form.get(f"choice-{shown[one.hold.key]}", "keep")
        for one, _ in group.rows
        if one.hold.key in shown
    }
    why = request.form.get("why", "")[:LONGEST_WHY].strip()
    take = [one for one, _ in group.rows if chosen.get(one.hold.key) == "take"]
    known = dict(zip(request.form.getlist("key"), request.form.getlist("kept_by_key"), strict=False))
    others = {one.kept_by for one in take if one.kept_by and one.kept_by != known.get(one.hold.key)}
    if others:
        flash(
            _("%(who)s has decided meanwhile that access stays. Nothing was done.", who=", ".join(sorted(others))),
            "warning",
        )
        return _page(connection, property_id, chosen, why)
    # Who has decided so before, and why, stays.
    keep = [one for one, _ in group.rows if chosen.get(one.hold.key) == "keep" and not one.kept_by]
    guests = _guests([one.hold for one in take])
    person = of.connections[connection].policy.person
    if guests > TYPED_ABOVE and request.form.get("number", "").strip() != str(guests):
        _flash_not_counted(guests, person)
        return _page(connection, property_id, chosen, why)
    if keep:
        Holds(of.store).keep(connection, [one.hold.key for one in keep], caller().name, why, of.clock())
        note("kept access", connection, property_id, _remark(len(keep), why))
    by_run: dict[str, list[str]] = {}
    for one in take:
        by_run.setdefault(one.run_id, []).append(one.hold.key)
    for run_id, keys in by_run.items():
        put_approval(connection, run_id, keys, _remark(len(keys), why))
    done: list[str] = []
    if take:
        both = messages(
            "{who} loses the access, after the PMS was asked once more.",
            "{who} lose the access, after the PMS was asked once more about each.",
        )
        done.append(say_number(guests, *both, who=people(guests, person)))
    if keep:
        both = messages("{who} keeps it.", "{who} keep it.")
        staying = len({one.hold.booking_id for one in keep})
        done.append(say_number(staying, *both, who=people(staying, person)))
    return back_to(
        in_words(together(done, " ")) or _("Nothing was chosen."), "info" if done else "warning", "held.held"
    )


def _remark(number: int, why: str) -> str:
    return counted(number, "grant") + (f": {why}" if why else "")


def _guests(held: Collection[Hold]) -> int:
    """How many bookings these are about."""
    return len({one.booking_id for one in held})


def _flash_not_counted(guests: int, person: str) -> None:
    both = messages("{who} would lose the access", "{who} would lose the access")
    what = say_number(guests, *both, who=people(guests, person))
    flash(_("%(what)s: type %(number)s to confirm. Nothing was done.", what=what, number=str(guests)), "danger")


# --- all that a run holds ---------------------------------------------------------------------------------------------


class NotCounted(Exception):
    """Whoever takes access from many has to say from how many, and has not."""

    def __init__(self, guests: int, person: str):
        super().__init__(f"{counted(guests, person)} would lose the access. Nothing was done")
        self.guests = guests
        self.person = person


@blueprint.post("/held/<run_id>/approve", role=Role.OPERATOR)
def approve(run_id: str) -> ResponseReturnValue:
    """Has all revocations of a run carried out, but what somebody has decided to keep; each is checked with the PMS
    once more before. `number`: how many guests that are, where they are many. No page shows it since each guest is
    decided on; programs that send forms use it."""
    try:
        is_asked = ask_for_approval(run_id, request.form.get("number", "").strip())
    except NotCounted as problem:
        _flash_not_counted(problem.guests, problem.person)
        return _page(status=422)
    if is_asked:
        flash(_("Approved. Each is checked with the PMS once more, and then carried out."), "info")
    else:
        flash(_("This run holds nothing (any more)."), "warning")
    return redirect(url_for("held.held"))


def ask_for_approval(run_id: str, number: str) -> bool:
    """Has all carried out that a run holds, but what somebody has decided to keep; False where it holds nothing.
    `number`: of how many guests somebody says so. Raises `NotCounted`."""
    context = web_context()
    found = Runs(context.store).get(run_id) or abort(404, _("No run %(run)s is stored.", run=run_id[:60]))
    held = Holds(context.store).approved(run_id).values()
    if not held:
        return False
    guests = _guests(held)
    if guests > TYPED_ABOVE and number != str(guests):
        of = context.connections.get(found.connection)
        raise NotCounted(guests, of.policy.person if of is not None else "guest")
    put_approval(found.connection, run_id)
    return True


def put_approval(connection: str, run_id: str, keys: Sequence[str] = (), remark: str | None = None) -> None:
    """Puts an approval into the inbox: of these grants, or all but what somebody has decided to keep."""
    context = web_context()
    subjects: dict[str, list[str]] = {"runs": [run_id]}
    event_id = f"approve {run_id}"
    if keys:
        subjects["keys"] = sorted(keys)
        event_id += f" {hashlib.sha256(repr(subjects).encode()).hexdigest()[:12]}"
    Inbox(context.store).put("staff", event_id, "approve", subjects, context.clock(), connection=connection)
    note("approved", connection, run_id, remark)
    context.enqueue(connection)
