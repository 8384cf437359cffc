"""Who may do what: sign-in, sessions, roles, API tokens, and the log of what people did."""

import functools
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any, TypeVar
from urllib.parse import urlsplit

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    flash,
    g,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_wtf.csrf import CSRFProtect

from schedules.connections import Connection
from store.links import Links
from store.memberships import Membership, Memberships
from store.people import People, Role, User
from store.properties import KnownProperty, Properties, common_zone
from store.stays import Stays
from web import second_factor
from web.context import WebContext
from web.forms import CodeForm, LinkForm, SignInForm
from web.languages import gettext as _
from web.limits import administered, is_out_of_reach, limited
from web.register import ConnectionRegister, PolicyChangeDesk

SESSION_LASTS = timedelta(hours=12)
"""A night shift."""
CODE_WITHIN, NEW_PASSWORD_WITHIN = timedelta(minutes=5), timedelta(minutes=15)
"""From the password to the code; from a sign-in by a link to a new password in place of one that was forgotten."""
SHORTEST_PASSWORD = 10
blueprint = Blueprint("access", __name__)
csrf = CSRFProtect()
limiter = Limiter(get_remote_address, storage_uri="memory://", strategy="moving-window", default_limits=[])
_hasher = PasswordHasher()
_NOBODY = _hasher.hash(secrets.token_hex(16))
"""Checked where there is no such user, so that the time it takes does not tell."""
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Caller:
    """Who makes this request."""

    name: str
    role: Role
    """The highest that she has anywhere."""
    by_token: bool = False
    memberships: Sequence[Membership] = ()
    """Over what she has roles; none: over everything."""
    language: str | None = None
    """Of the pages, where she has chosen one."""

    def may(self, role: str) -> bool:
        return self.role.may(Role(role))

    @property
    def administers(self) -> Sequence[str]:
        """The organisations that she is an admin of; nothing is asked of whoever is one of everything."""
        return administered(self.memberships)

    @property
    def has_receivers(self) -> bool:
        """Whether she may have other programs told of what happens."""
        return self.may(Role.ADMIN) and (not self.memberships or bool(self.administers))


def hash_password(password: str) -> str:
    """argon2id, with the library's parameters (RFC 9106, low memory)."""
    return _hasher.hash(password)


def web_context() -> WebContext:
    """What this application was handed."""
    found: WebContext = current_app.extensions["nightporter"]
    who = g.get("caller")
    if who is None or not who.memberships:
        return found
    # Of every query, connection and change, only what she has this role over.
    least = g.get("needed", Role.VIEWER)
    contexts: dict[Role, WebContext] = g.setdefault("contexts", {})
    if least not in contexts:
        contexts[least] = limited(found, who.memberships, least)
    return contexts[least]


def connection_named(name: str) -> Connection:
    """A connection of this application, as far as the caller may see it; 404 where there is none."""
    return web_context().connections.get(name) or abort(404, _("There is no such connection."))


def register() -> ConnectionRegister:
    """The connections and policies; 404 where this application was handed none."""
    return web_context().register or abort(404, _("Connections cannot be changed here."))


def policy_changes() -> PolicyChangeDesk:
    """Where changes of policies are asked for; 404 for whoever is no admin of everything."""
    return web_context().policy_changes or abort(
        404, _("Only an admin of everything previews and rolls out changes of policies.")
    )


def known_properties() -> list[KnownProperty]:
    """The properties of the connections that there are; read once a request."""
    if "known_properties" not in g:
        of = web_context()
        connections = set(of.connections)
        g.known_properties = [one for one in Properties(of.store).known() if one.connection in connections]
    found: list[KnownProperty] = g.known_properties
    return found


def known_zones() -> dict[tuple[str, str], str]:
    """Their time zones, by connection and property."""
    return {(one.connection, one.property_id): one.time_zone for one in known_properties()}


def zone_of(connection: str, property_id: str | None) -> str:
    """The time zone of a property; UTC where it is not known."""
    return known_zones().get((connection, property_id or ""), "UTC")


def zone_of_all(connection: str = "") -> str:
    """The time zone of all properties that the caller knows, or of those of a connection; UTC where it is not one."""
    return common_zone(one for one in known_properties() if connection in ("", one.connection))


def caller() -> Caller:
    """Who makes this request; only where somebody is signed in."""
    found: Caller = g.caller
    return found


def needs(role: Role) -> Callable[[F], F]:
    """Lets a view be used by those of a role, or a higher one."""

    def wrap(view: F) -> F:
        @functools.wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if not caller().role.may(role):
                abort(403)
            g.needed = role
            if caller().memberships:
                _check_place(role, kwargs)
            return view(*args, **kwargs)

        checked.needed_role = role  # type: ignore[attr-defined]
        return checked  # type: ignore[return-value]

    return wrap


def _check_place(role: Role, of: Mapping[str, Any]) -> None:
    """Of whoever has roles over some connections only: what an address names has to be among them."""
    context, connection = web_context(), of.get("connection")
    if connection is None:
        return
    is_known = connection in context.connections
    if context.register is not None and not is_known:
        is_known = any(one.name == connection for one in context.register.entries())
    if not is_known:
        abort(404, _("There is no such connection."))
    booking_id = of.get("booking_id")
    if booking_id is None or Stays(context.store).get(connection, booking_id) is not None:
        return
    if not Links(context.store).of_bookings(connection, [booking_id]):
        abort(404, _("Nothing is known of this booking."))


def note(action: str, connection: str | None = None, target: str | None = None, remark: str | None = None) -> None:
    """Writes into the audit log what the caller does."""
    of = web_context()
    People(of.store).note(caller().name, action, of.clock(), connection=connection, target=target, note=remark)


def back_to(sentence: str, tone: str, endpoint: str, **values: Any) -> ResponseReturnValue:
    """On to that page, which says the sentence first."""
    flash(sentence, tone)
    return redirect(url_for(endpoint, **values))


def identify() -> ResponseReturnValue | None:
    """Before every request: who is it? Whoever is nobody is sent to the sign-in; an API caller gets a 401."""
    g.caller = None
    if request.endpoint is None or is_open(request.endpoint):
        return None
    bearer = _bearer()
    if bearer is not None:
        token = People(web_context().store).token(bearer, web_context().clock())
        if token is None:
            return _nobody()
        g.caller = _caller(f"token {token.name}", token.role, by_token=True)
        return _of_whole_service()
    g.caller = signed_in_here()
    if g.caller is None:
        return _nobody()
    if request.method not in ("GET", "HEAD", "OPTIONS"):
        csrf.protect()
    return _of_whole_service()


def _caller(name: str, role: Role, by_token: bool = False, language: str | None = None) -> Caller:
    """With her roles over single organisations, connections and properties, where she has any."""
    memberships = Memberships(web_context().store).of(name)
    if memberships:
        role = max((one.role for one in memberships), key=list(Role).index)
    return Caller(name, role, by_token, memberships, language)


def _of_whole_service() -> ResponseReturnValue | None:
    """What is about all connections at once is not for whoever has roles over some."""
    endpoint = request.endpoint or ""
    needed = getattr(current_app.view_functions.get(endpoint), "needed_role", None)
    if caller().memberships and is_out_of_reach(endpoint, needed, caller().memberships):
        abort(403)
    return None


def is_open(endpoint: str) -> bool:
    """What needs no sign-in: whether the process is alive, the sign-in, what it looks like, and a page whose address
    nobody guesses."""
    return endpoint in OPEN or endpoint.endswith(".static")


OPEN = frozenset(
    {
        "monitoring.healthz",
        "access.sign_in",
        "access.sign_in_by_link",
        "access.sign_in_code",
        "openid.begin",
        "openid.come_back",
        "connections.credentials",
        "embedded.booking",
        "static",
    }
)


def _bearer() -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def signed_in_here() -> Caller | None:
    """Whoever has signed in at this browser."""
    secret = session.get("session")
    if not isinstance(secret, str):
        return None
    of = web_context()
    # A page that is open follows by itself, all night, with nobody before it.
    by_itself = request.headers.get("X-Requested-With") == "fetch"
    user = People(of.store).session(secret, of.clock(), of.idle_sign_out, by_itself)
    return _caller(user.name, user.role, language=user.language) if user is not None else None


def _nobody() -> ResponseReturnValue:
    if wants_json():
        return {"error": "sign in, or send a token: Authorization: Bearer np_..."}, 401, {"WWW-Authenticate": "Bearer"}
    if request.method != "GET":
        return redirect(url_for("access.sign_in"))
    return redirect(url_for("access.sign_in", next=request.full_path.rstrip("?")))


def wants_json() -> bool:
    """Whether the request is a program's."""
    return request.path.startswith(("/api/", "/webhooks/", "/readyz", "/metrics", "/healthz"))


# --- signing in -------------------------------------------------------------------------------------------------------


def _address() -> str:
    """Where an attempt comes from. Of IPv6 the network: whoever has one address there has 2^64."""
    address = get_remote_address()
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address


def _address_and_name() -> str:
    return f"{_address()} {request.form.get('name', '')[:64].casefold()}"


def _has_failed(response: Response) -> bool:
    """Only a wrong name, password or link counts: nobody is kept out by others' attempts, nor by signing in often."""
    return response.status_code == 401


limit_own_password = limiter.limit(
    "10 per 5 minutes", key_func=lambda: f"own password of {caller().name}", deduct_when=_has_failed
)
"""Whoever sits at somebody else's browser does not guess the password, or a code."""
limit_provider = limiter.limit(
    "40 per 5 minutes", key_func=_address, deduct_when=lambda answer: answer.status_code >= 400
)
"""Of sign-ins at the provider: what failed counts."""
limit_guesses = limiter.limit(
    "20 per 5 minutes", key_func=_address, deduct_when=lambda answer: answer.status_code == 404
)
"""Of addresses that are secrets: only those that are none count."""


@blueprint.route("/sign-in", methods=["GET", "POST"])
@limiter.limit("40 per 5 minutes", key_func=_address, methods=["POST"], deduct_when=_has_failed)
@limiter.limit("10 per 5 minutes", key_func=_address_and_name, methods=["POST"], deduct_when=_has_failed)
def sign_in() -> ResponseReturnValue:
    """Name and password. Whoever was wrong too often has to wait: by address, and sooner by address and name."""
    form = SignInForm()
    of = web_context()
    people = People(of.store)
    if form.validate_on_submit():
        name, password = form.name.data or "", form.password.data or ""
        user = people.user(name)
        # Whoever has none takes as long as others.
        right = is_password(user.password_hash if user and user.has_password else _NOBODY, password)
        if user is None or not right or not user.has_password or user.disabled:
            of.metrics.sign_ins.labels("refused").inc()
            return sign_in_page(401, _("Name or password is wrong."), form)
        if _hasher.check_needs_rehash(user.password_hash):
            people.change_user(user.name, password_hash=_hasher.hash(password))
            user = people.user(user.name) or user
        return _sign_in_or_ask_for_code(user, "signed in", safe_target(request.args.get("next")))
    return sign_in_page(400 if form.errors else 200, form=form)


def sign_in_page(status: int, wrong: str | None = None, form: SignInForm | None = None) -> ResponseReturnValue:
    """The page where people sign in. `wrong`: the sentence that says what was."""
    of = web_context()
    if wrong is not None:
        flash(wrong, "danger")
    page = render_template(
        "sign_in.html",
        form=form or SignInForm(),
        nobody=not People(of.store).users(),
        provider=of.provider.host if of.provider is not None else None,
        target=request.args.get("next"),
    )
    return page, status


@blueprint.route("/sign-in/<link>", methods=["GET", "POST"])
@limiter.limit("20 per 5 minutes", key_func=_address, deduct_when=_has_failed)
def sign_in_by_link(link: str) -> ResponseReturnValue:
    """A link that signs in once, by a button: mail scanners and previews open links, and must not use them up."""
    of = web_context()
    people = People(of.store)
    form = LinkForm()
    is_sent = form.validate_on_submit()
    if form.errors:
        return render_template("sign_in_by_link.html", form=form), 400
    if not people.link_is_good(link, of.clock()):
        return _no_link()
    if not is_sent:
        return render_template("sign_in_by_link.html", form=form)
    name = people.use_link(link, of.clock())
    user = people.user(name) if name is not None else None
    if user is None or user.disabled or user.by_provider:
        return _no_link()
    home = url_for("properties.home") if user.has_password else url_for("people.account")
    return _sign_in_or_ask_for_code(user, "signed in by a link", home, by_link=True)


def _sign_in_or_ask_for_code(user: User, how: str, target: str, by_link: bool = False) -> ResponseReturnValue:
    """Who has a second factor is signed in when the code is right; until then the session knows what is to come."""
    if user.second_factor is None:
        return signed_in(user, how, target, by_link=by_link)
    session.clear()
    until = (web_context().clock() + CODE_WITHIN).timestamp()
    coming = {"how": how, "target": target, "until": until, "by_link": by_link}
    session["half"] = {"user": user.name, "generation": user.generation} | coming
    return redirect(url_for("access.sign_in_code"))


def signed_in(
    user: User, how: str, target: str, remark: str | None = None, by_link: bool = False
) -> ResponseReturnValue:
    """Begins the session of whoever has shown who she is, notes how, and sends her on. `by_link`: for a while she may
    choose a new password without the old one."""
    of = web_context()
    of.metrics.sign_ins.labels("ok").inc()
    begin_session(user, of.clock())
    if by_link:
        session["by_link_until"] = (of.clock() + NEW_PASSWORD_WITHIN).timestamp()
    People(of.store).note(user.name, how, of.clock(), note=remark)
    return redirect(target)


def _half_signed_in() -> str:
    half = session.get("half")
    return f"code of {half.get('user')}" if isinstance(half, dict) else _address()


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@limiter.limit("40 per 5 minutes", key_func=_address, methods=["POST"], deduct_when=_has_failed)
@limiter.limit("10 per 5 minutes", key_func=_half_signed_in, methods=["POST"], deduct_when=_has_failed)
def sign_in_code() -> ResponseReturnValue:
    """The code of the app, where a user has a second factor. Only somebody who had the password gets so far."""
    of, form = web_context(), CodeForm()
    is_sent = form.validate_on_submit()
    if form.errors:
        return render_template("sign_in_code.html", form=form), 400
    half = session.get("half")
    people = People(of.store)
    user = people.user(str(half.get("user"))) if isinstance(half, dict) else None
    is_late = not isinstance(half, dict) or half.get("until", 0) < of.clock().timestamp()
    if user is None or is_late or user.disabled or not isinstance(half, dict) or user.generation != half["generation"]:
        session.pop("half", None)
        return redirect(url_for("access.sign_in"))
    if is_sent:
        if second_factor.is_right(people, user, of.secret_keys, form.code.data or "", of.clock()):
            return signed_in(
                user, f"{half['how']}, with a code", str(half["target"]), by_link=bool(half.get("by_link"))
            )
        of.metrics.sign_ins.labels("refused").inc()
        flash(
            _("That is not the code that the app shows now, or it was used already: wait for the next one."), "danger"
        )
        return render_template("sign_in_code.html", form=form), 401
    return render_template("sign_in_code.html", form=form)


def _no_link() -> ResponseReturnValue:
    sentence = _("This link has been used, or is too old: ask for another one, or sign in with your password.")
    return sign_in_page(401, sentence)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """Ends the session at the server as well: a copy of its cookie is worth nothing any more."""
    if isinstance(secret := session.get("session"), str):
        People(web_context().store).end_session(secret)
    session.clear()
    return redirect(url_for("access.sign_in"))


def is_password(password_hash: str, password: str) -> bool:
    """Whether the password is the one of this hash; of nobody who has none yet."""
    try:
        return _hasher.verify(password_hash, password)
    except (Argon2Error, InvalidHashError):
        return False


def begin_session(user: User, now: datetime) -> None:
    """Signs a user in, in this browser."""
    # A new session, never the one that a stranger may have planted.
    session.clear()
    session["session"] = People(web_context().store).begin_session(user, now + SESSION_LASTS, now)
    session.permanent = True


def safe_target(target: str | None) -> str:
    """Only back to a page of our own."""
    home = url_for("properties.home")
    if not target or not target.startswith("/") or target.startswith("//") or "\\" in target:
        return home
    parts = urlsplit(target)
    return home if parts.scheme or parts.netloc or any(ord(one) < 32 for one in target) else target
