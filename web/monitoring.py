"""For monitoring: is the process alive, is the service fit to work, and its numbers."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from schedules.watchdog import STANDS_STILL
from store.alerts import AlertBook
from store.connections import State
from store.engine import StoreFailed
from store.queue import Queue, TaskKind
from store.status import StatusBook
from web.access import web_context

UNFIT = ("connection", "full", "night_audit")
"""Kinds of alerts that say that a connection is not kept in step."""

blueprint = Blueprint("monitoring", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process is alive, and its loop turns. Asks nobody."""
    seconds = web_context().since_tick()
    if seconds > STANDS_STILL:
        return {"status": f"the loop has not turned for {seconds:.0f} s"}, 503
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers, the scheduler is alive, and every connection had a good run not long ago, and
    none that always fails."""
    of = web_context()
    wrong: list[str] = []
    try:
        now = of.clock()
        found, put_back = StatusBook(of.store).all(), Queue(of.store).put_back(TaskKind.INCREMENTAL)
        for connection in of.connections.values():
            if not connection.is_active(now) and connection.standing.state is not State.REFUSED:
                continue
            status = found.get(connection.name)
            if status is None or status.good_ended_at is None:
                wrong.append(f"{connection.name}: no good run yet")
            elif connection.is_late(now, status.good_ended_at, put_back.get(connection.name)):
                wrong.append(f"{connection.name}: the last good run was {status.good_started_at:%d %b %Y %H:%M} UTC")
        known = {one.split(":")[0] for one in wrong}
        wrong += [
            f"{alert.connection}: {alert.text}"
            for alert in AlertBook(of.store).open(kinds=UNFIT, in_english=True)
            if alert.connection in of.connections and alert.connection not in known
        ]
    except StoreFailed:
        wrong.append("the database cannot be used")
    if of.scheduler_alive is not None and not of.scheduler_alive():
        wrong.append("the scheduler is not alive")
    return {"status": "not ready" if wrong else "ok", "wrong": wrong}, 503 if wrong else 200


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """In the text format of Prometheus; for an API token, or whoever is signed in."""
    return web_context().metrics.text(), 200, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
