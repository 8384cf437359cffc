"""Signing in at an OpenID Connect provider: the way there, and the way back.

What she may do is taken from the provider's answer at each sign-in. A second factor is the provider's matter here.
"""

import re
from collections.abc import Sequence
from typing import Any

import structlog
from flask import Blueprint, abort, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from mappers.sentences import message, say, sentence_of
from store.memberships import Membership
from store.people import NAME, AlreadyThere, People, Role
from store.provider_users import ProviderUsers
from web.access import limit_provider, safe_target, sign_in_page, signed_in, web_context
from web.languages import in_words

log = structlog.get_logger("web")
blueprint = Blueprint("openid", __name__)
BACK_WITHIN = 600
"""Seconds from the way there to the way back."""
AT_ONCE = 3
"""So many sign-ins of one browser may be under way, in several tabs; more would not fit into its cookie."""
LONGEST_TARGET = 300
_WHY = {
    "access_denied": message("You, or {host}, said no to this sign-in."),
    "temporarily_unavailable": message("{host} is too busy at the moment: try again in a minute."),
    "server_error": message("Something is wrong at {host}: try again in a minute."),
    "unauthorized_client": message("{host} does not let this application sign anybody in: ask an administrator."),
    "invalid_scope": message("{host} refuses what serve.sign_in.scopes asks for: ask an administrator."),
}
"""By the codes of OAuth 2.0 (RFC 6749, section 4.1.2.1). What else the address says is not shown: anybody may have
written it."""


def _provider() -> Any:
    return web_context().provider or abort(404)


def _redirect_uri() -> str:
    of = web_context()
    return f"{(of.public_url or request.host_url).rstrip('/')}{url_for('openid.come_back')}"


@blueprint.get("/sign-in/openid")
@limit_provider
def begin() -> ResponseReturnValue:
    """Sends whoever wants to sign in to the provider."""
    from web.provider import ProviderFailed

    provider, of = _provider(), web_context()
    try:
        sent = provider.begin(_redirect_uri())
    except ProviderFailed as problem:
        return _failed(problem)
    now = int(of.clock().timestamp())
    under_way = [one for one in _under_way() if one["until"] >= now][-(AT_ONCE - 1) :]
    target = safe_target(request.args.get("next"))
    session["openid"] = [
        *under_way,
        {
            "state": sent.state,
            "nonce": sent.nonce,
            "verifier": sent.verifier,
            "target": target if len(target) <= LONGEST_TARGET else url_for("properties.home"),
            "until": now + BACK_WITHIN,
        },
    ]
    return redirect(sent.address)


@blueprint.get("/sign-in/openid/callback")
@limit_provider
def come_back() -> ResponseReturnValue:
    """Whoever comes back from the provider is signed in, where its answer lets her in."""
    from web.provider import NoRole, NotLetIn, ProviderFailed

    provider, of = _provider(), web_context()
    mine = _taken(request.args.get("state", ""))
    if mine is None or mine["until"] < of.clock().timestamp():
        return _refused(say("This sign-in was begun in another browser, or too long ago: sign in once more."))
    if request.args.get("iss", provider.issuer) != provider.issuer:
        return _refused(say("This answer is not of {host}: sign in once more.", host=provider.host))
    if "error" in request.args:
        why = _WHY.get(request.args["error"], message("{host} did not finish this sign-in: sign in once more."))
        return _refused(say(why, host=provider.host))
    if not request.args.get("code"):
        return _refused(say("{host} sent you back without an answer: sign in once more.", host=provider.host))
    book, now = ProviderUsers(of.store), of.clock()
    try:
        account = provider.finish(request.args["code"], _redirect_uri(), mine["nonce"], mine["verifier"])
    except NoRole as problem:
        _end_sessions(problem.subject)
        return _refused(sentence_of(problem))
    except NotLetIn as problem:
        return _refused(sentence_of(problem))
    except ProviderFailed as problem:
        return _failed(problem)
    if not re.fullmatch(NAME, account.name) and book.known(account.subject) is None:
        return _refused(
            say(
                "Your name at {host} cannot be one here: it may have letters, digits, and . _ @ + - only, at most 64.",
                host=provider.host,
            )
        )
    try:
        user, is_new = book.admit(account.subject, account.name, account.roles, now)
    except AlreadyThere:
        return _refused(
            say(
                "There is another user of your name here: an administrator can hand it over to you (nightporter user "
                "hand-over)."
            )
        )
    if user.disabled:
        return _refused(say("You may not sign in here any more: ask an administrator."))
    if is_new:
        People(of.store).note(user.name, "added user", now, target=user.name, note=say("by the sign-in provider"))
    return signed_in(user, "signed in at the provider", mine["target"], _in_words(account.roles))


def _under_way() -> list[dict[str, Any]]:
    found = session.get("openid")
    return found if isinstance(found, list) else []


def _taken(state: str) -> dict[str, Any] | None:
    """The sign-in of this browser that has this state; it counts once."""
    under_way = _under_way()
    mine = next((one for one in under_way if one["state"] == state), None)
    if mine is not None:
        session["openid"] = [one for one in under_way if one is not mine]
    return mine


def _end_sessions(subject: str) -> None:
    """Whoever has no role any more is not to go on elsewhere with the one that she had."""
    of = web_context()
    user = ProviderUsers(of.store).known(subject)
    if user is not None and People(of.store).end_sessions(user.name):
        People(of.store).note(
            user.name, "ended sessions", of.clock(), target=user.name, note=say("no role at the provider")
        )


def _refused(sentence: str) -> ResponseReturnValue:
    web_context().metrics.sign_ins.labels("refused").inc()
    return sign_in_page(401, in_words(sentence))


def _failed(problem: Exception) -> ResponseReturnValue:
    log.error("the sign-in provider cannot be used", trouble=str(problem))
    return sign_in_page(502, in_words(say("{why} Whoever has a password here can use that.", why=sentence_of(problem))))


def _in_words(roles: Sequence[Membership]) -> str:
    everywhere = [one for one in roles if not one.organisation and not one.connection]
    if everywhere:
        return str(max((one.role for one in everywhere), key=list(Role).index))
    return ", ".join(f"{one.role}: {one}" for one in roles)
