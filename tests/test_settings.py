"""The settings file: what is accepted, and one clear line for everything that is not."""

import re
from pathlib import Path

import pytest
import yaml

from connectors.table import CONNECTORS
from mappers.policy import Policy
from settings import SettingsError, load_settings

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
    assert settings.database == "sqlite:///nightporter.db"


def test_the_example_names_every_setting_of_a_policy() -> None:
    named = set(yaml.safe_load(GOOD)["policies"]["hotel"])
    # Without a default of their own: they stand there as comments.
    assert named - {"preset"} == set(Policy.__dataclass_fields__) - {"check_in", "check_out", "time_zone"}
    assert all(f"# {name}: " in GOOD for name in ("check_in", "check_out", "time_zone"))


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
        ("count: 10", "count: ten", "policies.hotel.max_revocations.count: should be a whole number"),
        ("percent: 20", "percent: 120", "policies.hotel.max_revocations.percent: should be from 0 to 100"),
        ("connector: mews", "connector: opera", "connections.alpen.connector: should be one of "),
        ("connector: mews", "", "connections.alpen.connector: is missing"),
        ('"https://api.mews-demo.com"', "mews", "connections.alpen.mews.base_url: should be an address"),
        ("env:MEWS_CLIENT_TOKEN", "0123", "connections.alpen.mews.client_token: should be text: put it in quotes"),
        ("env:MEWS_CLIENT_TOKEN", '""', "connections.alpen.mews.client_token: is empty"),
        ("env:MEWS_CLIENT_TOKEN", "env:NOPE", "connections.alpen.mews.client_token: the environment variable NOPE"),
        ("policy: hotel", "policy: motel", "connections.alpen.policy: there is no policy motel"),
        ("horizon: 60d", "horizon: 3d", "policies.hotel.horizon: should be at least provision_ahead"),
        ("  alpen:", "  Alpen 1:", "connections.Alpen 1: a connection's name"),
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

    for first, second in (("", ""), ("", "a/"), ("a", "a"), ("a", "ab"), ("a/", "A/")):
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


def test_a_missing_file_and_no_file_are_sentences(tmp_path: Path) -> None:
    for path in (None, tmp_path / "none.yaml", tmp_path):
        with pytest.raises(SettingsError):
            load_settings(path, {})
