"""A suite of one's own from the pages: the sample's calls and manual scores, brought as files."""

from __future__ import annotations

from pathlib import Path

from agent.evals.lists import named_suite
from agent.rubrics.file import read_rubric
from agent.rubrics.store import Rubrics
from agent.settings import shipped
from tests.api.conftest import Site, csrf
from tests.api.conftest import _site as _made  # noqa: F401  a fixture

ROOT = Path(__file__).parents[2]
SAMPLE = shipped("sample") / "ledgerline"
SCORES = ROOT / "evals" / "answer_key" / "ledgerline" / "manual_scores.csv"


def files(scores: bytes | None = None) -> list[tuple[str, tuple[str, bytes]]]:
    calls = sorted((SAMPLE / "calls").glob("*.txt"))
    return [
        ("scores", ("scores.csv", SCORES.read_bytes() if scores is None else scores)),
        ("manifest", ("calls.csv", (SAMPLE / "calls" / "calls.csv").read_bytes())),
        *(("transcripts", (path.name, path.read_bytes())) for path in calls),
    ]


def typed(site: Site, page: object, name: str) -> dict[str, str]:
    rubric = site.space.store[Rubrics].add(read_rubric(SAMPLE / "rubric.yaml", ""))
    return {"name": name, "rubric": rubric.id, "csrf": csrf(page, "/evals/new")}


def test_files_become_a_suite_that_is_listed_and_named_once(site: Site) -> None:
    page = site.browser("ops_lead")
    form = typed(site, page, "own-calls")
    sent = page.post("/evals/new", data=form, files=files())
    assert sent.status_code == 303, sent.text
    suite = named_suite(site.space, "own-calls")
    assert len(suite.cases) > 10
    assert any(one.turns for case in suite.cases for one in case.references)  # quotes were read
    assert "own-calls" in page.get("/evals").text
    page.get("/evals/new")
    again = page.post("/evals/new", data=form, files=files())
    assert again.status_code == 409
    assert 'value="own-calls"' in again.text


def test_what_does_not_fit_leaves_nothing_and_says_why(site: Site) -> None:
    page = site.browser("ops_lead")
    sent = page.post("/evals/new", data=typed(site, page, "broken"), files=files(b"call_id,criterion,value\nx,y,z\n"))
    assert sent.status_code == 422
    assert 'role="alert"' in sent.text
    assert not (site.space.settings.workspace / "evals" / "suites" / "broken").exists()
    named = page.post("/evals/new", data=typed(site, page, "../up"), files=files())
    assert named.status_code == 422
