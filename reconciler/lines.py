"""What a report says beside what was done: who waits, what is held, what cannot be read, what is missing."""

from collections.abc import Callable, Iterable, Mapping

from connectors.records import Property
from mappers.access import NO_ACCESS
from mappers.keys import Keys
from mappers.outcomes import Action, Cause, Kind, Outcome
from mappers.sentences import messages, named, say, say_number, together
from reconciler.changes import Plan
from reconciler.prepare import Prepared
from reconciler.pull import Pulled
from store.accounts import Account
from store.runs import OutcomeRow

NAMED = 10
"""So many people are named in one sentence."""
PROPERTY_MISSING = say("the PMS does not list it any more: check that the integration is still enabled for it")
NO_PROPERTY = say("the PMS lists no property: check that the integration is enabled")


def lines_of(one: Prepared, keys: Keys, held: Mapping[str, str]) -> list[OutcomeRow]:
    """The lines of everything that is no change. `held` says by key why revocations are held."""
    rows = [*one.notes, *one.plan.notes]
    rows.extend(change.row(Outcome.HELD, together((change.reason, held[change.key]))) for change in one.plan.held)
    kinds = {"room": (Kind.SPACE, keys.room), "guest": (Kind.USER_IDENTITY, keys.guest)}
    for broken in one.pulled.broken:
        kind, key = kinds.get(broken.kind, (Kind.ACCESS_GRANT, keys.grant))
        rows.append(
            OutcomeRow(
                kind,
                key(broken.id),
                Action.READ,
                Outcome.FAILED,
                say("the PMS's record cannot be read; what exists for it stays as it is"),
                broken.reason,
                booking_id=broken.id if broken.kind == "booking" else None,
            )
        )
    if one.pulled.left_out:
        rows.append(
            OutcomeRow(
                Kind.PROPERTY,
                one.pulled.of.id,
                Action.READ,
                Outcome.FAILED,
                say("{of}: nothing was revoked for being absent from a list", of=one.pulled.of.name),
                say_number(one.pulled.left_out, *LEFT_OUT),
            )
        )
    return rows


def planned_lines(planned: Plan) -> list[OutcomeRow]:
    """The lines of a dry run: every change that would be made, and what would be adopted."""
    return [*planned.adopted, *(change.row(Outcome.PLANNED) for change in planned.changes())]


def unknown_bookings(
    ids: Iterable[str], prepared: Iterable[Prepared], keys: Keys, reservation_of: Callable[[str], str]
) -> list[OutcomeRow]:
    """A line for each booking that was asked for by name and that no property has."""
    met: set[str] = set()
    for one in prepared:
        met |= one.pulled.known_ids() | one.pulled.missing
    met |= {reservation_of(booking_id) for booking_id in met}
    return [
        OutcomeRow(
            Kind.ACCESS_GRANT,
            keys.grant(booking_id),
            Action.READ,
            Outcome.FAILED,
            say("nothing was done for this booking"),
            say("the PMS has no booking with this id: give the PMS's own id, not the confirmation number"),
            booking_id=booking_id,
        )
        for booking_id in ids
        if booking_id not in met
    ]


LEFT_OUT = messages(
    "the PMS's lists left out {number} record that it has when asked by id",
    "the PMS's lists left out {number} records that it has when asked by id",
)
NEWS_LEFT_OUT = messages(
    "its lists left out {number} record of {all} that it has when asked by id: what is new may be missing as well; "
    "check the PMS, and what the integration may read",
    "its lists left out {number} records of {all} that it has when asked by id: what is new may be missing as well; "
    "check the PMS, and what the integration may read",
)
UNREADABLE = messages(
    "{unread} of {number} booking that it sent cannot be read (the first: {first}): access stays as it is; see whether "
    "the PMS has changed how it writes them",
    "{unread} of {number} bookings that it sent cannot be read (the first: {first}): access stays as it is; see "
    "whether the PMS has changed how it writes them",
)
FEW = 5
"""So many bookings of a property may be broken records, whatever else was read."""


def not_followed(pulled: Pulled) -> str:
    """A sentence, where a property cannot be kept in step by what was read of it, though nobody loses anything by it;
    otherwise empty. More broken records than others: not single bookings are wrong, but the way in which they are
    written. Lists that lose a tenth: nobody hears of what is new."""
    unread = [one for one in pulled.broken if one.kind == "booking" and one.status not in NO_ACCESS]
    number = len(unread) + len(pulled.bookings) + len(pulled.unchanged)
    if FEW <= len(unread) > number / 2:
        first = unread[0].reason
        return say_number(number, *UNREADABLE, unread=len(unread), first=first)
    if pulled.full and pulled.left_out and pulled.left_out >= number / 10:
        return say_number(pulled.left_out, *NEWS_LEFT_OUT, all=number)
    return ""


def missing_identity(key: str) -> OutcomeRow:
    """An identity that somebody deleted in Seam, and that nobody needs: it is ours no more."""
    reason = say("deleted in Seam by somebody else; not needed at the moment, so not made again")
    return OutcomeRow(Kind.USER_IDENTITY, key, Action.KEEP, Outcome.DONE, reason, cause=Cause.DRIFT)


def broken_accounts(of: Property, accounts: Iterable[Account]) -> list[OutcomeRow]:
    """A line for each of a property's lock accounts that does not work."""
    return [
        OutcomeRow(
            Kind.PROPERTY,
            of.id,
            Action.READ,
            Outcome.ALERT,
            say(
                "{of}: nothing new reaches the locks of {account}: {why}",
                of=of.name,
                account=account.name,
                why=account.why,
            ),
            label=of.name,
        )
        for account in accounts
        if account.trouble
    ]


def doubt_of(one: Prepared) -> str:
    """Why a PMS that denies most of what it had is not believed, who keeps access meanwhile, and how to end that."""
    held = [change for change in one.plan.held if change.booking_id in one.pulled.may_be_gone]
    people = list(dict.fromkeys(change.label or change.booking_id or "" for change in held))
    if not people:
        return one.pulled.doubt or ""
    return say(
        "{why}. Meanwhile these keep their access: {who}. If they are really gone, end it under Held (or by approve)",
        why=one.pulled.doubt or "",
        who=named(people, NAMED),
    )
