"""Addresses of pages and of the API. Each says with its path who may use it; the API's also by what they refuse."""

from collections.abc import Callable, Mapping
from typing import Any

import flask
import flask_smorest
from flask import Request, abort
from marshmallow import Schema
from webargs.flaskparser import FlaskParser

from store.people import Role
from web.access import F, needs
from web.answers import SentenceSchema


class _OfRoles:
    """`role`: who may use an address, and whoever has a higher one; none: everybody who gets so far."""

    def route(self, rule: str, *, role: Role | None = None, **options: Any) -> Callable[[F], F]:
        register: Callable[[F], F] = super().route(rule, **options)  # type: ignore[misc]
        return register if role is None else lambda view: register(needs(role)(view))


class Pages(_OfRoles, flask.Blueprint):
    """Of pages and forms."""


class _Json(FlaskParser):
    def load_json(self, req: Request, schema: Schema) -> Any:
        try:
            return super().load_json(req, schema)
        except ValueError:
            # Python reads no number of thousands of digits.
            abort(400)


class ApiBlueprint(_OfRoles, flask_smorest.Blueprint):  # type: ignore[misc]
    """Of addresses that take JSON: whatever is wrong with it, what was sent is not understood."""

    ARGUMENTS_PARSER = _Json()

    def refuses(self, *statuses: int, said: Mapping[int, str] | None = None) -> Callable[[F], F]:
        """By which statuses a sentence may be the answer; `said`: what the document says of them."""

        def wrap(view: F) -> F:
            for status in statuses:
                told = {"description": said[status]} if said else {}
                view = self.alt_response(status, schema=SentenceSchema, **told)(view)
            return view

        return wrap
