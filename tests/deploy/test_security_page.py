"""Every test that docs/security.md names is there."""

import re

import pytest

from tests.deploy.files import ROOT

PAGE = (ROOT / "docs" / "security.md").read_text()
NAMED = sorted(set(re.findall(r"`((?:tests|evals)/[\w/]+(?:\.py)?)`", PAGE)))


@pytest.mark.parametrize("name", NAMED)
def test_what_it_names_is_there(name):
    assert (ROOT / name).exists()


def test_each_line_of_what_is_defended_names_a_test():
    part = PAGE.partition("## What is defended")[2].partition("## Not defended")[0]
    rows = [line for line in part.splitlines() if line.startswith("|")][2:]
    assert len(rows) > 20
    assert [row for row in rows if "`tests/" not in row and "`evals/" not in row] == []
