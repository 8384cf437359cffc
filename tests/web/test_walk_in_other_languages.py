"""A walk through all pages of a world in which everything has gone wrong: nothing that people read there is outside of
the catalogue, however it came onto the page; nor, on a clerk's pages, outside of those of French and Spanish."""

from collections.abc import Collection, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import MaxRevocations, Policy, SpareCodes
from reconciler.read_and_plan import first_phase
from store.alerts import AlertBook
from store.history import History
from store.inbox import Inbox
from store.runs import Runs
from tests.night import Night
from tests.web.pseudo import Outside, speak_in_brackets
from tests.world import START
from web.languages import OF_CLERKS, OF_CLERKS_ONLY

GERMAN = {"Accept-Language": "de"}
NAMES = frozenset(
    {
        *("Night", "Porter", "PMS", "Seam", "PIN", "CSV", "JSON", "English", "Deutsch", "Español", "Français"),
        *("Hotel", "Alpenblick", "alpen", "Lock", "Salto", "KS", "site", "cut", "email", "Haunted", "sandbox"),
        *(
            "Apaleo",
            "Buildium",
            "Cloudbeds",
            "iCal",
            "Mews",
            "apaleo",
            "buildium",
            "cloudbeds",
            "files",
            "ical",
            "mews",
        ),
        *("hotel", "lease"),
        *("Canceled", "Started", "Confirmed", "admin", "operator"),
    }
)
"""Of the world that is shown: who and what is called so, whatever the language; what the PMS calls a status."""


class Trouble(Night):
    """A hotel on the worst of its evenings."""

    def __init__(self, path: Path):
        super().__init__(path, Policy(max_revocations=MaxRevocations(1, 1), spare_codes=SpareCodes(rooms=1)))
        hotel, seam = self.hotel, self.seam
        self.rooms += [hotel.add_room(self.property, str(104 + place), self.double) for place in range(8)]
        self.locks = [
            seam.add_device(f"Lock {101 + place}", self.rooms[place], customer_key=self.property) for place in range(8)
        ]
        seam.add_account(self.property, "salto_ks")
        self.bookings = [
            self.book(place, arrival=START + timedelta(hours=3 + place), departure=START + timedelta(days=3))
            for place in range(9)
        ]
        self.waits = self.book(None, arrival=START + timedelta(hours=2))
        self.listen()
        self.do("full")
        self.pass_(minutes=2)
        seam.unplug(self.locks[0])
        seam.drain(self.locks[1], 0.05)
        seam.tamper(self.locks[2])
        seam.set_by_others(self.locks[3], "998877", "Cleaner")
        hotel.check_in(self.bookings[4])
        seam.fail_to_issue(self.bookings[5], "no_space_for_access_code_on_device")
        self.pass_(hours=1)
        hotel.corrupt("reservations", self.bookings[6], "ScheduledEndUtc", "rubbish")
        hotel.set_state(self.bookings[7], "Haunted")
        self.pass_(minutes=5)
        self.mews_webhook(("ServiceOrderUpdated", self.bookings[0]))
        self.mews_webhook(("ServiceOrderUpdated", "11111111-2222-3333-4444-555555555555"))
        self.settle()
        self.do("incremental")
        for one in (*self.bookings[:4], self.waits):
            hotel.cancel(one)
        self.do("full")
        self.do("night_audit")
        seam.edit_grant(self.bookings[4], ends_at="2026-10-01T00:00:00Z")
        self.do("night_audit")
        self.look_at_alerts()
        self.pass_(minutes=5)
        hotel.faults.down = True
        for _ in range(4):
            self.do("incremental")
        self.mews_webhook(("ServiceOrderUpdated", self.bookings[4]))
        self.settle()
        hotel.faults.down = False
        Runs(self.store).begin("cut", "alpen", "full", self.clock.now(), phase=first_phase("alpen"))
        self.look_at_alerts()

    def pass_(self, **span: float) -> None:
        self.clock.pass_(**span)
        self.fire()
        self.settle()


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trouble]:
    with pytest.MonkeyPatch.context() as patch:
        speak_in_brackets(patch)
        yield Trouble(tmp_path_factory.mktemp("walk"))


def paths(night: Trouble, only: Collection[str] = ()) -> list[str]:
    """Every page that there is; of what there is a lot of, one of each kind. `only`: of these blueprints and
    endpoints."""
    runs = {(one.mode, one.exit, one.broken_off): one.run_id for one in History(night.store).runs(limit=100)}
    deliveries = {(one.kind, one.note): str(one.id) for one in Inbox(night.store).page(limit=100)}
    known = {
        "connection": ["alpen"],
        "property_id": [night.property],
        "booking_id": [*night.bookings, night.waits],
        "run_id": [*runs.values()],
        "alert_id": [str(one.id) for one in AlertBook(night.store).open()],
        "delivery_id": [*deliveries.values()],
        "policy": ["hotel"],
        "month": ["2026-09"],
    }
    found = []
    for rule in night.site.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or str(rule).startswith(("/api/", "/static", "/bootstrap", "/metrics")):
            continue
        if only and not {rule.endpoint, rule.endpoint.partition(".")[0]} & set(only):
            continue
        some: list[dict[str, str]] = [{}]
        for name in sorted(rule.arguments):
            some = [one | {name: value} for one in some for value in known.get(name, [])]
        found += [path[1] for one in some if (path := rule.build(one)) is not None]
    return found


def outside_of(page: str, language: str = "de") -> list[str]:
    reader = Outside(NAMES, language)
    reader.feed(page)
    reader.close()
    return reader.found


def test_nothing_that_people_read_is_outside_of_the_catalogue(night: Trouble) -> None:
    client = night.client("admin")
    outside: dict[str, str] = {}
    walked = 0
    for path in paths(night):
        page = client.get(path, headers=GERMAN)
        if page.mimetype == "text/html" and page.status_code != 302:
            walked += 1
            assert "⟦" in page.text, path
            outside |= {one: path for one in outside_of(page.text) if one not in outside}
    assert walked > 40
    assert not outside, "\n".join(f"{path}: {one}" for one, path in outside.items())


@pytest.mark.parametrize("language", sorted(OF_CLERKS_ONLY))
def test_nothing_on_a_clerks_pages_is_english_in_french_or_spanish(night: Trouble, language: str) -> None:
    client = night.client("operator")
    searches = [f"/bookings?q={words}" for words in ("10", "Lock", "9999")]
    outside: dict[str, str] = {}
    walked = set()
    for path in [*paths(night, OF_CLERKS), *searches]:
        page = client.get(path, headers={"Accept-Language": language})
        if page.mimetype == "text/html" and page.status_code != 302:
            walked.add(path)
            assert "<html" not in page.text or f'<html lang="{language}">' in page.text, path
            outside |= {one: path for one in outside_of(page.text, language) if one not in outside}
    assert {"/", "/properties", f"/properties/alpen/{night.property}", "/held", *searches} <= walked
    assert not outside, "\n".join(f"{path}: {one}" for one, path in outside.items())


@pytest.mark.parametrize(
    "page",
    [
        "<p>⟦Seit⟧ 3 h: the lock is offline</p>",
        '<a title="Next page">⟦weiter⟧</a>',
        "<td>⟦Schloss ⟧Lock 101⟦: ⟧it is offline</td>",
        "<option>viewer</option>",
    ],
)
def test_what_is_outside_is_found(page: str) -> None:
    assert outside_of(page)


def test_what_is_data_is_not_taken_for_a_sentence() -> None:
    page = (
        "<h1>⟦Lauf ⟧20260918-111200-fd48</h1><p>⟦Wo <em>Entziehen</em> gewählt ist⟧</p><code>a b</code>18. Sept. 13:14"
    )
    assert outside_of(page) == []
