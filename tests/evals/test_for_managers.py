"""docs/method/for-managers.md explains every verdict in plain words and shows it in a picture."""

from __future__ import annotations

import re

import pytest

from tests.builders import ROOT
from tests.evals.verdict_words import NOT_VERDICTS, literals, plain, verdicts

TEXT = (ROOT / "docs" / "method" / "for-managers.md").read_text(encoding="utf-8")
PICTURES = re.findall(r"^```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PROSE = re.sub(r"^```\n.*?^```$", " ", TEXT, flags=re.MULTILINE | re.DOTALL)
NOT_SHOWN = {"no calls", "no yardstick"}  # there is nothing of which a verdict could be given
EVERY = sorted({(kind, plain(name)) for kind, names in verdicts().items() for name in names} - {("", "")})


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_verdict_is_explained_and_pictured(kind, name):
    if name in NOT_SHOWN:
        return
    word = re.compile(rf"\b{name}\b", re.IGNORECASE)
    assert word.search(" ".join(PROSE.split())), f"{kind}: {name} is not explained"
    assert any(map(word.search, PICTURES)), f"{kind}: {name} is in no picture"


def test_the_list_is_that_of_the_code():
    assert len(verdicts()) >= 14
    assert literals().keys() >= NOT_VERDICTS  # what is gone is taken out of the list


def test_no_statisticians_words():
    assert not re.search(r"\b(Holm|kappa|alpha|odds ratio|log loss|p value|seed)\b", TEXT, re.IGNORECASE)
