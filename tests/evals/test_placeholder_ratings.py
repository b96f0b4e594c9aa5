"""What placeholders do to ratings, counted from recordings: no more than reading the same calls again."""

from evals.security.measure_placeholder_ratings import measured
from tests.builders import ROOT


def test_the_figures_of_the_page_are_those_of_the_recordings():
    found = measured()
    again, hidden = found.changed(found.again), found.changed(found.hidden)
    assert (len(found.both), len(again), len(hidden)) == (133, 3, 4)
    assert {criterion for _, criterion, _, _ in (*again, *hidden)} == {"discovery_depth"}
    assert all(abs(int(was) - int(now)) == 1 for _, _, was, now in (*again, *hidden))
    page = (ROOT / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert "4 of 133 ratings" in page
    assert "3 of 133" in page
