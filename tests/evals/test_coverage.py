"""Intervals that claim 95 % cover it, or are called a rough or a cautious range: docs/method/coverage.md, on fewer runs."""

from __future__ import annotations

import re

from evals.verdicts import coverage

ROW = re.compile(r"^\| (?P<name>[^|]+) \| (?P<of>[^|]+) \|(?P<cells>.*)\| [^|]+ \|$")


def shares(line: str) -> list[float]:
    found = ROW.match(line)
    assert found is not None, line
    return [int(share) / 100 for share in re.findall(r"(\d+) %(?! withheld|\))", found["cells"])]


def test_shares_and_means_cover_what_they_claim_or_are_cautious() -> None:
    for line in [*coverage.shares(), *coverage.means(2000)]:
        cautious = "cautious" in line or "exact (" in line
        slack = 0 if line.endswith("| exact |") else 0.03
        assert all(0.93 - slack <= share <= (1 if cautious else 0.98 + slack) for share in shares(line)), line


def test_the_page_names_every_interval_that_does_not_cover_95_percent() -> None:
    for line in coverage.PAGE.read_text(encoding="utf-8").partition(coverage.BY_PEOPLE)[0].splitlines():
        if ROW.match(line) and "8 | 12" not in line and "---" not in line and "rough range" not in line:
            cautious = "cautious" in line or "exact (" in line
            assert all(0.93 <= share <= (1 if cautious else 0.975) for share in shares(line)), line
