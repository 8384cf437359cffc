"""What a peer says is cleaned where it is stored, on every database alike."""

from connectors.plain_text import LONGEST_LABEL
from store.board import Board, KnownProperty
from store.store import OutcomeRow, Store
from tests.builders import NOW


def test_what_a_peer_says_is_cleaned_where_it_is_stored(store: Store) -> None:
    bad = "no such thing: \ud83d\x00" + "x" * 20_000
    store.begin_run("r1", "alpen", "full", NOW, None)
    store.record("r1", "alpen", [OutcomeRow("space", "k", "create", "failed", bad, bad, bad)], NOW)
    Board(store).note_properties([KnownProperty("alpen", "p", bad, "Europe/Vienna")], NOW)
    (happened,) = Board(store).history_of("alpen", "space", "k")
    row = happened.row
    assert row.reason.startswith("no such thing: \ufffd x")
    assert len(row.label or "") == LONGEST_LABEL
