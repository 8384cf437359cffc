"""Somebody cancels while her lock is offline: until it has confirmed that it has forgotten her, her page, lists, the
first page, the API and the view in the PMS's tab all say that it may still open for her, and nothing says that all is
well."""

import re
from datetime import timedelta
from html import unescape
from pathlib import Path

from sqlalchemy import delete, select

from store.tables import pending_revocations
from tests.night import Night
from tests.test_lock_health import arrives, asked, looked


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.split("<main", 1)[-1])).split())


def everywhere(night: Night, booking: str) -> dict[str, str]:
    """What is said of her, place by place."""
    client = night.client("operator")
    path = f"/bookings/alpen/{booking}"
    token = night.people.make_token(f"t{len(night.people.tokens())}", "operator", night.clock.now())
    made = night.site.test_client().post(f"/api{path}/embed", json={}, headers={"Authorization": f"Bearer {token}"})
    return {
        "her page": words(client.get(path).text),
        "at the door": words(client.get(f"{path}/live").text),
        "the search": words(client.get("/bookings?q=101&list=1").text),
        "the first page": words(client.get("/").text),
        "the tab in the PMS": words(night.site.test_client().get(made.json["url"]).text),
        "her booking by API": asked(night, f"/api{path}")["sentence"],
        "the search by API": asked(night, "/api/bookings?q=101")[0]["sentence"],
        "what needs somebody by API": str(asked(night, "/api/now")["needs"]),
    }


def test_until_the_lock_has_confirmed_it_all_places_say_that_it_may_still_open(tmp_path: Path) -> None:
    night = Night(tmp_path)
    lock = night.seam.add_device("Lock 101", night.rooms[0], customer_key=night.property)
    booking = arrives(night)
    night.clock.pass_(hours=6)
    night.do("arrival_check")
    night.seam.unplug(lock)
    night.hotel.cancel(booking)
    night.do("incremental")
    night.clock.pass_(minutes=2)
    night.do("retry")
    looked(night)
    for where, said in everywhere(night, booking).items():
        assert "ay still open" in said or "has not forgotten it yet" in said, f"{where}: {said}"
        assert "Everything is in step" not in said, where
        assert "No access" not in said, where
    night.seam.plug_in(lock)
    looked(night)
    for where, said in everywhere(night, booking).items():
        assert "ay still open" not in said, f"{where}: {said}"
        assert "has not forgotten" not in said, where


def offline(night: Night) -> str:
    """A guest who is in the house, whose lock has gone offline."""
    lock = night.seam.add_device("Lock 101", night.rooms[0], customer_key=night.property)
    booking = arrives(night)
    night.clock.pass_(hours=6)
    night.do("arrival_check")
    night.seam.unplug(lock)
    return booking


def test_a_stay_that_is_made_shorter_may_open_until_the_lock_knows_the_new_end(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = offline(night)
    night.hotel.move_dates(booking, departure=night.clock.now() + timedelta(hours=1))
    night.do("incremental")
    night.clock.pass_(hours=2)
    looked(night)
    assert "still open" in asked(night, f"/api/bookings/alpen/{booking}")["sentence"]


def test_a_lost_database_learns_again_which_access_is_still_being_deleted(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = offline(night)
    night.hotel.cancel(booking)
    night.do("incremental")
    with night.store.writing() as db:
        assert db.execute(delete(pending_revocations)).rowcount == 1
    night.do("full")
    with night.store.reading() as db:
        assert db.execute(select(pending_revocations.c.booking_id)).scalars().all() == [booking]
