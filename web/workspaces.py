"""The Seam workspaces as a page: which there are, who works in each, and their keys, which nobody is shown. For admins
of everything."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from store.connections import NotAccepted, Stale
from store.people import Role
from web.access import caller, register, web_context
from web.addresses import Pages
from web.languages import gettext as _

blueprint = Pages("workspaces", __name__)
LONGEST = 255
"""Characters of a field."""


@blueprint.get("/workspaces", role=Role.ADMIN)
def workspaces() -> ResponseReturnValue:
    """All Seam workspaces."""
    return _page()


def _page(problems: Sequence[str] = ()) -> ResponseReturnValue:
    return render_template(
        "workspaces.html", workspaces=register().workspaces(), problems=problems, page="connections"
    ), 422 if problems else 200


@blueprint.post("/workspaces", role=Role.ADMIN)
def change() -> ResponseReturnValue:
    """Adds a workspace, changes what was typed and leaves the rest, or removes it."""
    typed = {name: text.strip()[:LONGEST] for name, text in request.form.items()}
    name, now = typed.get("name", ""), web_context().clock()
    given: dict[str, Any] = {one: typed[one] for one in ("api_key", "endpoint", "webhook_secret") if typed.get(one)}
    version = typed.get("version", "")
    try:
        if typed.get("act") == "remove":
            register().remove_workspace(name, caller().name, now)
            flash(_("Seam workspace %(name)s is forgotten; in Seam nothing was changed.", name=name), "success")
        else:
            is_at = int(version) if version.isdecimal() and len(version) < 10 else None
            register().set_workspace(name, given, caller().name, now, is_at)
            flash(_("Seam workspace %(name)s is set: it counts within a few seconds.", name=name), "success")
    except (NotAccepted, Stale) as wrong:
        return _page(wrong.problems)
    return redirect(url_for("workspaces.workspaces"))
