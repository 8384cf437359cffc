"""What a peer says is cleaned where it is stored, on every database alike."""

from connectors.plain_text import LONGEST_LABEL
from store.engine import Database
from store.history import History
from store.properties import KnownProperty, Properties
from store.runs import OutcomeRow, Runs
from tests.builders import NOW


def test_what_a_peer_says_is_cleaned_where_it_is_stored(store: Database) -> None:
    bad = "no such thing: \ud83d\x00" + "x" * 20_000
    Runs(store).begin("r1", "alpen", "full", NOW, None)
    Runs(store).record("r1", "alpen", [OutcomeRow("space", "k", "create", "failed", bad, bad, bad)], NOW)
    Properties(store).note("alpen", [KnownProperty("alpen", "p", bad, "Europe/Vienna")], NOW)
    (happened,) = History(store).of_resource("alpen", "space", "k")
    row = happened.row
    assert row.reason.startswith("no such thing: \ufffd x")
    assert len(row.label or "") == LONGEST_LABEL
