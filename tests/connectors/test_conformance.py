"""Every connector of the table keeps the contract."""

import importlib

import pytest

from connectors.table import CONNECTORS
from tests.connectors.conformance import Contract
from tests.connectors.fixture import VendorFixture


class TestEveryConnector(Contract):
    @pytest.fixture(params=sorted(CONNECTORS))
    def vendor(self, request: pytest.FixtureRequest) -> type[VendorFixture]:
        """A vendor without a fixture fails every sentence."""
        name: str = request.param
        try:
            found: type[VendorFixture] = importlib.import_module(f"tests.connectors.vendors.{name}").Fixture
        except ModuleNotFoundError:
            pytest.fail(f"write tests/connectors/vendors/{name}.py with a class Fixture: connectors/README.md, step 3")
        assert found.CONNECTOR is CONNECTORS[name]
        return found
