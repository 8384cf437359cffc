"""Who may do what, as pages: users, invitations, roles, sessions, API tokens; and everybody's own account."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from mappers.sentences import say
from store.memberships import Membership, Memberships
from store.people import INVITATION_LASTS, NAME, AlreadyThere, People, Role, User
from web import second_factor
from web.access import (
    SHORTEST_PASSWORD,
    back_to,
    begin_session,
    caller,
    hash_password,
    is_password,
    known_properties,
    limit_own_password,
    note,
    web_context,
)
from web.addresses import Pages
from web.languages import LANGUAGES, place_said, place_words, role_words
from web.languages import gettext as _

blueprint = Pages("people", __name__)
LONGEST_PASSWORD = 1024
MOST_PROPERTIES = 1000
"""More are not offered to be chosen from: their roles are given by `nightporter user allow`."""
_ROLE = {one.value: one for one in Role}


def _people() -> People:
    return People(web_context().store)


def _user(name: str) -> User:
    return _people().user(name) or abort(404, _("There is no such user (any more)."))


def _role() -> Role:
    return _ROLE.get(request.form.get("role", "")) or abort(400)


def _name() -> str | None:
    """The name that somebody is to have; None, and a sentence on the next page, where it is none."""
    name = request.form.get("name", "").strip()
    if re.fullmatch(NAME, name):
        return name
    flash(_("A name has letters, digits, and . _ @ + - only, at most 64."), "danger")
    return None


# --- for admins -------------------------------------------------------------------------------------------------------


@blueprint.get("/people", role=Role.ADMIN)
def people() -> ResponseReturnValue:
    """Users and API tokens."""
    return _page()


def _page(**shown_once: Any) -> ResponseReturnValue:
    book, now = _people(), web_context().clock()
    return render_template(
        "people.html",
        users=book.users(),
        sessions=book.sessions(now),
        tokens=sorted(book.tokens(), key=lambda one: (one.revoked_at is not None, one.name)),
        roles=list(Role),
        memberships=Memberships(web_context().store).all(),
        places=_places(),
        page="people",
        **shown_once,
    )


def _link_of(name: str) -> str:
    """A link by which an invited user signs in, once; shown on the answer alone."""
    of = web_context()
    path = url_for("access.sign_in_by_link", link=_people().make_link(name, of.clock(), INVITATION_LASTS))
    return f"{(of.public_url or request.host_url).rstrip('/')}{path}"


@blueprint.post("/people/users", role=Role.ADMIN)
def invite() -> ResponseReturnValue:
    """A new user, who chooses a password after following the link."""
    name, role = _name(), _role()
    if name is None:
        return redirect(url_for("people.people"))
    try:
        _people().add_user(name, role, "", web_context().clock())
    except AlreadyThere:
        return back_to(_("There is a user %(name)s already.", name=name), "danger", "people.people")
    note("added user", target=name, remark=say(role))
    return _page(invited=name, link=_link_of(name))


@blueprint.post("/people/users/<user>/link", role=Role.ADMIN)
def link(user: str) -> ResponseReturnValue:
    """A new link for somebody who cannot sign in."""
    one = _user(user)
    if one.disabled:
        return back_to(_("%(name)s may not sign in: allow that first.", name=one.name), "danger", "people.people")
    if one.by_provider:
        return _of_provider(one)
    note("made a sign-in link", target=one.name)
    return _page(invited=one.name, link=_link_of(one.name))


@blueprint.post("/people/users/<user>/role", role=Role.ADMIN)
def change_role(user: str) -> ResponseReturnValue:
    """Another role, at once."""
    one, role = _user(user), _role()
    if one.by_provider:
        return _of_provider(one)
    if role is not Role.ADMIN and _people().is_last_admin(one.name):
        return _last_admin(one)
    if role is not one.role:
        _people().change_user(one.name, role=role)
        note("changed role", target=one.name, remark=say(role))
        flash(_("%(name)s is %(role)s now.", name=one.name, role=role_words(role)), "success")
    return redirect(url_for("people.people"))


def _organisations() -> list[str]:
    return sorted({one.organisation for one in web_context().connections.values()} - {""})


def _places() -> Mapping[str, Sequence[tuple[Membership, str]]]:
    """Over what somebody may be given a role, by its kind, each with what it is called."""
    known = known_properties()
    role = Role.VIEWER
    found = {
        _("Organisation"): [(Membership(role, organisation=one), one) for one in _organisations()],
        _("Connection"): [(Membership(role, connection=one), one) for one in sorted(web_context().connections)],
        _("Property"): [
            (Membership(role, connection=one.connection, property_id=one.property_id), f"{one.name} ({one.connection})")
            for one in sorted(known, key=lambda one: one.name)[:MOST_PROPERTIES]
        ],
    }
    return {kind: those for kind, those in found.items() if those}


def _place() -> Membership | None:
    """What somebody is to have a role over, as the form names it; None, and a sentence on the next page, where there is
    no such thing."""
    text, role = " ".join(request.form.get("place", "").split()), _role()
    if text.removeprefix("organisation ") in _organisations() and text.startswith("organisation "):
        return Membership(role, organisation=text.removeprefix("organisation "))
    if text in web_context().connections:
        return Membership(role, connection=text)
    for one in known_properties():
        found = Membership(role, connection=one.connection, property_id=one.property_id)
        if str(found) == text:
            return found
    flash(
        _("There is no such organisation, connection or property (any more): choose another one."),
        "danger",
    )
    return None


@blueprint.post("/people/roles", role=Role.ADMIN)
def give_role() -> ResponseReturnValue:
    """A role over an organisation, a connection or a property, at once: from the first one on the user sees nothing
    else."""
    one, place = _user(request.form.get("user", "")), _place()
    if one.by_provider:
        return _of_provider(one)
    if place is None:
        return redirect(url_for("people.people"))
    if _people().is_last_admin(one.name):
        return _last_admin(one)
    Memberships(web_context().store).give(one.name, place, web_context().clock())
    note(
        "gave a role",
        place.connection or None,
        target=one.name,
        remark=say("{of}: {words}", of=say(place.role), words=place_said(place)),
    )
    return back_to(
        _(
            "%(name)s is %(role)s of %(place)s now, and sees nothing without a role over it.",
            name=one.name,
            role=role_words(place.role),
            place=place_words(place),
        ),
        "success",
        "people.people",
    )


@blueprint.post("/people/users/<user>/take-role", role=Role.ADMIN)
def take_role(user: str) -> ResponseReturnValue:
    """Takes such a role away; not the last one, for without any the user would have the one role over everything."""
    one, book = _user(user), Memberships(web_context().store)
    if one.by_provider:
        return _of_provider(one)
    mine = {str(each): each for each in book.of(one.name)}
    place = mine.get(request.form.get("place", ""))
    if place is not None and len(mine) == 1:
        flash(
            _(
                "This is the only role of %(name)s, who without any would have one over everything: give another one "
                "first, or let nobody in by that name.",
                name=one.name,
            ),
            "danger",
        )
    elif place is not None:
        book.take(one.name, place)
        note("took a role away", place.connection or None, target=one.name, remark=place_said(place))
        flash(_("%(name)s has no role over %(place)s any more.", name=one.name, place=place_words(place)), "success")
    return redirect(url_for("people.people"))


@blueprint.post("/people/users/<user>/disable", role=Role.ADMIN)
def disable(user: str) -> ResponseReturnValue:
    """Lets somebody in no more, at once."""
    one = _user(user)
    if _people().is_last_admin(one.name):
        return _last_admin(one)
    _people().change_user(one.name, disabled=True)
    note("disabled user", target=one.name)
    return back_to(_("%(name)s may not sign in any more.", name=one.name), "success", "people.people")


@blueprint.post("/people/users/<user>/enable", role=Role.ADMIN)
def enable(user: str) -> ResponseReturnValue:
    """Lets somebody in again."""
    one = _user(user)
    _people().change_user(one.name, disabled=False)
    note("enabled user", target=one.name)
    return back_to(_("%(name)s may sign in again.", name=one.name), "success", "people.people")


@blueprint.post("/people/users/<user>/end-sessions", role=Role.ADMIN)
def end_sessions(user: str) -> ResponseReturnValue:
    """Signs somebody out everywhere."""
    one = _user(user)
    _people().end_sessions(one.name)
    note("ended sessions", target=one.name)
    return back_to(_("%(name)s is signed out everywhere.", name=one.name), "success", "people.people")


@blueprint.post("/people/users/<user>/end-second-factor", role=Role.ADMIN)
def end_second_factor_of(user: str) -> ResponseReturnValue:
    """For somebody who has lost the phone: from now on the password is enough, until it is set up anew."""
    one = _user(user)
    _people().set_second_factor(one.name, None)
    note("ended the second factor", target=one.name)
    return back_to(_("%(name)s signs in with the password alone now.", name=one.name), "success", "people.people")


@blueprint.post("/people/tokens", role=Role.ADMIN)
def add_token() -> ResponseReturnValue:
    """A token for a program; shown on the answer alone."""
    name, role = _name(), _role()
    if name is None:
        return redirect(url_for("people.people"))
    try:
        made = _people().make_token(name, role, web_context().clock())
    except AlreadyThere:
        return back_to(
            _("There was a token %(name)s before: choose another name.", name=name), "danger", "people.people"
        )
    note("made token", target=name, remark=say(role))
    return _page(token_name=name, token=made)


@blueprint.post("/people/tokens/<token>/revoke", role=Role.ADMIN)
def revoke_token(token: str) -> ResponseReturnValue:
    """Ends a token, at once."""
    if not _people().revoke_token(token, web_context().clock()):
        abort(404, _("There is no such token (any more)."))
    note("revoked token", target=token)
    return back_to(_("The token %(name)s is worth nothing any more.", name=token), "success", "people.people")


def _of_provider(one: User) -> ResponseReturnValue:
    flash(_("%(name)s signs in at the provider, which says what she may do: change it there.", name=one.name), "danger")
    return redirect(url_for("people.people"))


def _last_admin(one: User) -> ResponseReturnValue:
    return back_to(
        _(
            "%(name)s is the only admin: make somebody else an admin first, or nobody could change anything.",
            name=one.name,
        ),
        "danger",
        "people.people",
    )


# --- one's own --------------------------------------------------------------------------------------------------------


def _me() -> User:
    """Whoever is signed in; a program has no account."""
    if caller().by_token:
        abort(404)
    return _user(caller().name)


@blueprint.get("/account", role=Role.VIEWER)
def account() -> ResponseReturnValue:
    """One's own password, second factor and sessions."""
    return _account(200)


def _my_own() -> User:
    """Whoever is signed in, where she signs in here: at the provider she has her password and second factor there."""
    me = _me()
    if me.by_provider:
        abort(409, _("You sign in at the provider: your password and second factor are there."))
    return me


def _offer(me: User) -> dict[str, Any]:
    """What an app needs to be set up, kept in the session until a code has shown that it was."""
    keys = web_context().secret_keys
    if me.by_provider:
        return {}
    if me.second_factor is not None or not keys:
        return {"can_encrypt": bool(keys)}
    secret = session.get("new_second_factor")
    if not isinstance(secret, str):
        secret = session["new_second_factor"] = keys.encrypt({"totp": second_factor.new_secret()})
    plain = keys.decrypt(secret)["totp"]
    picture = Markup(second_factor.picture_of(second_factor.address_of(plain, me.name)))  # noqa: S704 - drawn here
    return {"can_encrypt": True, "picture": picture, "secret": plain}


def _old_is_needed(me: User) -> bool:
    """Whether a new password takes the old one: not of whoever has none, or has forgotten it and comes by a link."""
    return me.has_password and session.get("by_link_until", 0) < web_context().clock().timestamp()


@blueprint.post("/account/password", role=Role.VIEWER)
@limit_own_password
def change_password() -> ResponseReturnValue:
    """A new password: ends all other sessions."""
    me, form = _my_own(), request.form
    new = form.get("new", "")
    if _old_is_needed(me) and not is_password(me.password_hash, form.get("old", "")):
        flash(_("That is not your password as it is now."), "danger")
        return _account(401)
    if not SHORTEST_PASSWORD <= len(new) <= LONGEST_PASSWORD:
        flash(_("A password has at least %(number)s characters.", number=SHORTEST_PASSWORD), "danger")
        return _account(422)
    if new != form.get("again", ""):
        flash(_("The two new passwords are not the same."), "danger")
        return _account(422)
    _people().change_user(me.name, password_hash=hash_password(new))
    note("changed own password")
    begin_session(_user(me.name), web_context().clock())
    flash(_("Your password is changed. Wherever else you were signed in, you are not any more."), "success")
    return redirect(url_for("people.account"))


@blueprint.post("/account/second-factor", role=Role.VIEWER)
@limit_own_password
def begin_second_factor() -> ResponseReturnValue:
    """The app has been set up, as a first code shows: from now on each sign-in asks for one."""
    me, of = _my_own(), web_context()
    sealed = session.get("new_second_factor")
    if me.second_factor is not None or not isinstance(sealed, str):
        return redirect(url_for("people.account"))
    step = second_factor.step_of(of.secret_keys.decrypt(sealed)["totp"], request.form.get("code", ""), of.clock())
    if step is None:
        flash(
            _("That is not the code that the app shows: read the picture once more, and type the newest code."),
            "danger",
        )
        return _account(401)
    _people().set_second_factor(me.name, sealed)
    _people().use_code(me.name, step)
    session.pop("new_second_factor", None)
    note("began a second factor")
    return back_to(_("From now on each sign-in asks for a code of the app."), "success", "people.account")


@blueprint.post("/account/end-second-factor", role=Role.VIEWER)
@limit_own_password
def end_second_factor() -> ResponseReturnValue:
    """The password is enough again; a code shows that it is really the user who wants that."""
    me, of = _me(), web_context()
    if not second_factor.is_right(_people(), me, of.secret_keys, request.form.get("code", ""), of.clock()):
        flash(_("That is not the code that the app shows now."), "danger")
        return _account(401)
    _people().set_second_factor(me.name, None)
    note("ended the second factor")
    return back_to(_("Your password is enough to sign in now."), "success", "people.account")


@blueprint.post("/account/language", role=Role.VIEWER)
def choose_language() -> ResponseReturnValue:
    """The language of one's own pages; none: as the browser asks for."""
    chosen = request.form.get("language", "")
    if chosen and chosen not in LANGUAGES:
        abort(422, _("There is no such language here."))
    _people().change_user(_me().name, language=chosen)
    return redirect(url_for("people.account"))


@blueprint.post("/account/end-sessions", role=Role.VIEWER)
def end_other_sessions() -> ResponseReturnValue:
    """Signs oneself out everywhere else."""
    _people().end_sessions(_me().name, but=session.get("session"))
    note("ended own other sessions")
    return back_to(_("Wherever else you were signed in, you are not any more."), "success", "people.account")


def _account(status: int) -> ResponseReturnValue:
    me = _me()
    mine = _people().sessions(web_context().clock()).get(me.name, [])
    page = render_template(
        "account.html",
        me=me,
        sessions=mine,
        shortest=SHORTEST_PASSWORD,
        page="account",
        old_is_needed=_old_is_needed(me),
        **_offer(me),
    )
    return page, status
