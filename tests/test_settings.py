"""The settings file: what is accepted, and one clear line for everything that is not."""

import re
from base64 import b64encode
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.table import CONNECTORS
from mappers.policy import Policy
from schedules.timetable import Timetable
from settings import Settings, SettingsError, load_settings
from settings.declared import EmailSettings, RoleSettings, SeamSettings, SignInSettings
from settings.kinds import KINDS, words
from settings.schema import settings_schema

ROOT = Path(__file__).parent.parent
SECRETS = {"SEAM_API_KEY": "seam_key", "MEWS_CLIENT_TOKEN": "client", "MEWS_ACCESS_TOKEN": "access"}
GOOD = (ROOT / "config.example.yaml").read_text()


def problems(tmp_path: Path, text: str, environ: dict[str, str] | None = None) -> str:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings(path, SECRETS if environ is None else environ)
    return "\n".join(caught.value.problems)


def test_the_example_loads_and_says_the_defaults() -> None:
    settings = load_settings(ROOT / "config.example.yaml", SECRETS)
    assert settings.policies["hotel"] == Policy()
    alpen = settings.connections["alpen"]
    assert (alpen.vendor["client_token"], alpen.key_prefix, alpen.webhook_token) == ("client", "", None)
    assert settings.seam.endpoint == "https://connect.getseam.com"
    assert settings.database == f"sqlite:///{ROOT / 'nightporter.db'}"


def test_the_settings_that_the_readme_begins_with_are_whole(tmp_path: Path) -> None:
    (text,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.S)
    (tmp_path / "config.yaml").write_text(text)
    settings = load_settings(tmp_path / "config.yaml", SECRETS | {"LAKE_HOUSE_FEED": "https://example.com/lake.ics"})
    assert [one.connector for one in settings.connections.values()] == ["ical"]


def test_the_example_names_every_setting_with_its_default() -> None:
    document = yaml.safe_load(_without_marks(GOOD))
    alpen, hotel = document["connections"]["alpen"], document["policies"]["hotel"]
    for schema, written, path in (
        (settings_schema(), document, ""),
        (_below("seam"), document["seam"], "seam."),
        (_below("serve"), document["serve"], "serve."),
        (_below("keep"), document["keep"], "keep."),
        (_below("costs"), document["costs"], "costs."),
        (_below("connections").fields["schedules"].schema, alpen["schedules"], "schedules."),
        (_below("policies"), hotel, "policies.hotel."),
        (_below("policies").fields["max_revocations"].schema, hotel["max_revocations"], "max_revocations."),
        (_below("policies").fields["spare_codes"].schema, hotel["spare_codes"], "spare_codes."),
    ):
        named = {field.data_key or name: name for name, field in schema.fields.items()}
        assert set(written) == set(named), path
    defaults = Settings(SeamSettings("seam_key"), {}, {})
    loaded = load_settings(ROOT / "config.example.yaml", SECRETS)
    # The demo's address stands there, so that the first try works; nobody's own is one that can be guessed.
    assert replace(loaded.serve, public_url=None) == defaults.serve
    assert (loaded.seam, loaded.keep, loaded.alerts) == (defaults.seam, defaults.keep, defaults.alerts)
    assert loaded.costs == defaults.costs
    assert loaded.connections["alpen"].schedules == Timetable()


def test_the_example_names_every_setting_of_alerts(tmp_path: Path) -> None:
    shown = GOOD.split("alerts: {}")[1].split("connections:")[0]
    lines = [line.removeprefix("#") for line in shown.splitlines() if line.startswith("#")]
    text = GOOD.replace("alerts: {}", "alerts:\n" + "\n".join(lines) + "\n#")
    path = tmp_path / "config.yaml"
    path.write_text(text)
    secret = "whsec_" + b64encode(b"x" * 24).decode()
    alerts = load_settings(path, SECRETS | {"SMTP_PASSWORD": "p", "ALERT_SECRET": secret}).alerts
    assert alerts.email is not None
    assert alerts.webhook is not None
    defaults = EmailSettings("", "", ())
    assert (alerts.email.port, alerts.email.security) == (defaults.port, defaults.security)
    for kind in ("email", "webhook"):
        assert set(yaml.safe_load(text)["alerts"][kind]) == {
            field.data_key or name for name, field in _below("alerts").fields[kind].schema.fields.items()
        }


def _below(name: str) -> Any:
    """The schema of a group, or of each member of a group with free names."""
    field = settings_schema().fields[name]
    return getattr(field, "inner", field).schema


def _without_marks(text: str) -> str:
    """What stands there as a comment, because it has no default of its own, as a setting."""
    text = re.sub(
        r"^( +)# (check_in|check_out|move_out|time_zone|small_house|call|embed_in|embed_in_of|idle_sign_out|sign_in):",
        r"\1\2:",
        text,
        flags=re.MULTILINE,
    )
    return re.sub(r"^  #(?=   +[\w-]+:)", "   ", text, flags=re.MULTILINE)


def test_the_example_names_every_setting_of_the_sign_in(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(_without_marks(GOOD))
    found = load_settings(path, SECRETS | {"SIGN_IN_SECRET": "a secret"}).serve.sign_in
    assert found is not None
    written = yaml.safe_load(path.read_text())["serve"]["sign_in"]
    assert set(written) == {one.name for one in fields(SignInSettings)}
    assert found == SignInSettings(
        issuer="https://login.hotel.example",
        client_id="night-porter",
        client_secret="a secret",
        roles_claim="groups",
        roles={
            "porters": RoleSettings("operator"),
            "south-it": RoleSettings("admin", organisation="south"),
            "alpen-desk": RoleSettings("viewer", connection="alpen"),
        },
    )
    assert "a secret" not in repr(found)


SIGN_IN = """  sign_in:
    issuer: {issuer}
    client_id: night-porter
    client_secret: a-secret
    roles_claim: groups
    roles: {roles}
  workers: 8"""


@pytest.mark.parametrize(
    ("issuer", "roles", "said"),
    [
        ("http://login.example", "{a: admin}", "serve.sign_in.issuer: should begin with https://"),
        ("https://login.example?tenant=1", "{a: admin}", "serve.sign_in.issuer: should be an address without"),
        ("https://me@login.example", "{a: admin}", "serve.sign_in.issuer: should be an address without"),
        ("login.example", "{a: admin}", "serve.sign_in.issuer: should be an address that begins with https://"),
        ("https://login.example", "{}", "serve.sign_in.roles: should name at least one"),
        ("https://login.example", "{a: boss}", "serve.sign_in.roles.a.role: should be one of viewer, operator, admin"),
        ("https://login.example", "{a: {organisation: south}}", "serve.sign_in.roles.a.role: is missing"),
        ("https://login.example", "{a: {role: admin, property: p1}}", "serve.sign_in.roles.a: should name"),
        (
            "https://login.example",
            "{a: {role: admin, organisation: o, connection: alpen}}",
            "serve.sign_in.roles.a: should name",
        ),
    ],
)
def test_a_sign_in_that_would_let_in_nobody_or_anybody_is_refused(
    tmp_path: Path, issuer: str, roles: str, said: str
) -> None:
    block = SIGN_IN.format(issuer=f'"{issuer}"', roles=roles)
    assert said in problems(tmp_path, re.sub(r"^  workers: 8", block, GOOD, flags=re.MULTILINE))


@pytest.mark.parametrize("issuer", ["http://localhost:9400", "http://127.0.0.1:9400", "https://login.example/tenant/"])
def test_an_issuer_is_kept_sign_by_sign(tmp_path: Path, issuer: str) -> None:
    path = tmp_path / "config.yaml"
    block = SIGN_IN.format(issuer=f'"{issuer}"', roles="{a: admin}")
    path.write_text(re.sub(r"^  workers: 8", block, GOOD, flags=re.MULTILINE))
    found = load_settings(path, SECRETS).serve.sign_in
    assert found is not None
    assert found.issuer == issuer


def test_every_connector_of_the_example_loads_once_its_marks_are_taken_away(tmp_path: Path) -> None:
    head, rest = GOOD.split("# The other connectors.", 1)
    others, tail = rest.split("\npolicies:", 1)
    blocks = "\n".join(line[1:] for line in others.split("\n")[1:] if line.startswith("#"))
    path = tmp_path / "config.yaml"
    head = head.replace('key_prefix: ""', 'key_prefix: "alpen/"')
    path.write_text(head + blocks + "\npolicies:" + tail)
    names = set(re.findall(r"env:([A-Z_]+)", path.read_text()))
    loaded = load_settings(path, dict.fromkeys(names, "https://feeds.example/x.ics"))
    assert {one.connector for one in loaded.connections.values()} == set(CONNECTORS)
    for connection in loaded.connections.values():
        declared = {setting.name for setting in CONNECTORS[connection.connector].SETTINGS}
        alternatives = {"client_id", "client_secret", "refresh_token"} if connection.connector == "cloudbeds" else set()
        assert {name for name in declared - alternatives if f"      {name}: " not in path.read_text()} == set()


def test_an_empty_policy_has_every_default(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(GOOD.split("policies:")[0] + "policies: {hotel: {}}\n")
    assert load_settings(None, SECRETS | {"NIGHTPORTER_CONFIG": str(path)}).policies["hotel"] == Policy()


def test_secrets_are_in_no_repr() -> None:
    shown = repr(load_settings(ROOT / "config.example.yaml", SECRETS | {"SEAM_WEBHOOK_SECRET": "whsec"}))
    for secret in ("seam_key", "'client'", "'access'", "whsec"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("database:", "databse:", "databse: there is no such setting"),
        ("    guests: primary", "    guest: primary", "policies.hotel.guest: there is no such setting"),
        ("guests: primary", "guests: some", "policies.hotel.guests: should be one of primary, everyone"),
        ("early: 0m", "early: 15", "policies.hotel.early: should be a duration"),
        ("late: 0m", "late: -5m", "policies.hotel.late: should be a duration"),
        ("late: 0m", "late: 12:30", "policies.hotel.late: should be a duration"),
        ("[code]", "[kode]", "policies.hotel.access_methods.0: should be one of code"),
        ("[code]", "code", "policies.hotel.access_methods: should be a list"),
        ("common_areas: []", "common_areas: [lobby]", "0: should be a group of settings: {key: ..., name: ...}"),
        ("count: 10", "count: ten", "policies.hotel.max_revocations.count: should be a whole number"),
        ("percent: 20", "percent: 120", "policies.hotel.max_revocations.percent: should be from 0 to 100"),
        ("connector: mews", "connector: opera", "connections.alpen.connector: should be one of "),
        ("connector: mews", "", "connections.alpen.connector: is missing"),
        ('"https://api.mews-demo.com"', "mews", "connections.alpen.mews.base_url: should be an address"),
        ("env:MEWS_CLIENT_TOKEN", "0123", "connections.alpen.mews.client_token: should be text: put it in quotes"),
        ("env:MEWS_CLIENT_TOKEN", '""', "connections.alpen.mews.client_token: is empty"),
        ("env:MEWS_CLIENT_TOKEN", "env:NOPE", "connections.alpen.mews.client_token: the environment variable NOPE"),
        ("policy: hotel", "policy: motel", "connections.alpen.policy: there is no policy motel"),
        ("  hotel:\n", "  motel:\n", "policies.motel: no connection uses it"),
        ("horizon: 60d", "horizon: 3d", "policies.hotel.horizon: should be at least provision_ahead"),
        ("  alpen:", "  Alpen 1:", "connections.Alpen 1: a connection's name"),
        (
            "env:ALPEN_WEBHOOK_TOKEN",
            "x",
            "connections.alpen.webhook_token: is too short to keep strangers out: at least 16",
        ),
        ("common_areas: []", "common_areas: [{key: a}]", "policies.hotel.common_areas.0.name: is missing"),
    ],
)
def test_what_is_wrong_is_named_by_its_path(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    assert said in problems(tmp_path, GOOD.replace(before, after, 1))


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    said = problems(tmp_path, GOOD.replace("early: 0m", "early: 1").replace("databas", "databus"), {})
    assert "policies.hotel.early" in said
    assert "databuse" in said
    assert "SEAM_API_KEY" in said
    assert "MEWS_ACCESS_TOKEN" in said


def test_two_connections_need_prefixes_that_cannot_be_confused(tmp_path: Path) -> None:
    def two(first: str, second: str) -> str:
        mews = 'mews: {base_url: "https://a", client_token: a, access_token: b}'
        return (
            "seam: {api_key: seam_x}\nconnections:\n"
            f'  one: {{connector: mews, {mews}, key_prefix: "{first}"}}\n'
            f'  two: {{connector: mews, {mews}, key_prefix: "{second}"}}\n'
        )

    for first, second in (("", ""), ("", "a/"), ("a", "a"), ("a", "ab"), ("ab", "a"), ("a/", "A/")):
        assert "connections.two.key_prefix" in problems(tmp_path, two(first, second))
    path = tmp_path / "good.yaml"
    path.write_text(two("one/", "two/"))
    assert len(load_settings(path, {}).connections) == 2


def test_numbers_may_come_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(GOOD.replace("count: 10", "count: env:COUNT"))
    assert load_settings(path, SECRETS | {"COUNT": "7"}).policies["hotel"].max_revocations.count == 7


@pytest.mark.parametrize("text", ["", "- a\n- b", "a: [", "a: 1\na: 2", "\tx: 1"])
def test_what_is_no_settings_file_is_a_sentence(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)


def test_a_block_that_is_there_and_wrong_is_not_called_missing_as_well(tmp_path: Path) -> None:
    text = re.sub(r"^ *client_token:.*\n", "", GOOD, count=1, flags=re.M)
    assert problems(tmp_path, text) == "connections.alpen.mews.client_token: is missing."


def test_a_missing_file_and_no_file_are_sentences(tmp_path: Path) -> None:
    for path in (None, tmp_path / "none.yaml", tmp_path):
        with pytest.raises(SettingsError):
            load_settings(path, {})


WRONG = [None, "", "x", 10**30, True, [], {"key": {1: 2}}, "env:NOT_THERE"]


def _paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    if isinstance(value, dict | list):
        for name, one in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _paths(one, (*path, name))


def _whole_example() -> dict[str, Any]:
    head, rest = GOOD.split("# The other connectors.", 1)
    others, tail = rest.split("\npolicies:", 1)
    blocks = "\n".join(line[1:] for line in others.split("\n")[1:] if line.startswith("#"))
    text = head.replace('key_prefix: ""', 'key_prefix: "alpen/"') + blocks + "\npolicies:" + _without_marks(tail)
    document: dict[str, Any] = yaml.safe_load(text)
    document["alerts"] = {
        "email": {"host": "smtp.hotel.example", "from": "a@hotel.example", "to": ["b@hotel.example"]},
        "webhook": {"url": "https://alerts.hotel.example", "secret": "whsec_" + b64encode(b"x" * 24).decode()},
    }
    return document


WHOLE = _whole_example()


def _each_wrong(every_day: bool) -> list[Any]:
    """Each setting with wrong values: every day one of them, another for each setting; in the long tests all."""
    return [
        pytest.param(
            path,
            [WRONG[place % len(WRONG)]] if every_day else WRONG,
            id=".".join(map(str, path)) + ("" if every_day else ", all"),
            marks=() if every_day else pytest.mark.slow,
        )
        for place, path in enumerate(_paths(WHOLE))
    ]


@pytest.mark.parametrize(("path", "values"), _each_wrong(True) + _each_wrong(False))
def test_whatever_is_wrong_with_any_setting_is_a_sentence_with_its_path(
    monkeypatch: pytest.MonkeyPatch, path: tuple[Any, ...], values: list[Any]
) -> None:
    environ = dict.fromkeys(re.findall(r"env:([A-Z_]+)", GOOD), "https://feeds.example/x.ics")
    written, told = ".".join(map(str, path)), []
    for wrong in values:
        document = deepcopy(WHOLE)
        place = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = wrong
        monkeypatch.setattr("settings.load.read_document", lambda *_, document=document: document)
        try:
            load_settings(None, environ)
        except SettingsError as problem:
            said = problem.problems
            told.extend(said)
            # Or of another setting that needs this one.
            own = [one for one in said if (where := one.split(":")[0]).startswith(written) or written.startswith(where)]
            if not own and not any(f"connection {path[1]} " in one for one in said):
                told.append(f"no path: {said}")
    for line in told:
        assert re.fullmatch(r"[\w.*' -]+\.?[\w.*' -]*: [^\n]+\.", line), line
        assert not re.search(r"Not a valid|Invalid|may not be|Unknown|Missing data", line), line


def test_what_the_example_says_of_a_vendors_defaults_is_so() -> None:
    for connection in WHOLE["connections"].values():
        name = connection["connector"]
        for setting in CONNECTORS[name].SETTINGS:
            written = connection[name].get(setting.name)
            if setting.required or written is None or setting.default in (None, ()):
                continue
            field = words(setting.choices) if setting.choices else KINDS[setting.kind]()
            assert field.deserialize(written) == setting.default, f"{name}.{setting.name}"


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "connections: {1: {}}", "? [a]\n: b"])
def test_what_yaml_allows_and_settings_do_not_is_a_sentence(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text)
