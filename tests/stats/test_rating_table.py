"""Rating tables: what they refuse, and how judgements become one."""

from __future__ import annotations

import numpy as np
import pytest

from agent.ratings.agreement_table import criterion_table
from agent.ratings.model import Failed, Judgement, NotApplicable, Rated
from agent.rubrics.model import Criterion
from agent.stats.rating_table import MISSING, NOT_APPLICABLE, RatingTable, rating_table


def test_judgements_become_a_table_of_the_criterions_own_levels() -> None:
    criterion = Criterion(id="depth", name="Depth", description="Digs.", scale="1-5")
    judgements: dict[tuple[str, str], Judgement] = {
        ("call-2", "ann"): Rated(value=3),
        ("call-2", "bob"): NotApplicable(),
        ("call-1", "bob"): Failed(kind="evidence", detail="quote not found"),
        ("call-1", "ann"): Rated(value=2),
    }
    table = criterion_table(criterion, judgements)
    assert table.codes.tolist() == [[1, MISSING], [2, NOT_APPLICABLE]]
    assert table.levels == (1, 2, 3, 4, 5)
    assert table.metric == "ordinal"
    assert table.applicability().codes.tolist() == [[1, MISSING], [1, 0]]
    assert (table.raters, table.overlap) == (1, 0)


def test_a_binary_criterion_is_nominal() -> None:
    criterion = Criterion(id="asks", name="Asks", description="Asks.", scale="binary")
    table = criterion_table(criterion, {("c", "a"): Rated(value=1), ("c", "b"): Rated(value=0)})
    assert (table.metric, table.codes.tolist()) == ("nominal", [[1, 0]])


def test_a_value_outside_the_scale_is_refused() -> None:
    criterion = Criterion(id="asks", name="Asks", description="Asks.", scale="binary")
    with pytest.raises(ValueError, match="5 is not a level of asks"):
        criterion_table(criterion, {("c", "a"): Rated(value=5)})
    with pytest.raises(ValueError, match="7 is not a level"):
        rating_table([[1, 7]], (1, 2), "nominal")


def test_words_have_positions_and_numbers_their_own_place() -> None:
    assert rating_table([["low", "high"]], ("low", "mid", "high"), "ordinal").points.tolist() == [0, 1, 2]
    assert rating_table([[1, 5]], (1, 2, 5), "ordinal").points.tolist() == [1, 2, 5]


@pytest.mark.parametrize(
    ("codes", "levels", "metric", "reason"),
    [
        ([1, 2], (1, 2), "nominal", "units x raters"),
        ([[0, 2]], (1, 2), "nominal", "position in levels"),
        ([[0, -3]], (1, 2), "nominal", "position in levels"),
        ([[0, 1]], (), "nominal", "at least one level"),
        ([[0, 1]], (1, 1), "nominal", "each once"),
        ([[0, 1]], ("a", "b"), "interval", "are numbers"),
        ([[0, 1]], (2, 1), "ordinal", "lowest first"),
    ],
)
def test_senseless_tables_are_refused(codes: list[object], levels: tuple[int], metric: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        RatingTable(np.array(codes), levels, metric)  # type: ignore[arg-type]


def test_a_table_cannot_be_changed_from_outside() -> None:
    codes = np.array([[0, 1]])
    table = RatingTable(codes, (1, 2), "nominal")
    codes[0, 0] = 1
    assert table.codes.tolist() == [[0, 1]]
    with pytest.raises(ValueError, match="read-only"):
        table.codes[0, 0] = 1
