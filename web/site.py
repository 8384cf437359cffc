"""The web application: its parts put together, its headers, its errors, its log."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, abort, g, render_template, request
from flask.typing import ResponseReturnValue
from flask_bootstrap import Bootstrap5
from flask_talisman import Talisman
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from reconciler.report import defect
from store.connections import NotAccepted, NotThere, Stale
from store.engine import StoreFailed
from store.people import People, Role
from store.secrets import SecretsUnreadable
from web import (
    access,
    alert_list,
    cards,
    closed_doors,
    connections,
    costs,
    embedded,
    held,
    inbox_list,
    languages,
    locks,
    monitoring,
    openid,
    people,
    policies,
    properties,
    receivers,
    reports,
    template_words,
    trends,
    webhooks,
    workspaces,
)
from web.board import Boards
from web.bodies import LARGEST_BODY
from web.context import WebContext
from web.kept_reports import KeptReports
from web.languages import gettext as _
from web.openapi import register_api

log = structlog.get_logger("web")
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "base-uri": "'none'",
}
"""Nothing from elsewhere, nothing inline. Bootstrap's icons are data: URLs in its style sheet."""


OPENED_FIRST = (
    *("/held", "/alerts", "/inbox", "/runs", "/drift", "/locks", "/locks/health", "/locks/forecast", "/audit-log"),
    *(
        "/connections",
        "/costs",
        "/events",
        "/bookings?q=A.B. 1",
        "/bookings?q=Lock",
        "/api/now",
        "/api/alerts",
        "/api/locks",
    ),
    *("/api/locks/health?state=broken", "/api/locks/forecasts"),
)
"""Lists of what is there, which change nothing; for the first page there is a thread of its own."""


def create_site(context: WebContext) -> Flask:
    """The application of one service."""
    app = Flask(__name__, static_folder="static", template_folder="templates")
    secure = (context.public_url or "").startswith("https://")
    app.config.update(
        SECRET_KEY=People(context.store).secret("sessions"),
        SESSION_COOKIE_NAME="nightporter",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=12),
        # An answer in the background that comes late would put the session back as it was before a form was sent.
        SESSION_REFRESH_EACH_REQUEST=False,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=64 * 1024,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
        BOOTSTRAP_SERVE_LOCAL=True,
        SEND_FILE_MAX_AGE_DEFAULT=timedelta(hours=1),
        RATELIMIT_HEADERS_ENABLED=False,
    )
    app.extensions["nightporter"] = context
    app.extensions["boards"] = Boards()
    app.extensions["trends"] = KeptReports()
    if context.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=context.proxies, x_proto=context.proxies)  # type: ignore[method-assign]
    languages.speak(app, context.language)
    Bootstrap5(app)
    embedded.let_in(app)
    Talisman(
        app,
        force_https=False,
        strict_transport_security=secure,
        session_cookie_secure=secure,
        session_cookie_samesite="Lax",
        content_security_policy=POLICY,
        referrer_policy="same-origin",
        frame_options="DENY",
    )
    access.csrf.init_app(app)
    access.limiter.init_app(app)
    _register_log(app)
    app.before_request(_no_nul)
    app.before_request(_only_forms)
    app.before_request(access.identify)
    for blueprint in (
        monitoring.blueprint,
        access.blueprint,
        openid.blueprint,
        properties.blueprint,
        held.blueprint,
        alert_list.blueprint,
        inbox_list.blueprint,
        reports.blueprint,
        locks.blueprint,
        closed_doors.blueprint,
        cards.blueprint,
        connections.blueprint,
        policies.blueprint,
        workspaces.blueprint,
        people.blueprint,
        costs.blueprint,
        trends.blueprint,
        embedded.blueprint,
        receivers.blueprint,
    ):
        app.register_blueprint(blueprint)
    register_api(app)
    template_words.register_words(app)
    _register_errors(app)
    app.after_request(_no_store)
    app.wsgi_app = _webhooks_first(context, app.wsgi_app)  # type: ignore[method-assign]
    return app


def make_pages_ready(site: Flask) -> None:
    """Puts the templates of all pages together, and the statements of those that are opened first. Otherwise whoever
    opens a page first after a start waits for its own, and for what all of them share: a third of a second of the
    processor."""
    assert site.jinja_loader is not None
    for name in site.jinja_loader.list_templates():
        site.jinja_env.get_template(name)
    for page in OPENED_FIRST:
        with site.test_request_context(page):
            g.caller = access.Caller("start", Role.ADMIN)
            try:
                site.make_response(site.dispatch_request())
            except Exception as problem:
                # Whoever opens it is told.
                log.warning("a page was not made ready", page=request.endpoint, trouble=defect(problem))


def _webhooks_first(context: WebContext, others: Any) -> Any:
    """Webhooks come by the thousand and need no session, no form and no page: they have an application of their own."""
    hooks = Flask("webhooks")
    # Without the redirect, which would tell the token again. How long a body may be, they say themselves.
    hooks.url_map.merge_slashes = False
    hooks.extensions["nightporter"] = context
    hooks.register_blueprint(webhooks.blueprint)

    @hooks.after_request
    def finish(response: Any) -> Any:
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Cache-Control"] = "no-store"
        if response.status_code != 204:
            # Those that were taken stand in the inbox.
            log.info("webhook refused", page=request.endpoint, status=response.status_code)
        return response

    @hooks.errorhandler(HTTPException)
    def told(problem: HTTPException) -> ResponseReturnValue:
        return {"error": "This is no webhook that is taken here."}, problem.code or 500

    @hooks.errorhandler(StoreFailed)
    def database(problem: StoreFailed) -> ResponseReturnValue:
        log.error("the database cannot be used", trouble=str(problem))
        return {"error": "It could not be stored: send it again."}, 503

    @hooks.errorhandler(Exception)
    def unforeseen(problem: Exception) -> ResponseReturnValue:
        log.error("a webhook failed", page=request.endpoint, trouble=defect(problem))
        return {"error": "Something went wrong that nobody foresaw: send it again."}, 500

    def dispatch(environ: Any, start_response: Any) -> Any:
        mine = environ.get("PATH_INFO", "").startswith("/webhooks/")
        return (hooks if mine else others)(environ, start_response)

    return dispatch


def _no_nul() -> None:
    """No id and no name has it, and PostgreSQL refuses it: a wrong question, not a failure of the database."""
    if "\0" in request.path or any("\0" in value for value in request.values.values()):
        abort(400)


def _only_forms() -> None:
    """A page is sent a form: Flask-WTF would take JSON for one, and fall over a list."""
    if request.is_json and not access.wants_json():
        abort(415)


def _no_store(response: Any) -> Any:
    """What pages show is nobody else's: no cache keeps it. Style sheets and scripts may be kept."""
    if not (request.endpoint or "").endswith("static"):
        response.headers["Cache-Control"] = "no-store"
    return response


def _register_log(app: Flask) -> None:
    """One line a request: never the query (it may hold a webhook's token), never a body."""

    @app.before_request
    def begin() -> None:
        g.begun = time.monotonic()

    @app.after_request
    def end(response: Any) -> Any:
        if request.endpoint not in ("monitoring.healthz", "reports.progress") and not (request.endpoint or "").endswith(
            "static"
        ):
            log.info(
                "request",
                method=request.method,
                page=request.endpoint,
                status=response.status_code,
                milliseconds=round((time.monotonic() - g.get("begun", time.monotonic())) * 1000),
                who=g.caller.name if g.get("caller") else None,
            )
        return response


def _register_errors(app: Flask) -> None:
    @app.errorhandler(HTTPException)
    def told(problem: HTTPException) -> ResponseReturnValue:
        status = problem.code or 500
        sentences = {
            400: _("This request is not understood."),
            403: _("Your role does not allow this: ask an administrator."),
            404: _("There is no such page."),
            405: _("This is not how this page is used."),
            413: _("This is too much at once."),
            429: _("Too many attempts: wait five minutes, then try again."),
        }
        has_own = status in (404, 409, 422, 502) and problem.description != type(problem).description
        own = problem.description if has_own else None
        wrong = _wrong_fields(problem) if status == 422 else ""
        return _answer(status, str(own or wrong or sentences.get(status) or _("This cannot be done.")))

    @app.errorhandler(NotAccepted)
    def not_accepted(problem: NotAccepted) -> ResponseReturnValue:
        return _answer(422, languages.problems_said(problem))

    @app.errorhandler(NotThere)
    def not_there(problem: NotThere) -> ResponseReturnValue:
        return _answer(404, languages.problems_said(problem))

    @app.errorhandler(Stale)
    def stale(problem: Stale) -> ResponseReturnValue:
        return _answer(409, languages.problems_said(problem))

    @app.errorhandler(SecretsUnreadable)
    def unreadable(problem: SecretsUnreadable) -> ResponseReturnValue:
        log.error("the secrets of the database cannot be used", trouble=str(problem))
        return _answer(503, str(problem))

    @app.errorhandler(CSRFError)
    def csrf(problem: CSRFError) -> ResponseReturnValue:
        return _answer(400, _("This page was open for too long, or the request does not come from it: load it again."))

    @app.errorhandler(StoreFailed)
    def database(problem: StoreFailed) -> ResponseReturnValue:
        log.error("the database cannot be used", trouble=str(problem))
        return _answer(503, _("The database cannot be used at the moment: try again in a minute."))

    @app.errorhandler(RecursionError)
    def too_deep(problem: RecursionError) -> ResponseReturnValue:
        return _answer(400, _("What was sent is nested too deeply."))

    @app.errorhandler(Exception)
    def unforeseen(problem: Exception) -> ResponseReturnValue:
        log.error("a page failed", page=request.endpoint, trouble=defect(problem))
        return _answer(500, _("Something went wrong that nobody foresaw; it is in the log."))


def _wrong_fields(problem: HTTPException) -> str:
    """What is wrong with the fields of a request, by their names; never a value, which may be a secret."""

    def lines(messages: Any, path: str) -> Iterator[str]:
        if isinstance(messages, dict):
            for name, below in messages.items():
                yield from lines(below, f"{path}.{name}" if path else str(name))
        else:
            yield f"{path[:160]}: {' '.join(str(one) for one in messages) if isinstance(messages, list) else messages}"

    places = (getattr(problem, "data", None) or {}).get("messages") or {}
    return "\n".join(line for found in places.values() for line in lines(found, ""))


def _answer(status: int, sentence: str) -> ResponseReturnValue:
    if access.wants_json():
        return {"error": sentence}, status
    try:
        if request.endpoint is None:
            # No such page: whoever is signed in goes on from here.
            g.caller = access.signed_in_here()
        return render_template("error.html", status=status, sentence=sentence, page=""), status
    except Exception:
        # The database may be what is wrong, and every page asks it something.
        return f"{status}: {sentence}", status, {"Content-Type": "text/plain; charset=utf-8"}
