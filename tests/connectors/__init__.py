import pytest

# So that the contract's failures show what was compared.
pytest.register_assert_rewrite("tests.connectors.conformance", "tests.connectors.fixture")
