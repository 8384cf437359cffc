"""For monitoring: is the process alive, is the service fit to work, and its numbers."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from store.board import Board
from store.store import StoreFailed
from web.access import service

blueprint = Blueprint("pulse", __name__)


@blueprint.get("/healthz")
def healthz() -> ResponseReturnValue:
    """The process is alive. Asks nobody."""
    return {"status": "ok"}


@blueprint.get("/readyz")
def readyz() -> ResponseReturnValue:
    """The database answers, the scheduler is alive, and every connection had a good run not long ago."""
    of = service()
    wrong: list[str] = []
    try:
        board = Board(of.store)
        now = of.clock()
        for connection in of.connections.values():
            good = board.last_good_run(connection.name)
            if good is None:
                wrong.append(f"{connection.name}: no good run yet")
            elif now - (good.finished_at or good.started_at) > connection.late_after:
                wrong.append(f"{connection.name}: the last good run was {good.started_at:%d %b %H:%M} UTC")
    except StoreFailed:
        wrong.append("the database cannot be used")
    if of.scheduler_alive is not None and not of.scheduler_alive():
        wrong.append("the scheduler is not alive")
    return {"status": "not ready" if wrong else "ok", "wrong": wrong}, 503 if wrong else 200


@blueprint.get("/metrics")
def metrics() -> ResponseReturnValue:
    """In the text format of Prometheus; for an API token, or whoever is signed in."""
    return service().metrics.text(), 200, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}
