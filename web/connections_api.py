"""Connections and policies for programs, under /api: made, changed, paused, removed while runs go on.

For admins. What is wrong is answered by the sentences of the register: 404 where there is no such thing, 409 where
somebody else was faster, 422 where it is not accepted. No answer has a secret: only the paths of those that are set.
"""

from datetime import timedelta
from functools import partial
from typing import Any

from marshmallow import Schema, fields, validate

from store.connections import NotThere, State
from store.people import Role
from store.policy_changes import Limits, Stage
from web.access import caller, policy_changes, register, web_context
from web.addresses import ApiBlueprint
from web.bodies import instant, is_text_throughout
from web.connections import make_link
from web.register import ConnectionEntry

blueprint = ApiBlueprint("connections_api", "connections", url_prefix="/api", description="Connections and policies.")
BLOCK = "as the settings file has it (`config.example.yaml`), its secrets among the rest; null takes a setting back"
VERSION = "of what was read; where somebody has changed it since, nothing is done (409)"
SENTENCES = {404: "There is no such thing.", 409: "Somebody else was faster.", 422: "Not accepted; why, in sentences."}


def _text(longest: int, least: int = 0, **rest: Any) -> fields.String:
    return fields.String(validate=[validate.Length(least, longest), is_text_throughout], **rest)


def _version() -> fields.Integer:
    return fields.Integer(load_default=None, validate=validate.Range(1, 2**31 - 1), metadata={"description": VERSION})


def _limit(default: int, most: int, what: str) -> fields.Integer:
    return fields.Integer(load_default=default, validate=validate.Range(0, most), metadata={"description": what})


class NewConnectionSchema(Schema):
    name = _text(64, 1, required=True)
    state = fields.String(
        load_default="active",
        validate=validate.OneOf(["active", "watch"]),
        metadata={"description": "watch: it reads and plans, and writes nothing"},
    )
    settings = fields.Dict(required=True, validate=is_text_throughout, metadata={"description": f"its block, {BLOCK}"})


class ChangeSchema(Schema):
    settings = fields.Dict(
        required=True, validate=is_text_throughout, metadata={"description": f"what is to change, {BLOCK}"}
    )
    version = _version()


class NewSecretsSchema(Schema):
    secrets = fields.Dict(
        required=True,
        keys=_text(160, 1),
        validate=is_text_throughout,
        metadata={"description": "by the path of each, as `secrets` of the connection lists them"},
    )
    version = _version()


class PauseSchema(Schema):
    reason = _text(500, load_default="")
    until = instant("when it ends by itself; else somebody resumes it")
    version = _version()


class StandSchema(Schema):
    reason = _text(500, load_default="")
    version = _version()


class RemovalSchema(StandSchema):
    access = fields.String(
        load_default="leave",
        validate=validate.OneOf(["leave", "take_away"]),
        metadata={"description": "leave: it ends at its time; take_away: all its guests lose it now"},
    )


class LinkSchema(Schema):
    url = fields.String(required=True, metadata={"description": "for whoever has the credentials; good once"})


class ConnectionSchema(Schema):
    name = fields.String(required=True)
    source = fields.String(required=True, metadata={"description": "file (read-only) or database"})
    connector = fields.String(required=True)
    policy = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": ", ".join(State)})
    state_reason = fields.String(required=True)
    state_by = fields.String(required=True)
    state_since = fields.AwareDateTime(allow_none=True)
    state_until = fields.AwareDateTime(allow_none=True)
    version = fields.Integer(required=True, metadata={"description": "rises with every change; 0: of the file"})
    trouble = fields.String(allow_none=True, metadata={"description": "why it cannot be used"})
    settings = fields.Dict(required=True, metadata={"description": "without its secrets"})
    secrets = fields.List(
        fields.String(), required=True, metadata={"description": "the paths of those that are set; never their values"}
    )


class PreviewSchema(Schema):
    settings = fields.Dict(
        required=True, validate=is_text_throughout, metadata={"description": f"what is to change, {BLOCK}"}
    )


class RollOutSchema(PreviewSchema):
    first = _text(64, load_default=None, allow_none=True, metadata={"description": "the connection of the first wave"})
    share = fields.Integer(
        load_default=20, validate=validate.Range(1, 100), metadata={"description": "percent of each later wave"}
    )
    max_failures = _limit(0, 10**6, "more of them in a wave stop it")
    max_revocations = _limit(10, 10**6, "more of them in a wave stop it")
    longest = _limit(60, 10**4, "minutes for one wave")


class SeenSchema(Schema):
    connections = fields.List(fields.String(), required=True)
    property = fields.String(required=True, metadata={"description": "its name; empty: the whole connection"})
    counts = fields.Dict(required=True, metadata={"description": "grants by what becomes of them"})
    trouble = fields.String(required=True, metadata={"description": "why it could not be looked at"})


class PolicyChangeSchema(Schema):
    policy = fields.String(required=True)
    settings = fields.Dict(required=True)
    state = fields.String(required=True, metadata={"description": ", ".join(Stage)})
    who = fields.String(required=True)
    asked_at = fields.AwareDateTime(required=True)
    wave = fields.List(
        fields.String(), required=True, metadata={"description": "whose first run with it is waited for"}
    )
    seen = fields.List(
        fields.Nested(SeenSchema),
        required=True,
        metadata={"description": "of a preview by property, of a roll-out by wave"},
    )
    note = fields.String(allow_none=True, metadata={"description": "why it stopped"})


class WorkspaceChangeSchema(Schema):
    api_key = _text(200, 1, metadata={"description": "of Seam; never told"})
    endpoint = _text(255, 1)
    webhook_secret = _text(200, 1, allow_none=True, metadata={"description": "of Seam's webhooks; never told"})
    version = _version()


class WorkspaceSchema(Schema):
    name = fields.String(required=True, metadata={"description": "empty: the one without a name"})
    source = fields.String(required=True, metadata={"description": "file (read-only) or database"})
    endpoint = fields.String(required=True)
    secrets = fields.List(fields.String(), required=True, metadata={"description": "those that are set"})
    used_by = fields.List(fields.String(), required=True, metadata={"description": "connections"})
    version = fields.Integer(required=True)


class TakenBackSchema(Schema):
    connections = fields.List(
        fields.String(), required=True, metadata={"description": "those that have the former rules again"}
    )


class PolicySchema(Schema):
    name = fields.String(required=True)
    source = fields.String(required=True, metadata={"description": "default, file (read-only) or database"})
    settings = fields.Dict(required=True, attribute="shown")
    used_by = fields.List(fields.String(), required=True, metadata={"description": "connections"})
    version = fields.Integer(required=True)


def shown(one: ConnectionEntry) -> dict[str, Any]:
    """A connection as it is answered: without secrets, a pause that is over as none."""
    standing = one.standing
    state = standing.at(web_context().clock())
    is_over = state is not standing.state
    return {
        "name": one.name,
        "source": one.source,
        "connector": one.connector,
        "policy": one.policy,
        "state": state,
        "state_reason": "" if is_over else standing.reason,
        "state_by": "" if is_over else standing.by,
        "state_since": standing.until if is_over else standing.since,
        "state_until": None if is_over else standing.until,
        "version": one.version,
        "trouble": one.trouble or None,
        "settings": dict(one.shown),
        "secrets": list(one.secrets),
    }


_may_fail = partial(blueprint.refuses, said=SENTENCES)


@blueprint.get("/connections", role=Role.ADMIN)
@blueprint.response(200, ConnectionSchema(many=True))
def connections() -> Any:
    """All connections, the removed ones among them: where each stands, and how."""
    return [shown(one) for one in register().entries()]


@blueprint.post("/connections", role=Role.ADMIN)
@blueprint.arguments(NewConnectionSchema)
@blueprint.response(201, ConnectionSchema)
@_may_fail(409, 422)
def add_connection(arguments: dict[str, Any]) -> Any:
    """Makes a connection; runs begin within seconds, and no process is restarted for it."""
    state = State(arguments["state"])
    return shown(register().add(arguments["name"], arguments["settings"], caller().name, web_context().clock(), state))


@blueprint.get("/connections/<connection>", role=Role.ADMIN)
@blueprint.response(200, ConnectionSchema)
@_may_fail(404)
def connection(connection: str) -> Any:
    """One connection."""
    return shown(register().entry(connection))


@blueprint.patch("/connections/<connection>", role=Role.ADMIN)
@blueprint.arguments(ChangeSchema)
@blueprint.response(200, ConnectionSchema)
@_may_fail(404, 409, 422)
def change_connection(arguments: dict[str, Any], connection: str) -> Any:
    """Changes what is named, and nothing else."""
    changes, version = arguments["settings"], arguments["version"]
    return shown(register().change(connection, changes, caller().name, web_context().clock(), version))


@blueprint.post("/connections/<connection>/rotate", role=Role.ADMIN)
@blueprint.arguments(NewSecretsSchema)
@blueprint.response(200, ConnectionSchema)
@_may_fail(404, 409, 422)
def rotate(arguments: dict[str, Any], connection: str) -> Any:
    """Puts new secrets in. A connection whose credentials were refused goes on at once."""
    secrets, version = arguments["secrets"], arguments["version"]
    return shown(register().renew(connection, secrets, caller().name, web_context().clock(), version))


def _stand(connection: str, state: State, arguments: dict[str, Any]) -> Any:
    return shown(
        register().stand(
            connection,
            state,
            caller().name,
            web_context().clock(),
            arguments["reason"],
            arguments.get("until"),
            arguments["version"],
        )
    )


@blueprint.post("/connections/<connection>/pause", role=Role.ADMIN)
@blueprint.arguments(PauseSchema)
@blueprint.response(200, ConnectionSchema)
@_may_fail(404, 409, 422)
def pause(arguments: dict[str, Any], connection: str) -> Any:
    """Has nothing be done for a connection: access that is there stays, and ends at its time."""
    return _stand(connection, State.PAUSED, arguments)


@blueprint.post("/connections/<connection>/watch", role=Role.ADMIN)
@blueprint.arguments(StandSchema)
@blueprint.response(200, ConnectionSchema)
@_may_fail(404, 409, 422)
def watch(arguments: dict[str, Any], connection: str) -> Any:
    """Has a connection only read and plan: its runs show what they would do."""
    return _stand(connection, State.WATCH, arguments)


@blueprint.post("/connections/<connection>/resume", role=Role.ADMIN)
@blueprint.arguments(StandSchema)
@blueprint.response(200, ConnectionSchema)
@_may_fail(404, 409, 422)
def resume(arguments: dict[str, Any], connection: str) -> Any:
    """Has a connection kept in step again."""
    return _stand(connection, State.ACTIVE, arguments)


@blueprint.post("/connections/<connection>/link", role=Role.ADMIN)
@blueprint.response(201, LinkSchema)
@_may_fail(404, 422)
def link(connection: str) -> Any:
    """Makes a link by which somebody without an account puts new credentials in, and changes nothing else."""
    return {"url": make_link(register().entry(connection))}


@blueprint.delete("/connections/<connection>", role=Role.ADMIN)
@blueprint.arguments(RemovalSchema, location="query")
@blueprint.response(200, ConnectionSchema)
@_may_fail(404, 409, 422)
def remove_connection(arguments: dict[str, Any], connection: str) -> Any:
    """Removes a connection: its access in Seam is left, or taken away before; 31 days later it is forgotten."""
    state = State.REMOVED if arguments["access"] == "leave" else State.LEAVING
    return _stand(connection, state, arguments)


@blueprint.get("/policies", role=Role.ADMIN)
@blueprint.response(200, PolicySchema(many=True))
def policies() -> Any:
    """All policies, with every value that each has."""
    return register().policies()


@blueprint.get("/policies/<policy>", role=Role.ADMIN)
@blueprint.response(200, PolicySchema)
@_may_fail(404)
def policy(policy: str) -> Any:
    """One policy."""
    return register().policy(policy)


@blueprint.patch("/policies/<policy>", role=Role.ADMIN)
@blueprint.arguments(ChangeSchema)
@blueprint.response(200, PolicySchema)
@_may_fail(409, 422)
def set_policy(arguments: dict[str, Any], policy: str) -> Any:
    """Makes a policy, or changes what is named; it counts within seconds for the connections that use it."""
    changes, version = arguments["settings"], arguments["version"]
    return register().set_policy(policy, changes, caller().name, web_context().clock(), version)


@blueprint.get("/policies/<policy>/change", role=Role.ADMIN)
@blueprint.response(200, PolicyChangeSchema)
@_may_fail(404)
def policy_change(policy: str) -> Any:
    """The change of a policy that was previewed or rolled out last: how it stands, and what came of it."""
    found = policy_changes().of(policy)
    if found is None:
        raise NotThere(f"No change of policy {policy[:64]} was previewed or rolled out.")
    return found


@blueprint.post("/policies/<policy>/preview", role=Role.ADMIN)
@blueprint.arguments(PreviewSchema)
@blueprint.response(202, PolicyChangeSchema)
@_may_fail(404, 409, 422)
def preview_policy(arguments: dict[str, Any], policy: str) -> Any:
    """Has it looked at what a change would create, change and revoke, by property; `change` tells it when it is
    known."""
    return policy_changes().preview(policy, arguments["settings"], caller().name)


@blueprint.post("/policies/<policy>/roll-out", role=Role.ADMIN)
@blueprint.arguments(RollOutSchema)
@blueprint.response(202, PolicyChangeSchema)
@_may_fail(404, 409, 422)
def roll_out_policy(arguments: dict[str, Any], policy: str) -> Any:
    """Has a policy changed in waves: one connection first, then a share of the rest at a time; failures or revocations
    beyond the limits stop it. Asked again after that, it goes on."""
    longest = timedelta(minutes=arguments["longest"])
    limits = Limits(arguments["max_failures"], arguments["max_revocations"], longest)
    return policy_changes().roll_out(
        policy, arguments["settings"], caller().name, arguments["first"], arguments["share"], limits
    )


@blueprint.post("/policies/<policy>/take-back", role=Role.ADMIN)
@blueprint.response(200, TakenBackSchema)
@_may_fail(404, 409, 422)
def take_back_policy(policy: str) -> Any:
    """Gives the former rules back to those that a roll-out has given the new ones, and ends it."""
    return {"connections": policy_changes().take_back(policy, caller().name)}


@blueprint.get("/workspaces", role=Role.ADMIN)
@blueprint.response(200, WorkspaceSchema(many=True))
def workspaces() -> Any:
    """All Seam workspaces that connections may name; an admin of a part sees none."""
    return register().workspaces()


@blueprint.patch("/workspaces/<workspace>", role=Role.ADMIN)
@blueprint.arguments(WorkspaceChangeSchema)
@blueprint.response(200, WorkspaceSchema)
@_may_fail(409, 422)
def set_workspace(arguments: dict[str, Any], workspace: str) -> Any:
    """Adds a Seam workspace, or changes what is named: a new key is taken up within seconds."""
    version = arguments.pop("version")
    return register().set_workspace(workspace, arguments, caller().name, web_context().clock(), version)


@blueprint.delete("/workspaces/<workspace>", role=Role.ADMIN)
@blueprint.response(200, WorkspaceSchema(many=True))
@_may_fail(404, 422)
def remove_workspace(workspace: str) -> Any:
    """Forgets a Seam workspace that no connection uses, with its key; nothing is changed in Seam."""
    register().remove_workspace(workspace, caller().name, web_context().clock())
    return register().workspaces()
