"""What people read first is plain: no statistician's words before anything is opened, and per cent in one style."""

from __future__ import annotations

import re
from html import unescape

import pytest

from agent.app.documents.formats import written
from agent.app.telling import unsaid
from agent.app.web import routes
from agent.documents import verbs
from agent.start.sample import import_calibration, import_history, import_sample
from tests.api.conftest import made_site
from tests.cli.conftest import Shell

JARGON = re.compile(r"\b(Holm|kappa|alpha|odds ratios?|log loss|Krippendorff|Spearman|seed \d+)\b", re.IGNORECASE)
PERCENT = re.compile(r"\d%")
FOR_STATISTICIANS = ("/evals", "/prompts", "/metrics", "/admin/retention/export", "/api/", "/sso")
NAMES = {"rep": "Priya%20Raman", "ref": "ledgerline-team", "number": "3"}
PATHS = sorted(
    route.path
    for route in routes.declared()
    if route.method == "GET"
    and not route.path.startswith(FOR_STATISTICIANS)
    and not set(re.findall(r"\{(\w+)", route.path)) - set(NAMES)
)


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    """The whole sample with its season."""
    with made_site(tmp_path_factory.mktemp("plain")) as site:
        import_sample(site.space, unsaid)
        import_calibration(site.space, unsaid)
        import_history(site.space, unsaid)
        yield site


@pytest.fixture(name="browser", scope="module")
def _browser(site):
    return site.browser("ops_lead")


def first_level(html):
    """The words of a page that are seen without opening anything; no style, script or attribute."""
    text = re.sub(r"<(style|script|head)\b.*?</\1>", " ", html, flags=re.DOTALL)
    text = re.sub(r"<details(?![^>]*\bopen\b)[^>]*>.*?</details>", " ", text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.mark.parametrize("path", PATHS)
def test_pages(browser, path):
    answer = browser.get(path.format(**NAMES), follow_redirects=True)
    assert answer.status_code < 500
    if "html" in answer.headers.get("content-type", ""):
        words = first_level(answer.text)
        assert not JARGON.search(words), words[max(0, JARGON.search(words).start() - 80) :][:200]
        assert not PERCENT.search(words), words[max(0, PERCENT.search(words).start() - 80) :][:200]


@pytest.mark.parametrize("name", ["scorecard", "team", "guide"])
def test_documents(site, name):
    lead = site.who("ops_lead")
    made = {
        "scorecard": lambda: verbs.export_scorecard(lead, "Priya Raman"),
        "team": lambda: verbs.export_team_report(lead),
        "guide": lambda: verbs.export_scoring_guide(lead),
    }[name]()
    words = first_level(written(made, "html").decode())
    assert not JARGON.search(words), words[max(0, JARGON.search(words).start() - 80) :][:200]
    assert not PERCENT.search(words), words[max(0, PERCENT.search(words).start() - 80) :][:200]


@pytest.mark.parametrize("command", ["baseline show", "gaps", "coach track", "outcomes", "funnel", "calibrate report"])
def test_commands(site, command, capsys):
    words = " ".join(Shell(site.space.settings.workspace, capsys)(*command.split()).out.split())
    assert words
    assert not PERCENT.search(words), words[max(0, PERCENT.search(words).start() - 80) :][:200]
    words = words.partition("How sure is this?")[0].replace("Odds ratios, p values and rank correlations: --json", "")
    assert not JARGON.search(words), words[max(0, JARGON.search(words).start() - 80) :][:200]
