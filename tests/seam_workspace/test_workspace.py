"""The Seam side at the wire: nothing made twice, nothing lost, and every failure one of our errors."""

from collections.abc import Callable
from datetime import timedelta

import httpx
import pytest

from mappers.resources import DesiredAccessGrant, DesiredSpace, DesiredUserIdentity
from sandbox.seam_workspace import SeamWorkspace
from seam_workspace.errors import SeamError, SeamRefused, SeamUnauthorized, SeamUnreachable, without_contacts
from seam_workspace.pace import Pace
from seam_workspace.workspace import Workspace
from tests.world import Clock

SPACE = DesiredSpace("r101", "101", "hotel")
IDENTITY = DesiredUserIdentity("g1", "Jana Novak", "jana@example.com", "+436601234567")


def workspace_that(answers: Callable[[httpx.Request], httpx.Response], clock: Clock | None = None) -> Workspace:
    clock = clock or Clock()
    return Workspace(
        "seam_key",
        "https://seam.example",
        pace=Pace(clock.monotonic, clock.sleep),
        transport=httpx.MockTransport(answers),
    )


class Sandboxed:
    """A sandbox workspace whose next answers can be spoiled."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.sandbox = SeamWorkspace(api_key="seam_key", now=self.clock.now)
        self.spoil: list[str] = []
        self.workspace = workspace_that(self._answer, self.clock)

    def _answer(self, request: httpx.Request) -> httpx.Response:
        spoilt = self.spoil.pop(0) if self.spoil else ""
        if spoilt == "503":
            return httpx.Response(503, text="down")
        query = {name: request.url.params.get_list(name) for name in request.url.params}
        answer = self.sandbox.handle(request.method, request.url.path, query, request.headers, request.content)
        if spoilt == "lost":
            raise httpx.ReadTimeout("lost", request=request)
        headers = {"content-type": "application/json", **answer.headers}
        return httpx.Response(answer.status, headers=headers, content=answer.body)


def test_a_create_whose_answer_is_lost_is_looked_up_and_not_made_twice() -> None:
    seam = Sandboxed()
    seam.spoil = ["lost"]
    made = seam.workspace.create_space(SPACE)
    assert list(seam.sandbox.spaces) == [made.id]
    seam.spoil = ["lost", "503", "503"]
    assert seam.workspace.create_user_identity(IDENTITY).key == "g1"
    assert len(seam.sandbox.user_identities) == 1


def test_a_create_that_never_arrived_is_made_after_all() -> None:
    seam = Sandboxed()
    seam.spoil = ["503", "", "503"]
    assert seam.workspace.create_space(SPACE).key == "r101"
    assert seam.sandbox.writes == 1


def test_what_exists_already_is_found_by_its_key() -> None:
    seam = Sandboxed()
    first = seam.workspace.create_space(SPACE)
    assert seam.workspace.create_space(SPACE).id == first.id


def test_a_contact_that_somebody_has_is_a_refusal_that_names_nobody() -> None:
    seam = Sandboxed()
    seam.workspace.create_user_identity(IDENTITY)
    with pytest.raises(SeamRefused) as caught:
        seam.workspace.create_user_identity(DesiredUserIdentity("g2", "Otto", "jana@example.com"))
    assert "jana" not in str(caught.value)
    assert caught.value.status == 409
    assert without_contacts("a@b.example and +43 660 1234567 but not 409") == "(removed) and (removed) but not 409"


def test_deleting_what_is_gone_is_no_failure() -> None:
    seam = Sandboxed()
    space = seam.workspace.create_space(SPACE)
    seam.workspace.delete_space(space.id)
    seam.workspace.delete_space(space.id)


def test_pages_of_five_hundred_are_read_to_the_end() -> None:
    seam = Sandboxed()
    for number in range(1203):
        seam.sandbox.spaces_create({"name": str(number), "space_key": f"r{number}", "customer_key": "hotel"})
    before = seam.workspace.calls
    assert len(seam.workspace.list_spaces("hotel")) == 1203
    assert seam.workspace.calls - before == 3
    assert seam.workspace.list_spaces("other") == []


def test_a_pin_is_found_for_the_grant_that_has_one() -> None:
    seam = Sandboxed()
    space = seam.workspace.create_space(SPACE)
    identity = seam.workspace.create_user_identity(IDENTITY)
    now = seam.clock.now()
    wanted = DesiredAccessGrant(
        "b1", "b1", "g1", ("r101",), now, now + timedelta(days=1), "Booking 52", ("code", "mobile_key"), "b1"
    )
    grant = seam.workspace.create_access_grant(
        wanted, key="b1", user_identity_id=identity.id, space_ids=[space.id], reservation_key=None, pin="482913"
    )
    assert seam.workspace.pin_of(grant.id) == "482913"
    assert grant.starts_at == now
    seam.workspace.delete_access_grant(grant.id)
    dying = seam.workspace.access_grant_by_key("b1")
    assert dying is not None
    assert dying.being_deleted
    seam.clock.pass_(minutes=1)
    assert seam.workspace.access_grant_by_key("b1") is None
    assert seam.workspace.pin_of(grant.id) is None


def test_a_429_makes_everybody_wait_as_long_as_seam_says_and_then_go_on_slower() -> None:
    clock = Clock()
    answers = [
        httpx.Response(429, text="Too Many Requests", headers={"Retry-After": "7"}),
        httpx.Response(200, json={"ok": True, "workspace": {"workspace_id": "w", "name": "W"}}),
    ]
    workspace = workspace_that(lambda _: answers.pop(0), clock)
    began = clock.now()
    assert workspace.check() == "W"
    assert clock.now() - began >= timedelta(seconds=7)


@pytest.mark.parametrize(
    ("answer", "error", "said"),
    [
        (httpx.Response(401, json={"error": {"type": "unauthorized", "message": "no"}}), SeamUnauthorized, "API key"),
        (httpx.Response(401, text="no"), SeamUnauthorized, "API key"),
        (httpx.Response(503, text="<html>"), SeamUnreachable, "answered 503"),
        (httpx.Response(500, json={"error": {"type": "oops", "message": "x"}}), SeamUnreachable, "answered 500"),
        (httpx.Response(404, text="nginx"), SeamUnreachable, "check seam.endpoint"),
        (httpx.Response(200, text="<html>"), SeamUnreachable, "not what its API describes"),
        (httpx.Response(200, text="{", headers={"content-type": "application/json"}), SeamUnreachable, "not what"),
        (httpx.Response(200, json=[1]), SeamUnreachable, "not what its API describes"),
        (httpx.Response(200, json={"ok": True, "spaces": [{"space_id": "x"}]}), SeamUnreachable, "pagination"),
        (httpx.Response(400, json={"error": {"type": "invalid_input", "message": "bad"}}), SeamRefused, "400"),
        (httpx.Response(403, text="forbidden"), SeamRefused, "403"),
    ],
)
def test_every_failure_is_one_of_our_errors(answer: httpx.Response, error: type[SeamError], said: str) -> None:
    workspace = workspace_that(
        lambda _: httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)
    )
    with pytest.raises(error, match=said):
        workspace.list_spaces("hotel")


@pytest.mark.parametrize("problem", [httpx.ConnectError("x"), httpx.ReadTimeout("x"), httpx.RemoteProtocolError("x")])
def test_a_broken_connection_is_one_of_our_errors(problem: Exception) -> None:
    def broken(_: httpx.Request) -> httpx.Response:
        raise problem

    with pytest.raises(SeamUnreachable, match="Seam"):
        workspace_that(broken).list_spaces("hotel")


def test_a_grant_that_cannot_be_understood_is_only_named_and_keeps_no_other_back() -> None:
    good = {"access_grant_id": "g", "access_grant_key": "b2", "user_identity_id": "u", "starts_at": "2026-01-01T00:00Z"}
    bad = {"access_grant_id": "x", "access_grant_key": "b1", "errors": 5}
    page = {"ok": True, "access_grants": [bad, good], "pagination": {"has_next_page": False}}
    found = workspace_that(lambda _: httpx.Response(200, json=page)).list_access_grants("hotel")
    assert [(one.id, one.key, one.unreadable) for one in found] == [("x", "b1", True), ("g", "b2", False)]


def test_the_devices_of_which_an_error_or_a_warning_speaks_are_known_where_each_names_them() -> None:
    grant = {"access_grant_id": "g", "access_grant_key": "b", "user_identity_id": "u", "starts_at": "2026-01-01T00:00Z"}
    grant |= {
        "errors": [{"error_code": "cannot", "missing_device_ids": ["d1", "d2", 5]}, {"error_code": "untold"}],
        "warnings": [
            {"warning_code": "unable", "device_id": "d1"},
            {"warning_code": "unable", "device_id": "d3"},
            {"warning_code": "mixed", "device_id": "d1"},
            {"warning_code": "mixed", "device_id": None},
        ],
    }
    page = {"ok": True, "access_grants": [grant], "pagination": {"has_next_page": False}}
    (found,) = workspace_that(lambda _: httpx.Response(200, json=page)).list_access_grants("hotel")
    assert found.about == {"cannot": {"d1", "d2"}, "unable": {"d1", "d3"}}


def test_grants_of_which_none_can_even_be_named_end_the_reading() -> None:
    page = {"ok": True, "access_grants": [{"access_grant_id": 5}], "pagination": {"has_next_page": False}}
    with pytest.raises(SeamUnreachable):
        workspace_that(lambda _: httpx.Response(200, json=page)).list_access_grants("hotel")


def test_what_seam_takes_for_no_id_keeps_no_other_record_back() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        ids = request.url.params.get_list("user_identity_ids") or request.url.params.get("user_identity_ids", "").split(
            ","
        )
        if "none" in ids:
            return httpx.Response(400, json={"ok": False, "error": {"type": "invalid_input", "message": "uuids"}})
        people = [{"user_identity_id": one, "errors": [], "warnings": []} for one in ids]
        return httpx.Response(200, json={"ok": True, "user_identities": people, "pagination": {"has_next_page": False}})

    found = workspace_that(answer).user_identities_by_id(["a", "b", "none", "c"])
    assert sorted(one.id for one in found) == ["a", "b", "c"]


def test_pages_that_do_not_end_are_an_error() -> None:
    page = {"ok": True, "spaces": [], "pagination": {"has_next_page": True, "next_page_cursor": "again"}}
    with pytest.raises(SeamUnreachable, match="do not end"):
        workspace_that(lambda _: httpx.Response(200, json=page)).list_spaces("hotel")


def test_what_differs_by_case_or_blanks_only_is_somebody_elses() -> None:
    """No document of Seam says whether its keys tell large letters from small ones."""
    seam = Sandboxed()
    space, identity = seam.workspace.create_space(SPACE), seam.workspace.create_user_identity(IDENTITY)
    now = seam.clock.now()
    wanted = DesiredAccessGrant(
        "b1", "b1", "g1", ("r101",), now, now + timedelta(days=1), "Booking 52", ("code",), "b1"
    )
    seam.workspace.create_access_grant(
        wanted, key="b1", user_identity_id=identity.id, space_ids=[space.id], reservation_key=None
    )

    def any_case(request: httpx.Request) -> httpx.Response:
        for name, value in request.url.params.items():
            request.url = request.url.copy_set_param(name, value.lower().strip())
        return seam._answer(request)

    folding = workspace_that(any_case, seam.clock)
    assert folding.space_by_key("r101") == space
    assert folding.user_identity_by_key("g1") == identity
    assert folding.access_grant_named("b1") is not None
    for text in ("R101", "r101 "):
        assert folding.space_by_key(text) is None
    for text in ("G1", " g1"):
        assert folding.user_identity_by_key(text) is None
    for text in ("B1", "b1 "):
        assert folding.access_grant_named(text) is None
