"""Every connector of the table keeps the contract."""

import importlib

import pytest

from connectors.table import CONNECTORS
from tests.connectors.conformance import Contract, sentences
from tests.connectors.fixture import Part, VendorFixture


def fixture_of(name: str) -> type[VendorFixture]:
    """A vendor's fixture; one without fails every sentence."""
    module = f"tests.connectors.vendors.{name}"
    try:
        found: type[VendorFixture] = importlib.import_module(module).Fixture
    except ModuleNotFoundError as problem:
        if problem.name != module:
            raise
        pytest.fail(f"write tests/connectors/vendors/{name}.py with a class Fixture: connectors/README.md, step 3")
    assert found.CONNECTOR is CONNECTORS[name]
    return found


class TestEveryConnector(Contract):
    @pytest.fixture(params=sorted(CONNECTORS))
    def vendor(self, request: pytest.FixtureRequest) -> type[VendorFixture]:
        return fixture_of(request.param)


def test_a_vendor_without_a_fixture_fails_and_is_not_left_out() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"write tests/connectors/vendors/nobodys_pms\.py"):
        fixture_of("nobodys_pms")


def test_every_part_that_a_vendor_may_lack_is_asked_for_somewhere() -> None:
    by_hand = {Part.TENTATIVE, Part.CHECKED_OUT, Part.NO_SHOW, Part.LONG_WINDOWS, Part.SIGNED_BODY, Part.EVENT_IDS}
    assert {part for parts in sentences().values() for part in parts} | by_hand == set(Part)
