"""docs/method/for-managers.md explains every verdict in plain words and shows it in a picture."""

from __future__ import annotations

import re

import pytest

from agent.core.language import catalog
from deploy.catalogs import OTHERS
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


@pytest.mark.parametrize("code", OTHERS)
def test_every_verdict_is_explained_in_each_language_by_the_name_that_pages_give_it(code):
    text = " ".join((ROOT / "docs" / "method" / f"for-managers.{code}.md").read_text("utf-8").split()).casefold()
    missing = []
    for kind, name in EVERY:
        told = catalog(code).get(name, "")  # what no page says by its name stands in none
        told = told if isinstance(told, str) else told[0]
        if name not in NOT_SHOWN and told.casefold() not in text:
            missing.append(f"{kind}: {name} is {told}")
    assert missing == []
    assert text.count("## ") == TEXT.count("## ")
    assert text.count("```") == TEXT.count("```")


def test_the_list_is_that_of_the_code():
    assert len(verdicts()) >= 14
    assert literals().keys() >= NOT_VERDICTS  # what is gone is taken out of the list


def test_no_statisticians_words():
    assert not re.search(r"\b(Holm|kappa|alpha|odds ratio|log loss|p value|seed)\b", TEXT, re.IGNORECASE)
