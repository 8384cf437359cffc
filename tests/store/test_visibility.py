"""What of the database somebody may see."""

import pytest
from sqlalchemy import func, select

from store.tables import alerts, inbox, outcomes, runs
from store.visibility import Visible, _froms

OF_NORTH = Visible({"north": None})
OTHER = runs.alias("other")
OF_A_RUN = select(outcomes.c.id).where(outcomes.c.run_id == runs.c.run_id)
QUESTIONS = {
    "a table": select(alerts).where(alerts.c.kind == "held").limit(5),
    "a number of rows": select(func.count()).select_from(inbox),
    "a join": select(outcomes.c.id, runs.c.mode).join(runs, runs.c.run_id == outcomes.c.run_id),
    "a join from its left": select(func.count()).select_from(runs.outerjoin(outcomes)),
    "two tables side by side": select(runs.c.run_id).where(runs.c.run_id == outcomes.c.run_id),
    "a table twice": select(runs.c.run_id, OTHER.c.mode).where(runs.c.run_id == OTHER.c.run_id),
    "a question within": select(runs.c.run_id).where(OF_A_RUN.exists()),
}


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_what_a_question_reads_of_is_what_its_statement_has_in_its_from(question: object) -> None:
    read = [str(one) for one in _froms(question)]  # type: ignore[arg-type]
    assert read == [str(one) for one in question.get_final_froms()]  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_whatever_is_asked_is_narrowed_for_each_table_that_is_read(name: str) -> None:
    narrowed = str(OF_NORTH.narrowed(QUESTIONS[name]))
    for table in {"a table": ["alerts"], "a number of rows": ["inbox"], "a table twice": ["runs", "other"]}.get(
        name, ["runs"]
    ):
        assert f"{table}.connection IN" in narrowed
