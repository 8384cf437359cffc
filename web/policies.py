"""Policies as pages: what each says, what a change of it would do, and its roll-out in waves. For admins."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import yaml
from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from mappers.sentences import of_setting, say
from store.connections import NotAccepted, Stale
from store.people import Role
from store.policy_changes import OPEN, Limits, Stage
from web.access import caller, policy_changes, register, web_context
from web.addresses import Pages
from web.languages import gettext as _
from web.languages import ngettext, number
from web.overview import OF_ACCESS, total_words

blueprint = Pages("policies", __name__)
LONGEST = 20_000
"""Characters of a change."""
SOURCES = {"file": say("settings file"), "database": say("database"), "default": say("as it comes")}
STAGES = {
    Stage.PREVIEW: (say("is being looked at"), "quiet"),
    Stage.PREVIEWED: (say("was looked at"), "good"),
    Stage.ROLLING: (say("is being rolled out"), "warn"),
    Stage.STOPPED: (say("has stopped"), "bad"),
    Stage.FINISHED: (say("is rolled out"), "good"),
    Stage.TAKEN_BACK: (say("was taken back"), "quiet"),
}


@blueprint.get("/policies", role=Role.ADMIN)
def policies() -> ResponseReturnValue:
    """All policies, and who uses them."""
    return render_template("policies.html", policies=register().policies(), sources=SOURCES, page="connections")


@blueprint.get("/policies/<policy>", role=Role.ADMIN)
def policy(policy: str) -> ResponseReturnValue:
    """One policy: what it says, and how its last change stands."""
    return _page(policy)


def _page(name: str, problems: Sequence[str] = (), typed: Mapping[str, str] | None = None) -> ResponseReturnValue:
    one, desk = register().policy(name), web_context().policy_changes
    change = desk.of(name) if desk is not None else None
    if typed is None:
        typed = {"settings": _as_yaml(change.settings) if change is not None and change.state != "finished" else ""}
    return render_template(
        "policy.html",
        one=one,
        says=_as_yaml(one.shown),
        change=change,
        stage=STAGES[change.state] if change is not None else None,
        is_open=change is not None and change.state in OPEN,
        may_change=desk is not None and one.source != "file",
        typed=typed,
        problems=problems,
        sources=SOURCES,
        count_words=_count_words,
        page="connections",
    ), 422 if problems else 200


def _count_words(word: str, count: int) -> str:
    """ "3 created"; a word that we do not know as it is."""
    if word == "changed":
        return say("{number} changed", number=count)
    return total_words(word, count) if word in OF_ACCESS else f"{number(count)} {word}"


def _as_yaml(settings: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True).strip() if settings else ""


@blueprint.post("/policies/<policy>", role=Role.ADMIN)
def change(policy: str) -> ResponseReturnValue:
    """Previews what was typed, rolls it out, changes it for all at once, or takes a roll-out back."""
    typed = {name: text.replace("\r\n", "\n").strip()[:LONGEST] for name, text in request.form.items()}
    who, act = caller().name, typed.get("act")
    try:
        if act == "take_back":
            names = policy_changes().take_back(policy, who)
            sentence = ngettext(
                "%(num)s connection with the former rules again.",
                "%(num)s connections with the former rules again.",
                len(names),
            )
            flash(sentence, "success")
        elif act == "roll_out":
            settings, share = _settings(typed), _number(typed, "share", 1, 100)
            limits = Limits(
                _number(typed, "max_failures", 0, 10**6),
                _number(typed, "max_revocations", 0, 10**6),
                timedelta(minutes=_number(typed, "longest", 0, 10**4)),
            )
            policy_changes().roll_out(policy, settings, who, typed.get("first") or None, share, limits)
        elif act == "at_once":
            register().set_policy(policy, _settings(typed), who, web_context().clock())
            flash(_("Changed: it counts within a few seconds for all that use it."), "success")
        else:
            policy_changes().preview(policy, _settings(typed), who)
    except (NotAccepted, Stale) as wrong:
        return _page(policy, wrong.problems, typed)
    return redirect(url_for("policies.policy", policy=policy))


def _settings(typed: Mapping[str, str]) -> dict[str, Any]:
    try:
        found = yaml.safe_load(typed.get("settings", ""))
    except (yaml.YAMLError, ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not found or not all(isinstance(one, str) for one in found):
        raise NotAccepted(
            say("Say what is to change as the settings file has it, one setting a line: name, colon, value.")
        )
    return found


def _number(typed: Mapping[str, str], name: str, least: int, most: int) -> int:
    text = typed.get(name, "")
    if not text.isdecimal() or len(text) > 9 or not least <= int(text) <= most:
        raise NotAccepted(
            of_setting(name, say("should be a whole number from {least} to {most}.", least=least, most=most))
        )
    return int(text)
