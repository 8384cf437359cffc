"""What a person writes for a folder of files or a feed, and what Night Porter says to it."""

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from settings import ConnectionSettings, SettingsError, load_settings


def load(path: Path, connector: str, block: dict[str, Any], **policy: Any) -> ConnectionSettings:
    document = {
        "seam": {"api_key": "seam_key"},
        "policies": {"house": policy},
        "connections": {"elm": {"connector": connector, "policy": "house", connector: block}},
    }
    (path / "config.yaml").write_text(yaml.safe_dump(document))
    return load_settings(path / "config.yaml", {"FEED_LAKE": "https://airbnb.example/1.ics?s=SECRET"}).connections[
        "elm"
    ]


ZONE = {"time_zone": "Europe/Vienna"}


def test_a_folder_needs_no_more_than_its_place(tmp_path: Path) -> None:
    vendor = load(tmp_path, "files", {"folder": "/srv/elm"}, **ZONE).vendor
    assert (vendor["format"], vendor["quiet_period"], vendor["holds"]) == ("csv", timedelta(seconds=60), "bookings")


def test_a_feed_may_stand_in_the_environment_and_is_a_secret(tmp_path: Path) -> None:
    connection = load(tmp_path, "ical", {"feeds": {"lake": "env:FEED_LAKE"}, **ZONE})
    assert connection.vendor["feeds"] == {"lake": ("https://airbnb.example/1.ics?s=SECRET",)}
    assert "SECRET" not in repr(connection)


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("https://feeds.example/calendar/abc/", "https://feeds.example/calendar/abc/"),
        ("https://feeds.example/?t=a%2Fb&x=/", "https://feeds.example/?t=a%2Fb&x=/"),
        (" https://feeds.example/a.ics \r\n", "https://feeds.example/a.ics"),
        ("webcal://feeds.example/a.ics", "https://feeds.example/a.ics"),
        ("WEBCALS://feeds.example/a.ics", "https://feeds.example/a.ics"),
    ],
)
def test_a_feed_is_asked_for_by_the_address_as_it_was_given(tmp_path: Path, written: str, asked: str) -> None:
    connection = load(tmp_path, "ical", {"feeds": {"lake": written}, **ZONE})
    (found,) = connection.vendor["feeds"].values()
    assert found in (asked, (asked,))


def test_every_setting_is_read_as_what_it_is(tmp_path: Path) -> None:
    block = {"folder": "x", "check_in": "16:00", "quiet_period": "5m", "statuses": {"Res": "confirmed"}, **ZONE}
    vendor = load(tmp_path, "files", block).vendor
    assert (vendor["check_in"], vendor["quiet_period"]) == (time(16), timedelta(minutes=5))


@pytest.mark.parametrize(
    ("connector", "block", "complaint"),
    [
        ("files", {"folder": "x"}, r"policies\.house\.time_zone: is missing"),
        ("files", {"folder": "x", "time_zone": "Vienna"}, r"files\.time_zone: should be an IANA time zone"),
        ("files", {"folder": "x", "country": "Austria"}, r"files\.country: should be the two letters of a country"),
        ("files", {"folder": "x", "country": "UK"}, r"files\.country: should be the two letters of a country"),
        ("files", {"folder": "x", "quiet_period": 60, **ZONE}, r"files\.quiet_period: should be a duration"),
        ("files", {"folder": "x", "check_in": "3pm", **ZONE}, r"files\.check_in: should be a time of day"),
        ("files", {"folder": "x", "format": "xml", **ZONE}, r"files\.format: should be one of csv, json"),
        (
            "files",
            {"folder": "x", "statuses": {"Res": "yes"}, **ZONE},
            r"files\.statuses\.Res: should be one of tentative",
        ),
        ("ical", {"feeds": {}, **ZONE}, r"ical\.feeds: should name at least one"),
        ("ical", {"feeds": {"lake": "airbnb.example"}, **ZONE}, r"ical\.feeds\.lake: should be an address"),
        ("ical", {"feeds": {"lake": "https://airbnb.example/a b.ics"}, **ZONE}, r"ical\.feeds\.lake: has a blank"),
        ("ical", {"feeds": {"lake": ""}, **ZONE}, r"ical\.feeds\.lake: is empty"),
        ("ical", {**ZONE}, r"ical\.feeds: is missing"),
    ],
)
def test_what_cannot_be_is_said_with_its_place(
    tmp_path: Path, connector: str, block: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(SettingsError, match=complaint):
        load(tmp_path, connector, block)


def test_a_folder_and_a_memory_count_from_the_settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert load(tmp_path, "files", {"folder": "exports", **ZONE}).vendor["folder"] == str(tmp_path / "exports")
    feeds = load(tmp_path, "ical", {"feeds": {"lake": "https://feeds.example/x.ics"}, **ZONE}).vendor
    assert feeds["memory"] == str(tmp_path / "nightporter-{connection}.json")
