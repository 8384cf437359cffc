"""Takes away all access that a connection has made in Seam: when it is removed, and somebody has asked for that.

The PMS is not asked: this is a person's word about all of it, so no safety limit holds it. It is done again until Seam
has no such grant any more, and each is an outcome of a run.
"""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from mappers.keys import Keys, split_generation
from mappers.outcomes import Action, Kind, Outcome
from mappers.sentences import say, sentence_of
from reconciler.report import RunReport
from seam_workspace.errors import SeamError, SeamNotFound
from seam_workspace.existing import ExistingAccessGrant
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.links import Links
from store.pending_revocations import PendingRevocation, PendingRevocations
from store.prefixes import KeyPrefixes
from store.properties import Properties
from store.runs import OutcomeRow, Runs
from store.turns import Turn

MODE = "take_away"
ALL_RIGHT, SOMETHING_FAILED = 0, 1


def take_all_away(
    connection: str,
    keys: Keys,
    workspace: Workspace,
    store: Database,
    turn: Turn,
    reason: str,
    clock: Callable[[], datetime],
    stop: Callable[[], bool],
) -> RunReport:
    """Deletes every grant of the connection, in its turn, as one run; `exit` of its report is 0 where none is left.
    `reason`: who asked for it, and why. Raises `StoreFailed`."""
    fenced = store.fenced(turn)
    now = clock()
    run_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(6)}"
    report = RunReport(run_id, connection, MODE, now, clock, fenced)
    Runs(store).begin(run_id, connection, MODE, now, None, say("taking all access away"), turn.name)
    others = KeyPrefixes(store).others(connection, keys.prefix, keys.workspace)
    mine = replace(keys, others=(*keys.others, *others))
    links = {link.seam_id: link for link in Links(store).of_connection(connection, [Kind.ACCESS_GRANT]).values()}
    try:
        for grant in _grants(connection, mine, workspace, store, links.keys()):
            if stop():
                report.broken_off = say("the run was asked to stop: the rest is taken away by the next one")
                break
            link = links.get(grant.id)
            key = link.key if link is not None else split_generation(grant.key or "")[0]
            booking_id = link.booking_id if link is not None else mine.booking_of(grant.key or "")
            row = OutcomeRow(
                Kind.ACCESS_GRANT,
                grant.key or key,
                Action.REVOKE,
                Outcome.DONE,
                reason,
                label=link.label if link is not None else None,
                booking_id=booking_id,
            )
            try:
                with workspace.guarded(turn.check):
                    workspace.delete_access_grant(grant.id)
            except SeamNotFound:
                pass
            except SeamError as problem:
                report.add([replace(row, outcome=Outcome.FAILED, error=sentence_of(problem))])
                continue
            if booking_id is not None and (grant.ends_at is None or grant.ends_at > clock()):
                pending = PendingRevocation(
                    connection,
                    grant.id,
                    grant.key or key,
                    booking_id,
                    (link.property_id if link is not None else None) or "",
                    [],
                    sorted(grant.space_ids),
                    grant.ends_at,
                    clock(),
                )
                PendingRevocations(fenced).note([pending])
            report.add([row], gone=[(Kind.ACCESS_GRANT, key)])
    except SeamError as problem:
        report.broken_off = say("Seam could not be read: {problem}", problem=sentence_of(problem))
    report.finished_at = clock()
    report.exit = SOMETHING_FAILED if report.broken_off or report.total("failed") else ALL_RIGHT
    Runs(fenced).finish(run_id, MODE, report.finished_at, report.exit, report.totals, report.broken_off)
    return report


def _grants(
    connection: str, keys: Keys, workspace: Workspace, store: Database, known: Iterable[str]
) -> list[ExistingAccessGrant]:
    """Those that are remembered, and, for a database that has forgotten some, those of the connection's properties that
    carry its keys, spare ones as well; without those that Seam is deleting already."""
    found = {grant.id: grant for grant in workspace.access_grants_by_id(sorted(known))}
    for one in Properties(store).known():
        if one.connection == connection:
            for grant in workspace.list_access_grants(keys.customer(one.property_id)):
                if grant.key is not None and (keys.booking_of(grant.key) is not None or keys.is_spare(grant.key)):
                    found[grant.id] = grant
    return [grant for grant in found.values() if not grant.being_deleted]
