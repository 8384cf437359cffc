"""The leasing office does what its buttons say, refuses what makes no sense, and lets nobody write into the page."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from sandbox.buildium_office import BuildiumOffice
from sandbox.http import Answer
from sandbox.leasing_desk import LeasingDesk
from sandbox.residence import ResidenceLife, believable_residence, equip_with_locks
from sandbox.seam_workspace import SeamWorkspace
from tests.residence import TODAY, days

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)


class Visitor:
    """A residence with one lease, and somebody in front of the page."""

    def __init__(self) -> None:
        self.office = BuildiumOffice(now=lambda: NOW)
        rental = self.office.add_rental()
        self.units = [self.office.add_unit(rental, number) for number in ("1A", "1B")]
        self.ana = self.office.add_tenant("Ana", "Ruiz")
        self.lease = self.office.lease(self.units[0], [self.ana], days(-100), days(265))
        self.desk = LeasingDesk(self.office, SeamWorkspace(now=lambda: NOW), lambda: NOW)

    def see(self, **query: str) -> str:
        answer = self.desk.handle("GET", "/", {name: [value] for name, value in query.items()}, {}, b"")
        assert answer.status == 200
        return answer.body.decode()

    def press(self, do: str, **fields: object) -> Answer:
        form = {"do": do, "id": self.lease, **fields}
        return self.desk.handle("POST", "/", {}, {}, urlencode(form).encode())

    def item(self, lease: int | None = None) -> dict[str, object]:
        return self.office.leases[lease or self.lease]

    def status(self, tenant: int | None = None) -> str:
        (row,) = [one for one in self.office.leases[self.lease]["Tenants"] if one["Id"] == (tenant or self.ana)]
        return str(row["Status"])


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def test_the_page_shows_a_lease_and_who_lives_there(visitor: Visitor) -> None:
    page = unescape(re.sub(r"<[^>]+>", "", visitor.see()))
    assert "Maple Court 1A" in page
    assert "Ana Ruiz lives there, since 2026-06-10" in page
    assert "Friday 18 September, 06:00 (America/New_York)" in page
    assert "1 lease" in visitor.see(q="ruiz")
    assert "No leases." in visitor.see(q="nobody")


def test_notice_is_given_and_taken_back(visitor: Visitor) -> None:
    assert visitor.press("notice", tenant=visitor.ana).status == 303
    assert visitor.item()["MoveOutData"] == [
        {"TenantId": visitor.ana, "MoveOutDate": "2026-09-28", "NoticeGivenDate": "2026-09-18"}
    ]
    assert "leaves 2026-09-28" in visitor.see()
    assert visitor.press("undo", tenant=visitor.ana).status == 303
    assert visitor.item()["MoveOutData"] == []


def test_who_moves_out_today_is_out_and_may_come_back(visitor: Visitor) -> None:
    assert visitor.press("move_out", tenant=visitor.ana).status == 303
    assert visitor.status() == "MovedOut"
    visitor.press("undo", tenant=visitor.ana)
    assert visitor.status() == "Current"


def test_a_lease_is_renewed_for_a_year_and_ended_today(visitor: Visitor) -> None:
    visitor.press("renew")
    assert visitor.item()["LeaseToDate"] == (days(265) + timedelta(days=365)).isoformat()
    visitor.press("end")
    assert (visitor.item()["LeaseStatus"], visitor.status()) == ("Past", "MovedOut")
    assert "Maple Court 1A" in visitor.see(q="ruiz")
    assert visitor.press("renew").status == 400


def test_people_join_move_and_are_evicted(visitor: Visitor) -> None:
    visitor.press("join")
    assert [one["Status"] for one in visitor.office.leases[visitor.lease]["Tenants"]] == ["Current", "Current"]
    visitor.press("evict")
    assert "eviction pending" in visitor.see()
    visitor.press("drop_eviction")
    assert visitor.item()["IsEvictionPending"] is False
    visitor.press("correct", unit=visitor.units[1])
    assert visitor.item()["UnitId"] == visitor.units[1]
    visitor.press("transfer", unit=visitor.units[0])
    new = max(visitor.office.leases)
    assert (new != visitor.lease, visitor.item(new)["UnitId"], visitor.item(new)["LeaseFromDate"]) == (
        True,
        visitor.units[0],
        TODAY.isoformat(),
    )


def test_a_lease_to_come_begins_today(visitor: Visitor) -> None:
    ben = visitor.office.add_tenant("Ben", "Cole")
    future = visitor.office.lease(visitor.units[1], [ben], days(10), days(370))
    assert visitor.press("begin").status == 400
    assert visitor.press("begin", id=future).status == 303
    assert visitor.item(future)["LeaseStatus"] == "Active"
    assert visitor.office.leases[future]["Tenants"][0] == {"Id": ben, "Status": "Current", "MoveInDate": "2026-09-18"}


@pytest.mark.parametrize(
    ("do", "fields"),
    [
        ("nothing", {}),
        ("renew", {"id": "999"}),
        ("renew", {"id": "x"}),
        ("correct", {"unit": "999"}),
        ("correct", {}),
        ("notice", {"tenant": "999"}),
        ("delete_grant", {"key": "none"}),
        ("unplug", {"id": "none"}),
    ],
)
def test_what_does_not_go_is_a_sentence(visitor: Visitor, do: str, fields: dict[str, str]) -> None:
    answer = visitor.press(do, **fields)
    assert answer.status == 400
    assert b"That does not go" in answer.body


def test_nobody_writes_into_the_page(visitor: Visitor) -> None:
    visitor.office.edit_tenant(visitor.ana, FirstName="<script>alert(1)</script>")
    assert "<script" not in visitor.see()
    assert "<script" not in visitor.see(q="<script>")


def test_the_believable_residence_can_be_seen_and_lives() -> None:
    residence = believable_residence(now=lambda: NOW)
    locks = SeamWorkspace(now=lambda: NOW)
    equip_with_locks(residence, locks)
    desk = LeasingDesk(residence.office, locks, lambda: NOW)
    assert desk.handle("GET", "/", {}, {}, b"").status == 200
    life = ResidenceLife(residence)
    said = [sentence for _ in range(60) for sentence in life.step(NOW)]
    assert len(said) > 50
    assert not [name for name in ("Ruiz", "Novak") if any(name in sentence for sentence in said)]
    assert desk.handle("GET", "/", {"page": ["2"]}, {}, b"").status == 200
    statuses = {item["LeaseStatus"] for item in residence.office.leases.values()}
    assert statuses == {"Active", "Future", "Past"}
