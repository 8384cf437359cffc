"""The connections as pages: how each stands, what is asked of its PMS and why, and everything that may be changed.

Whoever is signed in may look; an admin changes. A link lets somebody without an account put new credentials in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

import yaml
from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from connectors.connector import SECRET_KINDS, Setting
from mappers.sentences import message, of_setting, say
from schedules.timetable import Timetable
from store.connections import NotAccepted, NotThere, Stale, State
from store.credential_links import CredentialLinks
from store.people import People, Role
from store.status import Status, StatusBook
from web.access import caller, limit_guesses, register, web_context
from web.addresses import Pages
from web.audit_words import actor_words
from web.forms import LinkForm
from web.languages import gettext as _
from web.languages import in_words, problems_said
from web.lists import A_PAGE, asked_for, filtered, page_of
from web.polling import polled, span_in_words
from web.register import ConnectionEntry

blueprint = Pages("connections", __name__)
LONGEST = 4000
"""Characters of a field."""
STATES = {
    State.ACTIVE: (message("active"), "good"),
    State.WATCH: (message("only watches"), "quiet"),
    State.PAUSED: (message("paused"), "warn"),
    State.REFUSED: (message("credentials refused"), "bad"),
    State.LEAVING: (message("its access is being taken away"), "warn"),
    State.REMOVED: (message("removed"), "quiet"),
}
"""In words, and how a page colours them."""
SPANS = {
    "": None,
    "4h": timedelta(hours=4),
    "1d": timedelta(days=1),
    "7d": timedelta(days=7),
    "30d": timedelta(days=30),
}
"""For how long somebody may pause a connection on its page."""
SCHEDULES = {
    "incremental": message("How often what has changed is read"),
    "incremental_at_most": message("How often at least, where its webhooks arrive"),
    "full": message("How often everything is read"),
    "lock_health": message("How often the locks are looked at"),
    "night_audit": message("Night audit"),
    "arrival_check": message("Arrival check"),
    "retry": message("How soon what failed is tried again"),
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form."""

    path: str
    """Of the setting: `<connector>.<name>`."""
    label: str
    value: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    is_secret: bool = False
    lines: bool = False
    """Whether it takes several lines."""


_HINTS = {
    "url": message("an address that begins with https://"),
    "number": message("a whole number"),
    "duration": message("a number with s, m, h or d, such as 15m"),
    "clock": message("a time of day, such as 15:00"),
    "time_zone": message("an IANA time zone, such as Europe/Vienna"),
    "country": message("two letters, such as AT"),
    "path": message("counted from where the settings file is"),
    "words": message("one a line"),
    "texts": message("one a line: name, colon, value"),
    "texts_by_name": message("one a line: name, colon, value"),
    "urls": message("one a line: name, colon, address"),
    "urls_by_name": message("one a line: name, colon, address"),
}
_OF_LINES = frozenset({"words", "texts", "texts_by_name", "urls", "urls_by_name"})


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _fields(
    connector: str, settings: Sequence[Setting], shown: Mapping[str, Any], given: Mapping[str, str]
) -> list[Field]:
    """What a connection of that connector is asked for, with what is set (`shown`) or was just typed (`given`). A
    secret is never shown, typed or set."""
    block = shown.get(connector) or {}
    found = []
    for one in settings:
        path, is_secret = f"{connector}.{one.name}", one.kind in SECRET_KINDS
        value = "" if is_secret else given.get(path, _as_text(block.get(one.name)))
        choices = one.choices if one.kind != "texts" else ()
        if one.kind == "flag":
            choices = ("true", "false")
        hint = _(_HINTS[one.kind]) if one.kind in _HINTS else ""
        if not one.required and not is_secret and one.default is not None:
            default = _as_text(one.default)
            hint = _or_else(hint, default) if hint else _("else %(default)s", default=default)
        found.append(
            Field(path, _label(one.name), value, hint, tuple(choices), one.required, is_secret, one.kind in _OF_LINES)
        )
    return found


def _or_else(hint: str, default: str) -> str:
    return _("%(hint)s; else %(default)s", hint=hint, default=default)


def _common(shown: Mapping[str, Any], given: Mapping[str, str]) -> list[Field]:
    """What every connection may be given, whatever its connector."""
    schedules = shown.get("schedules") or {}
    names = [one.name for one in register().policies()]
    return [
        Field("policy", _("Policy"), given.get("policy", _as_text(shown.get("policy"))), "", tuple(names)),
        *_organisation(shown, given),
        *(
            Field(path, _(label), given.get(path, _as_text(schedules.get(name))), _schedule_hint(name))
            for name, label in SCHEDULES.items()
            for path in [f"schedules.{name}"]
        ),
    ]


def _organisation(shown: Mapping[str, Any], given: Mapping[str, str]) -> list[Field]:
    """Only an admin of everything says whose a connection is."""
    if caller().memberships:
        return []
    hint = _("whose it is, or its group: pages are narrowed to one, and people may have roles over it")
    value = given.get("organisation", _as_text(shown.get("organisation")))
    return [Field("organisation", _("Organisation"), value, hint)]


def _workspace(given: Mapping[str, str]) -> Field:
    names = tuple(one.name for one in register().workspaces() if one.name)
    hint = _("its name, where there are several; it stays")
    return Field("workspace", _("Seam workspace"), given.get("workspace", ""), hint, names)


def _schedule_hint(name: str) -> str:
    default = getattr(Timetable(), name)
    if isinstance(default, time):
        return _or_else(_("a time of day there"), f"{default:%H:%M}")
    return _or_else(_(_HINTS["duration"]), span_in_words(default))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    if isinstance(value, Mapping | list | tuple):
        return yaml.safe_dump(value, allow_unicode=True, sort_keys=False).strip() if value else ""
    return str(value)


def _typed() -> dict[str, str]:
    """What was typed into the form, by the path of each setting."""
    return {name: text.replace("\r\n", "\n").strip()[:LONGEST] for name, text in request.form.items()}


def _document(connector: str, given: Mapping[str, str], shown: Mapping[str, Any]) -> dict[str, Any]:
    """What was typed, as the settings file would have it. An empty field takes a setting that is set (`shown`) back to
    its default; a secret that was left empty stays as it is. Raises `NotAccepted`."""
    document: dict[str, Any] = {}
    kinds = {f"{connector}.{one.name}": one.kind for one in register().connectors().get(connector, ())}
    for path in [
        *kinds,
        "policy",
        "organisation",
        "workspace",
        "key_prefix",
        "webhook_token",
        *(f"schedules.{name}" for name in SCHEDULES),
    ]:
        text, kind = given.get(path), kinds.get(path, "secret" if path == "webhook_token" else "text")
        group, _, name = path.rpartition(".")
        is_set = name in ((shown.get(group) or {}) if group else shown)
        if text or (text is not None and is_set):
            place = document.setdefault(group, {}) if group else document
            place[name] = _read(path, kind, text) if text else None
    return document


def _read(path: str, kind: str, text: str) -> Any:
    if kind == "words":
        return [line.strip() for line in text.splitlines() if line.strip()]
    if kind not in _OF_LINES:
        return text
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        # What YAML complains of may quote a secret.
        raise NotAccepted(of_setting(path, say("one a line: name, colon, blank, value."))) from None
    return found


# --- looking ----------------------------------------------------------------------------------------------------------


@blueprint.get("/connections", role=Role.VIEWER)
def connections() -> ResponseReturnValue:
    """All connections: how each stands, and since when it is in step. `q`: a part of the name."""
    asked, _before, _form = asked_for("q")
    entries = register().entries()
    mine = [one for one in entries if not one.is_removed]
    found = [one for one in mine if asked["q"].casefold() in one.name.casefold()]
    number, page = page_of(found, A_PAGE)
    statuses = StatusBook(web_context().store).all(names=[one.name for one in page])
    return render_template(
        "connections.html",
        connections=[(one, _standing(one, statuses.get(one.name)), statuses.get(one.name)) for one in page],
        removed=[(one, _standing(one, None)) for one in entries if one.is_removed],
        asked=asked,
        known=len(mine),
        number=len(found),
        page_number=number,
        a_page=A_PAGE,
        url=filtered("connections.connections", asked),
        page="connections",
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """How a connection stands at this moment, in words."""

    state: State
    words: str
    tone: str
    by: str = ""
    reason: str = ""
    since: datetime | None = None
    until: datetime | None = None


def _standing(one: ConnectionEntry, status: Status | None) -> Standing:
    of, state = one.standing, one.standing.at(web_context().clock())
    words, tone = _(STATES[state][0]), STATES[state][1]
    if one.trouble and not one.is_removed:
        return Standing(state, _("cannot be used"), "bad", reason=in_words(one.trouble))
    if state is State.ACTIVE:
        # What has had no good run yet is no success.
        return Standing(state, words, tone if status is not None and status.good_ended_at else "quiet")
    return Standing(state, words, tone, actor_words(of.by), of.reason, of.since, of.until)


@blueprint.get("/connections/<connection>", role=Role.VIEWER)
def connection(connection: str) -> ResponseReturnValue:
    """One connection: how it stands, what is polled and why, and what may be changed."""
    return _page(register().entry(connection))


def _page(
    entry: ConnectionEntry,
    problems: Sequence[str] = (),
    given: Mapping[str, str] | None = None,
    link: str | None = None,
) -> ResponseReturnValue:
    context = web_context()
    fields = _fields(entry.connector, register().connectors().get(entry.connector, ()), entry.shown, given or {})
    status = StatusBook(context.store).all(entry.name).get(entry.name)
    return render_template(
        "connection.html",
        entry=entry,
        standing=_standing(entry, status),
        status=status,
        polled=polled(context, entry.name),
        secrets=[one for one in fields if one.is_secret],
        fields=[one for one in fields if not one.is_secret] + _common(entry.shown, given or {}),
        spans=list(SPANS),
        problems=problems,
        link=link,
        page="connections",
    ), 422 if problems else 200


# --- changing ---------------------------------------------------------------------------------------------------------


@blueprint.get("/new-connection", role=Role.ADMIN)
def new() -> ResponseReturnValue:
    """Which PMS it is; then what its connector is asked for."""
    return _new_page(request.args.get("connector", ""), {}, ())


def _new_page(connector: str, given: Mapping[str, str], problems: Sequence[str]) -> ResponseReturnValue:
    kinds = register().connectors()
    if connector not in kinds:
        return render_template("connection_new.html", connectors=sorted(kinds), connector=None, page="connections")
    needs_prefix = any(not one.is_removed for one in register().entries())
    return render_template(
        "connection_new.html",
        connector=connector,
        name=given.get("name", ""),
        key_prefix=given.get("key_prefix", ""),
        needs_prefix=needs_prefix,
        watch=given.get("state", "watch") == "watch",
        fields=_fields(connector, kinds[connector], {}, given),
        common=[_workspace(given), *_common({}, given)],
        problems=problems,
        page="connections",
    ), 422 if problems else 200


@blueprint.post("/new-connection", role=Role.ADMIN)
def add() -> ResponseReturnValue:
    """Makes a connection of what was typed."""
    given = _typed()
    connector, name = given.get("connector", ""), given.get("name", "")
    try:
        document = {"connector": connector, connector: {}, **_document(connector, given, {})}
        state = State.ACTIVE if given.get("state") == "active" else State.WATCH
        register().add(name, document, caller().name, web_context().clock(), state)
    except (NotAccepted, Stale) as wrong:
        return _new_page(connector, given, wrong.problems)
    if state is State.ACTIVE:
        flash(_("Connection %(name)s is made: its first run begins within seconds.", name=name), "success")
    else:
        flash(_("Connection %(name)s is made: it shows what it would do, and waits.", name=name), "success")
    return redirect(url_for("connections.connection", connection=name))


@blueprint.post("/connections/<connection>/settings", role=Role.ADMIN)
def change(connection: str) -> ResponseReturnValue:
    """Changes settings that are no secrets."""
    entry, given = register().entry(connection), _typed()
    try:
        document = _document(entry.connector, given, entry.shown)
        register().change(connection, document, caller().name, web_context().clock(), _version(given))
    except (NotAccepted, Stale) as wrong:
        return _page(entry, wrong.problems, given)
    flash(_("Changed: it counts within a few seconds."), "success")
    return _back(connection)


@blueprint.post("/connections/<connection>/rotate", role=Role.ADMIN)
def rotate(connection: str) -> ResponseReturnValue:
    """Puts new credentials in; those that are left empty stay."""
    entry = register().entry(connection)
    try:
        _put_in(entry, caller().name, _version(_typed()))
    except (NotAccepted, Stale) as wrong:
        return _page(entry, wrong.problems)
    flash(_("The new credentials are taken up within a few seconds, and everything else stays as it is."), "success")
    return _back(connection)


def _put_in(entry: ConnectionEntry, who: str, version: int | None, with_token: bool = True) -> None:
    """Puts the credentials of the form in, the webhooks' token among them. Raises `NotAccepted` and `Stale`."""
    given = _typed()
    secrets = {}
    for one in register().connectors().get(entry.connector, ()):
        path = f"{entry.connector}.{one.name}"
        if one.kind in SECRET_KINDS and given.get(path):
            secrets[path] = _read(path, one.kind, given[path])
    if with_token and given.get("webhook_token"):
        secrets["webhook_token"] = given["webhook_token"]
    register().renew(entry.name, secrets, who, web_context().clock(), version)


def _version(given: Mapping[str, str]) -> int | None:
    return int(given["version"]) if given.get("version", "").isdecimal() and len(given["version"]) < 10 else None


def _stand(connection: str, state: State, reason: str = "", until: datetime | None = None) -> None:
    try:
        register().stand(connection, state, caller().name, web_context().clock(), reason, until, _version(_typed()))
    except (NotAccepted, Stale) as wrong:
        flash(problems_said(wrong), "danger")


@blueprint.post("/connections/<connection>/pause", role=Role.ADMIN)
def pause(connection: str) -> ResponseReturnValue:
    """Has nothing be done for it, for some time or until somebody resumes it."""
    given = _typed()
    span = SPANS.get(given.get("until", ""))
    until = web_context().clock() + span if span is not None else None
    _stand(connection, State.PAUSED, given.get("reason", "")[:500], until)
    return _back(connection)


@blueprint.post("/connections/<connection>/resume", role=Role.ADMIN)
def resume(connection: str) -> ResponseReturnValue:
    """Has it kept in step again."""
    _stand(connection, State.ACTIVE)
    return _back(connection)


@blueprint.post("/connections/<connection>/watch", role=Role.ADMIN)
def watch(connection: str) -> ResponseReturnValue:
    """Has it only read and plan."""
    _stand(connection, State.WATCH)
    return _back(connection)


@blueprint.post("/connections/<connection>/remove", role=Role.ADMIN)
def remove(connection: str) -> ResponseReturnValue:
    """Removes it; whoever types its name as well has all its access taken away."""
    given = _typed()
    takes = given.get("access") == "take_away"
    if given.get("name") != connection:
        flash(_("Nothing was removed: type %(name)s to confirm.", name=connection), "danger")
        return _back(connection)
    _stand(connection, State.LEAVING if takes else State.REMOVED, given.get("reason", "")[:500])
    return _back(connection)


def _back(connection: str) -> ResponseReturnValue:
    return redirect(url_for("connections.connection", connection=connection))


# --- new credentials by a link ----------------------------------------------------------------------------------------


@blueprint.post("/connections/<connection>/link", role=Role.ADMIN)
def link(connection: str) -> ResponseReturnValue:
    """Makes a link by which whoever has it puts new credentials in; shown this once."""
    entry = register().entry(connection)
    try:
        address = make_link(entry)
    except NotAccepted as wrong:
        return _page(entry, wrong.problems)
    return _page(entry, link=address)


def make_link(entry: ConnectionEntry) -> str:
    """The address of a new link; shared with the API. Raises `NotAccepted` for a connection of the file."""
    context = web_context()
    if entry.source == "file" or entry.is_removed:
        raise NotAccepted(
            of_setting(f"connections.{entry.name}", say("only a connection of the database takes new credentials."))
        )
    secret = CredentialLinks(context.store).make(entry.name, context.clock())
    People(context.store).note(
        caller().name, "made a link for credentials", context.clock(), connection=entry.name, target=entry.name
    )
    path = url_for("connections.credentials", link=secret)
    return (context.public_url or request.url_root).rstrip("/") + path


@blueprint.route("/credentials/<link>", methods=["GET", "POST"])
@limit_guesses
def credentials(link: str) -> ResponseReturnValue:
    """Whoever has the link puts new credentials in, once: no account is needed, and nothing else is changed."""
    context, links = web_context(), CredentialLinks(web_context().store)
    name = links.connection_of(link, context.clock())
    try:
        entry = register().entry(name) if name is not None else None
    except NotThere:
        entry = None
    if entry is None or entry.is_removed:
        abort(404, _("This link has been used, or is too old: ask whoever sent it for another one."))
    form = LinkForm()
    problems: Sequence[str] = ()
    if form.validate_on_submit():
        try:
            _put_in(entry, "link for credentials", None, with_token=False)
        except (NotAccepted, Stale) as wrong:
            problems = wrong.problems
        else:
            links.use_up(link)
            return render_template("credentials.html", entry=entry, done=True, page="")
    elif form.errors:
        problems = [_("This page was open for too long: try once more.")]
    kinds = register().connectors().get(entry.connector, ())
    fields = [one for one in _fields(entry.connector, kinds, {}, {}) if one.is_secret]
    status = 422 if problems else 200
    return render_template(
        "credentials.html", entry=entry, form=form, fields=fields, problems=problems, done=False, page=""
    ), status
