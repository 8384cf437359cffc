"""Inputs that people met in the field, played step by step. They lie beside the checkout; without them, no test."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import Policy
from sandbox.http import Answer
from tests.connectors.cases import Case, dated

CASES = Path(__file__).parents[3] / "shared" / "cases" / "feeds-and-files"
FOLDERS = sorted(one for one in CASES.iterdir() if (one / "case.json").exists()) if CASES.is_dir() else []
THREE_NIGHTS = ("09-20T13:00", "09-23T09:00")

RIGHT: dict[str, Any] = {
    "01a": {("A", "09-17T13:00", "09-23T09:00"): 1, ("B", "09-18T13:00", "09-24T09:00"): 1},
    "02a": {(room, *THREE_NIGHTS): 1 for room in ("floating", "utc", "zone", "valuedate")},
    "03a": {("Room 16", "09-16T13:00", "09-22T09:00"): 1},
    "03b": {(room, "09-19T13:00", "09-22T09:00"): 1 for room in ("Room 16", "Room 17")},
    "04-": {},
    "05a": {("A", "09-18T13:00", "09-21T09:00"): 1},
    "06-": {("A", "09-21T13:00", "09-24T09:00"): 1, ("A", "09-26T13:00", "09-28T09:00"): 1},
    "09-": {},
    "10-": {("A", *THREE_NIGHTS): 1},
    "13a": {("A", *THREE_NIGHTS): 1, ("B", *THREE_NIGHTS): 1},
    "14-": {("A", *THREE_NIGHTS): 1},
    "15a": {("R1", "09-19T13:00", "09-21T09:00"): 1},
    "16-": {("A", *THREE_NIGHTS): 1},
}
"""By how a case's name begins, how many grants open which room from when until when (UTC), at the end."""
CODES = {"11a": {"1234"}, "11b": {"1231", "1232", "1233", "1234"}}


@pytest.mark.skipif(not FOLDERS, reason="no cases beside the checkout")
@pytest.mark.parametrize("folder", FOLDERS, ids=[one.name for one in FOLDERS])
def test_a_case_from_the_field_comes_out_right(folder: Path, tmp_path: Path) -> None:
    case = json.loads((folder / "case.json").read_text())
    kind = case.get("connector", "ical")
    feeds = {room: url.replace("{BASE}", "https://calendars.example") for room, url in case.get("feeds", {}).items()}
    policy = Policy(replace_wait=timedelta(seconds=20), **case.get("policy", {}))
    world = Case(tmp_path, kind, case.get("rooms", ("A",)), feeds, policy, **case.get("vendor", {}))
    is_first = True
    codes: dict[str, str | None] = {}
    for step in case["steps"]:
        for name, given in step["input"].items():
            if isinstance(given, dict):
                world.place.served[name] = Answer(given["status"], headers=given.get("headers", {}))
            elif kind == "ical":
                world.place.served[name] = dated((folder / given).read_bytes())
            else:
                world.write(name, (folder / given).read_bytes())
        for _ in range(step.get("times", 1)):
            report = world.run(full=is_first)
            is_first = False
        assert report.broken_off is None
        for key in world.open_now():
            code = world.seam.code_of(key)
            assert codes.setdefault(key, code) == code, "a PIN changed"
    opened = [tuple(one) for one in world.open_now().values()]
    if folder.name[:3] in RIGHT:
        assert {one: opened.count(one) for one in opened} == RIGHT[folder.name[:3]]
    if folder.name[:3] in CODES:
        assert {world.seam.code_of(key) for key in world.open_now()} == CODES[folder.name[:3]]
