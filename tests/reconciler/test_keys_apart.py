"""Two connections in one workspace, and other tools beside them: nobody's keys meet."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from mappers.keys import Keys
from mappers.policy import CommonArea, Policy
from store.prefixes import KeyPrefixes, PrefixTaken
from tests.connectors.cases import Case
from tests.world import START, World


def beside(first: Case, path: Path, name: str, prefix: str) -> Case:
    """Another connection in the same workspace and database."""
    path.mkdir()
    other = Case(path, "files")
    other.name, other.keys = name, Keys(prefix)
    other.seam, other.workspace, other.store, other.clock = first.seam, first.workspace, first.store, first.clock
    other.restart()
    return other


@pytest.fixture
def elm(tmp_path: Path) -> Case:
    """A house with a prefix, and a guest in it."""
    case = Case(tmp_path, "files")
    case.name, case.keys = "elm", Keys("elm/")
    case.restart()
    case.write("rooms.csv", "room_id\nR1\n")
    case.write("bookings.csv", "booking_id,guest_id,name,arrival,departure,room_id\nB1,G1,Anna Novak,{I-1},{I+4},R1\n")
    case.run(full=True)
    assert list(case.open_now()) == ["elm/B1"]
    return case


@pytest.mark.parametrize("theirs", ["elm/", "ELM/"])
def test_rows_that_read_as_another_connections_are_refused_by_name(elm: Case, tmp_path: Path, theirs: str) -> None:
    oak = beside(elm, tmp_path / "oak", "oak", "")
    oak.write("rooms.csv", f"room_id\n{theirs}R1\nown\n")
    oak.write(
        "bookings.csv",
        "booking_id,guest_id,name,arrival,departure,room_id\n"
        f"{theirs}B1,{theirs}G1,Bob Jones,{{I-1}},{{I+9}},{theirs}R1\n"
        f"B7,{theirs}G1,Cleo Marsh,{{I-1}},{{I+9}},own\n"
        "B8,G8,Dora Horn,{I-1},{I+9},own\n",
    )
    before = elm.open_now()
    code = elm.seam.code_of("elm/B1")
    report = oak.run(full=True)
    assert report.exit == 1
    told = " ".join(str(item.error) for item in report.items)
    assert "begins as the keys of connection elm do" in told
    opened = elm.open_now()
    assert opened.pop("B8") == ["own", "09-17T13:00", "09-27T09:00"]
    assert opened == before
    assert elm.seam.code_of("elm/B1") == code
    with elm.no_writes():
        assert elm.run(full=True).exit == 0


def test_two_connections_with_one_prefix_do_not_run(elm: Case, tmp_path: Path) -> None:
    oak = beside(elm, tmp_path / "oak", "oak", "Elm/b")
    oak.write("rooms.csv", "room_id\nR9\n")
    oak.write("bookings.csv", "booking_id,name,arrival,departure,room_id\nB9,Bob Jones,{I-1},{I+9},R9\n")
    with elm.no_writes():
        report = oak.run(full=True)
    assert report.exit == 1
    assert "connection elm makes its keys with 'elm/' in this database" in str(report.broken_off)


def test_a_renamed_connection_has_its_prefix_again_after_an_hour(elm: Case, tmp_path: Path) -> None:
    prefixes = KeyPrefixes(elm.store)
    with pytest.raises(PrefixTaken):
        prefixes.claim("house", "elm/", START + timedelta(minutes=30))
    prefixes.claim("house", "elm/", START + timedelta(hours=2))
    assert prefixes.others("other", "") == (("house", "elm/"),)


def test_a_room_whose_id_is_a_common_areas_key_gets_no_space(tmp_path: Path) -> None:
    case = Case(tmp_path, "files", policy=Policy(common_areas=(CommonArea("lobby", "Lobby"),)))
    case.write("rooms.csv", "room_id\nlobby\nR1\n")
    case.write(
        "bookings.csv",
        "booking_id,name,arrival,departure,room_id\nB1,Anna Novak,{I-1},{I+4},lobby\nB2,Bob Jones,{I-1},{I+4},R1\n",
    )
    report = case.run(full=True)
    assert report.exit == 1
    assert any("is the key of the common area Lobby" in str(item.error) for item in report.items)
    assert {key: sorted(one)[2:] for key, one in case.open_now().items()} == {"B2": ["Lobby", "R1"]}


def test_another_tools_grant_that_looks_like_ours_is_left_alone(tmp_path: Path) -> None:
    world = World(tmp_path)
    booking = world.book()
    world.sync()
    made = world.seam.grant_by_key(booking)
    assert made is not None
    guard = {
        "user_identity_id": made["user_identity_id"],
        "space_ids": made["space_ids"],
        "access_grant_key": f"{booking[:-4]}0000:guard",
        "starts_at": START.isoformat(),
        "ends_at": (START + timedelta(hours=1)).isoformat(),
        "requested_access_methods": [{"mode": "code"}],
    }
    headers = {"authorization": f"Bearer {world.seam.api_key}", "content-type": "application/json"}
    answer = world.seam.handle("POST", "/access_grants/create", {}, headers, json.dumps(guard).encode())
    assert answer.status == 200
    world.clock.pass_(days=90)
    world.sync(full=True)
    world.sync(night_audit=True)
    assert [grant["access_grant_key"] for grant in world.seam.live_grants()] == [guard["access_grant_key"]]


def test_only_those_are_asked_about_whose_keys_may_begin_like_ones_own(elm: Case) -> None:
    prefixes = KeyPrefixes(elm.store)
    prefixes.claim("oak", "oak/", START)
    prefixes.claim("odd", "el_/", START)
    assert dict(prefixes.others("other", "ELM")) == {"elm": "elm/"}
    assert dict(prefixes.others("other", "el_")) == {"odd": "el_/"}
    assert dict(prefixes.others("other", "")) == {"elm": "elm/", "oak": "oak/", "odd": "el_/"}
