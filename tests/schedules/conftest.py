"""The fleet's parts are tested on PostgreSQL, what they note on both databases."""

from tests.store.conftest import postgresql as postgresql
from tests.store.conftest import store as store
