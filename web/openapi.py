"""The API as a whole: its parts in the order of its OpenAPI document, and that document as a page."""

from flask import Flask, render_template
from flask.typing import ResponseReturnValue
from flask_smorest import Api

from store.people import Role
from web import answers, cards_api, closed_doors_api, connections_api, embedded, receivers_api
from web.access import needs
from web.api import blueprint

# isort: off
# Each puts its routes into that blueprint as it is imported: in this order they stand in the document.
from web import bookings_api as bookings_api
from web import inbox_api as inbox_api
from web import alerts_api as alerts_api
from web import locks_api as locks_api
from web import numbers_api as numbers_api
from web import lock_places_api as lock_places_api
# isort: on


class _Api(Api):
    """Errors are ours: one sentence."""

    ERROR_SCHEMA = answers.SentenceSchema


def register_api(app: Flask) -> None:
    """All routes under /api, their OpenAPI document at /api/openapi.json, and a page for people at /api/docs."""
    app.config.update(
        API_TITLE="Night Porter",
        API_VERSION=app.extensions["nightporter"].version,
        OPENAPI_VERSION="3.0.3",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = _Api(
        app,
        spec_kwargs={
            "info": {"description": "The reconciliation report, for programs. Send an API token, or sign in."},
            "security": [{"token": []}],
        },
    )
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for one in (
        blueprint,
        connections_api.blueprint,
        cards_api.blueprint,
        closed_doors_api.blueprint,
        receivers_api.blueprint,
        embedded.api,
    ):
        api.register_blueprint(one)

    @app.get("/api/docs")
    @needs(Role.VIEWER)
    def api_docs() -> ResponseReturnValue:
        """The OpenAPI document as a page."""
        return render_template("api_docs.html", spec=api.spec.to_dict(), page="api")
