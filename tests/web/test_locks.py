"""Locks on the pages and by the API: connecting a lock system, and putting each lock into its room."""

import io
from pathlib import Path

import pytest

from store.people import Role
from tests.night import Night, csrf_of
from tests.web.test_pages import text_of


@pytest.fixture
def night(tmp_path: Path) -> Night:
    """Rooms 101 to 103 in Seam, and no lock system yet."""
    made = Night(tmp_path)
    made.listen()
    made.do("full")
    made.settle()
    return made


def post(night: Night, path: str, role: str = "operator", **form: object) -> str:
    client = night.client(role)
    form["csrf_token"] = csrf_of(client.get("/locks"))
    answer = client.post(path, data=form, content_type="multipart/form-data")
    assert answer.status_code == 302, answer.status_code
    return str(answer.headers["Location"])


def locks_path(night: Night) -> str:
    return f"/locks/alpen/{night.property}"


def install(night: Night) -> None:
    for name in ("Room 101", "Room 102", "Staff only"):
        night.seam.add_device(name, customer_key=night.property)
    post(night, f"{locks_path(night)}/refresh")


def rooms_of(night: Night) -> dict[str, list[str]]:
    spaces = {space_id: str(space["name"]) for space_id, space in night.seam.spaces.items()}
    return {
        str(door["display_name"]): sorted(spaces[one] for one in door["space_ids"])
        for door in night.seam.devices.values()
    }


def test_a_property_is_connected_on_a_page_of_seam_and_followed_until_it_is(night: Night) -> None:
    assert "No lock system is connected" in text_of(night.client("viewer").get("/locks").text)
    page = post(night, f"{locks_path(night)}/connect")
    client = night.client("operator")
    (webview,) = night.seam.webviews.values()
    assert webview["customer_key"] == night.property
    assert webview["url"] in client.get(page).text
    assert client.get(f"{page}/status").json == {"status": "pending"}
    night.seam.authorize_webview(webview["connect_webview_id"], "ttlock")
    night.seam.add_device("Room 101", customer_key=night.property)
    assert client.get(f"{page}/status").json == {"status": "authorized"}
    text = text_of(client.get(page).text)
    assert "Connected: ttlock" in text
    assert "1 device and 0 entrances" in text
    assert "connected TTLock" in text_of(client.get("/locks").text)


def test_a_sign_in_that_fails_is_said_and_another_offered(night: Night) -> None:
    page = post(night, f"{locks_path(night)}/connect")
    night.seam.fail_webview(next(iter(night.seam.webviews)))
    assert "Signing in did not work" in text_of(night.client("operator").get(page).text)


def test_a_sign_in_page_of_another_property_is_not_shown(night: Night) -> None:
    other = night.workspace.create_webview("somebody-else", ())
    assert night.client("operator").get(f"{locks_path(night)}/connect/{other.id}").status_code == 404
    followed = night.client("operator").get(f"{locks_path(night)}/connect/{other.id}/status")
    assert followed.json == {"status": "failed"}, "nothing is told of another property's"


def test_sure_locks_are_put_into_their_rooms_by_one_click(night: Night) -> None:
    install(night)
    page = text_of(night.client("viewer").get(locks_path(night)).text)
    assert "2 locks can be placed by name alone Next: an operator puts them there." in page
    assert "2 of 3 rooms" not in text_of(night.client("viewer").get("/").text)
    post(night, f"{locks_path(night)}/apply")
    night.settle()
    assert rooms_of(night) == {"Room 101": ["101"], "Room 102": ["102"], "Staff only": []}
    page = text_of(night.client("viewer").get(locks_path(night)).text)
    assert "1 room without a lock 103" in page
    assert "1 lock needs a decision Next: an operator says which room each of them belongs to." in page
    assert "by its name, operator" in page
    now = text_of(night.client("viewer").get("/").text)
    assert "1 room has no lock Nobody arrives there today or tomorrow. 1 lock belongs to no room yet." in now


def test_a_person_decides_the_rest_and_it_is_in_the_audit_log(night: Night) -> None:
    install(night)
    staff = next(one for one, door in night.seam.devices.items() if door["display_name"] == "Staff only")
    post(night, f"{locks_path(night)}/decide", door_id=staff, room_key=night.rooms[2])
    night.settle()
    assert rooms_of(night)["Staff only"] == ["103"]
    assert "Staff only: 103" in night.client("admin").get("/audit-log").text
    post(night, f"{locks_path(night)}/decide", door_id=staff, room_key="-")
    night.settle()
    assert rooms_of(night)["Staff only"] == []
    client = night.client("operator")
    form = {"door_id": staff, "room_key": "no such room", "csrf_token": csrf_of(client.get("/locks"))}
    assert client.post(f"{locks_path(night)}/decide", data=form).status_code == 404


def test_the_list_goes_out_as_a_file_and_comes_back(night: Night) -> None:
    install(night)
    text = night.client("viewer").get(f"{locks_path(night)}/doors.csv").text
    assert '"103","","","no door","no lock belongs to this room"' in text
    assert '"","Staff only",' in text
    text = text.replace('"","Staff only",', '"103","Staff only",', 1)
    post(night, f"{locks_path(night)}/doors.csv", file=(io.BytesIO(text.encode()), "doors.csv"))
    night.settle()
    assert rooms_of(night) == {"Room 101": ["101"], "Room 102": ["102"], "Staff only": ["103"]}


@pytest.mark.parametrize("text", [b"\xff\xfe", b"room,door\n999,Room 101\n", b"x" * 300_000, b""])
def test_a_file_that_cannot_be_used_changes_nothing(night: Night, text: bytes) -> None:
    install(night)
    post(night, f"{locks_path(night)}/doors.csv", file=(io.BytesIO(text), "doors.csv"))
    night.settle()
    assert set(map(tuple, rooms_of(night).values())) == {()}


@pytest.mark.parametrize("path", ["connect", "refresh", "apply", "decide", "doors.csv"])
def test_a_viewer_may_look_and_change_nothing(night: Night, path: str) -> None:
    client = night.client("viewer")
    token = csrf_of(client.get("/"))
    assert client.post(f"{locks_path(night)}/{path}", data={"csrf_token": token}).status_code == 403


def test_programs_place_locks_too(night: Night) -> None:
    install(night)
    token = night.people.make_token("locks", Role.OPERATOR, night.clock.now())
    client, by_token = night.site.test_client(), {"Authorization": f"Bearer {token}"}
    here = f"/api{locks_path(night)}"
    locks = {one["name"]: one for one in client.get(here, headers=by_token).json}
    assert (locks["Room 101"]["state"], locks["Room 101"]["proposed_room_key"]) == ("sure", night.rooms[0])
    assert client.post(f"{here}/apply", headers=by_token).json == {"accepted": True}
    rooms = {locks["Staff only"]["door_id"]: [night.rooms[2]]}
    assert client.post(f"{here}/place", headers=by_token, json={"rooms": rooms}).status_code == 202
    night.settle()
    assert rooms_of(night) == {"Room 101": ["101"], "Room 102": ["102"], "Staff only": ["103"]}
    assert client.get("/api/locks", headers=by_token).json[0]["locks"]["without_door"] == 0
    unknown = {"rooms": {"nope": ["x"]}}
    assert client.post(f"{here}/place", headers=by_token, json=unknown).status_code == 404
