"""A list whose every page brings something new is no list of a house: it ends before it fills the memory."""

from pathlib import Path

import pytest

from connectors import reading
from connectors.connector import Connector
from connectors.errors import PmsUnreachable
from tests.connectors.test_sparse_answers import VENDORS, WINDOW


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_list_heavier_than_any_house_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    connector: Connector = VENDORS[vendor](tmp_path)[0].connector
    of = connector.reader().read_properties()[0]
    monkeypatch.setattr(reading, "HEAVIEST_LIST", 2_000)
    with pytest.raises(PmsUnreachable, match=r"bring more than any house has"):
        connector.reader().bookings_within(of, WINDOW)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_list_of_rooms_heavier_than_any_house_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vendor: str
) -> None:
    connector: Connector = VENDORS[vendor](tmp_path)[0].connector
    of = connector.reader().read_properties()[0]
    monkeypatch.setattr(reading, "HEAVIEST_LIST", 500)
    with pytest.raises(PmsUnreachable, match=r"bring more than any house has"):
        connector.reader().read_rooms(of)
