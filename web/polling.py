"""What is asked of a connection's PMS and of Seam, how often, when next, and why: the lines of its page."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from mappers.sentences import message
from schedules.connections import REFUSED_AGAIN
from schedules.due import interval
from store.connections import State
from store.jobs import JobBook
from store.properties import Properties
from store.queue import JOBS, Queue, TaskKind
from web.context import WebContext
from web.languages import gettext as _
from web.languages import ngettext

WHAT = {
    TaskKind.INCREMENTAL: message("What has changed in the PMS"),
    TaskKind.FULL: message("Everything, of the PMS and of Seam"),
    TaskKind.LOCK_HEALTH: message("How the locks are"),
    TaskKind.RETRY: message("What failed, once more"),
    TaskKind.ARRIVAL_CHECK: message("Whether the doors open for those who arrive"),
    TaskKind.NIGHT_AUDIT: message("Night audit: everything, by every key"),
}


@dataclass(frozen=True, slots=True)
class Polled:
    """One thing that is done by itself."""

    what: str
    of: str
    """The property, where it is of one."""
    how_often: str
    next_at: datetime | None
    """UTC; None: not as things stand."""
    good_at: datetime | None
    why: str


def polled(context: WebContext, name: str) -> list[Polled]:
    """The jobs of a connection, the next one first; none where it is not worked with."""
    connection, now = context.connections.get(name), context.clock()
    if connection is None:
        return []
    state = connection.standing.at(now)
    names = {one.property_id: one.name for one in Properties(context.store).known(name)}
    records = JobBook(context.store).all(name)
    found = []
    for task in Queue(context.store).waiting(name, JOBS):
        kind = TaskKind(task.kind)
        does = connection.does(kind, now)
        record = records.get((name, task.subject, kind))
        every = interval(connection.timetable, kind)
        if every is not None and task.why is not None and record is not None:
            rarer = span_in_words(task.not_before - record.started_at)
            how_often = _("after %(span)s instead of %(every)s", span=rarer, every=span_in_words(every))
        elif every is not None:
            how_often = _("every %(span)s", span=span_in_words(every))
        elif kind in (TaskKind.NIGHT_AUDIT, TaskKind.ARRIVAL_CHECK):
            how_often = _("daily at %(at)s there", at=f"{getattr(connection.timetable, kind):%H:%M}")
        else:
            how_often = _("when something is due")
        why = _(task.why) if task.why else ""
        if not does:
            why = {
                State.PAUSED: _("not while it is paused"),
                State.WATCH: _("not while it only watches"),
                State.REFUSED: _("not while the PMS refuses the credentials"),
            }.get(state, _("not as it stands"))
        elif state is State.REFUSED:
            why = _(
                "the PMS refuses the credentials, so they are tried every %(span)s", span=span_in_words(REFUSED_AGAIN)
            )
        elif record is not None and record.trouble:
            why = record.trouble
        found.append(
            Polled(
                _(WHAT[kind]),
                names.get(task.subject, task.subject),
                how_often,
                task.not_before if does else None,
                record.good_at if record is not None else None,
                why,
            )
        )
    return sorted(found, key=lambda one: (one.next_at is None, one.next_at or now, one.what))


def span_in_words(span: timedelta) -> str:
    """ "2 min", "6 h", "14 days", in the reader's language."""
    seconds = int(span.total_seconds())
    if seconds >= 86400 and not seconds % 86400:
        return ngettext("%(num)s day", "%(num)s days", seconds // 86400)
    if seconds >= 3600 and not seconds % 3600:
        return _("%(number)s h", number=seconds // 3600)
    if seconds >= 60 and not seconds % 60:
        return _("%(number)s min", number=seconds // 60)
    return _("%(number)s s", number=seconds)
