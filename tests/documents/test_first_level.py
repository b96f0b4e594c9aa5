"""What people read first is plain, on every page and in every document: no statistician's words before anything is opened,
per cent in one style, and every percentage with what it is a part of."""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from functools import cache

import pytest

from agent.app.documents.blocks import Heading
from agent.app.documents.formats import written
from agent.coaching import verbs as coaching
from agent.documents import verbs
from tests.cli.conftest import Shell
from tests.documents.crawl import TEMPLATES, demo_site, first_level, pages_for, route_of

JARGON = re.compile(
    r"\b(Holm|kappa|alpha|odds|log loss|Krippendorff|Spearman|seed|p[- ]values?|Fisher|Wilson|Clopper|Newcombe|bootstrap|"
    r"intervals?|regression to the mean|percentile|logistic|Bonferroni|McNemar|shrink\w*|shrunken|posterior|correlat\w+|"
    r"AC1|ICC|standard error|null hypothesis|significan(t|ce)|probability)\b|\bp [=<]",
    re.IGNORECASE,
)
# What else people who sell do not say, and names that only the program uses.
OURS = re.compile(
    r"\b(flip rates?|log odds|rank order|draw \d|the method expects|of the scale|resampl\w+|cohort|quantile|stratif\w+|"
    r"prevalence|adjudicat\w+|cycle_\d+|dead letters?|idempoten\w+|payload)\b",
    re.IGNORECASE,
)
IDS = re.compile(r"\b[a-z]{2}-[0-9a-f]{12}\b")
BEAR_IDS = re.compile(r"^/(report|prompts|admin/audit|coaching/[^/]+/brief)\b")  # where a document or a line comes from
SQUEEZED = re.compile(r"\d%")
NAMES_OF_OURS = re.compile(
    r"\b(?!ops_lead|manager_\d)[a-z]+(?:_[a-z0-9]+)+\b"
)  # of criteria, patterns, roles; people have names
# Where a file is to be written, a prompt or a suite is called by its name, and the log, which keeps what was asked.
MAY_NAME = ("/evals", "/prompts", "/report", "/admin/audit", "/jobs/new")
FOR_STATISTICIANS = ("/evals/runs", "/evals/compare", "/admin/audit")  # the log keeps what was done as it was asked
ROLES = ("ops_lead", "manager", "rep")
OFTEN = ("ops_lead", pytest.param("manager", marks=pytest.mark.slow), "rep")  # a manager sees what an ops lead sees
FILES = {
    *(
        "/admin/retention/export",
        "/scores",
        "/summary",
        "/team-report",
        "/calibration/{number}/record",
        "/profiles/{rep}/scorecard",
    ),
    *("/calls/{ident}/sound", "/interviews/{ident}/sound"),
    *("/rubric/{ref}/file/{form}", "/rubric/{ref}/guide/{format}", "/upload/{ident}/manifest.xlsx"),
}
PARTS_OF_PAGES = {
    *(
        "/healthz",
        "/readyz",
        "/jobs/running",
        "/jobs/{ident}/part",
        "/evals/suites/{suite}/estimate",
        "/rubric/{ref}/gate",
    ),
    *("/jobs/new/{work}/estimate", "/patterns/drafting/{job}/events", "/calibration/{number}/next"),
}
# The demo leaves nothing of the kind behind: a blind round, a dispute, a job, an upload, a webhook, runs of a suite.
NOTHING_THERE = {
    *("/calibration/{number}/correct", "/calibration/{number}/rate", "/calibration/{number}/submit"),
    *("/calibration/{number}/reworded", "/disputes/{ident}", "/jobs/{ident}", "/upload/{ident}", "/uploads/{ident}"),
    *("/admin/webhooks/{ident}", "/welcome/{secret}", "/evals/runs/{ident}", "/evals/compare"),
}


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with demo_site(tmp_path_factory.mktemp("plain")) as site:
        yield site


@pytest.fixture(name="document", scope="module")
def _document(site):
    """Documents of the demo by name, each made once."""
    return cache(lambda name: MADE[name](site))


@pytest.fixture(name="pages", scope="module")
def _pages(site):
    """The pages of a role, one address of each route, followed once."""
    found = {}
    return lambda role: found.get(role) or found.setdefault(role, pages_for(site, role))


def around(words, pattern):
    return [words[max(0, hit.start() - 60) : hit.end() + 40] for hit in pattern.finditer(words)]


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_pages(pages, role):
    said = {
        address: around(words, JARGON)
        + around(words, SQUEEZED)
        + around(words.replace("adjudicate_coding", ""), OURS)  # a prompt by its name
        + ([] if BEAR_IDS.match(address) else around(words, IDS))
        + ([] if address.startswith(MAY_NAME) else around(words, NAMES_OF_OURS))
        for address, page in pages(role).items()
        if not address.startswith(FOR_STATISTICIANS)
        for words in [first_level(page)]
    }
    assert {address: hits for address, hits in said.items() if hits} == {}


@pytest.mark.slow
def test_every_page_is_looked_at(pages):
    reached = {route_of(address) for role in ROLES for address in pages(role)}
    assert set(TEMPLATES) - reached - FILES - PARTS_OF_PAGES - NOTHING_THERE == set()
    assert not reached & NOTHING_THERE


# ------------------------------------------------------------------------------------------ documents

MADE = {
    "export_scoring_guide": lambda site: verbs.export_scoring_guide(site.who("ops_lead")),
    "export_calibration": lambda site: verbs.export_calibration(site.who("ops_lead"), "3"),
    "export_scorecard": lambda site: verbs.export_scorecard(site.who("ops_lead"), "Marcus Lee"),
    "export_team_report": lambda site: verbs.export_team_report(site.who("ops_lead")),
    "export_summary": lambda site: verbs.export_summary(site.who("ops_lead")),
    "export_brief": lambda site: coaching.export_brief(site.who("ops_lead"), "Marcus Lee"),
    "export_brief of the team": lambda site: coaching.export_brief(site.who("ops_lead"), "team"),
    "export_report": lambda site: verbs.export_report(site.who("ops_lead")),
}


FOOT = re.compile(r".* · Closeread [\d.]+.*")  # whence it comes


def document_words(made):
    """A document's words without what stands under "How sure is this?"."""
    if isinstance(made, str):
        return first_level(made)
    kept, sure = [], False
    for block in made.blocks:
        if isinstance(block, Heading):
            sure = block.text.startswith("How sure is this?")
        kept += [] if sure else [block]
    return first_level(written(replace(made, blocks=tuple(kept)), "html").decode())


def test_every_document_is_looked_at():
    of_slices = {
        name for module in (verbs, coaching) for name, _ in inspect.getmembers(module) if name.startswith("export_")
    }
    # Not read as a document: the questions for buyers, and rows for a CRM.
    assert of_slices - {name.partition(" ")[0] for name in MADE} == {"export_guide", "export_scores"}


@pytest.mark.parametrize("name", MADE)
def test_documents(document, name):
    words = document_words(document(name)).replace("adjudicate_coding", "")  # a prompt by its name
    assert around(words, JARGON) + around(words, SQUEEZED) + around(words, OURS) == []
    if name not in ("export_report", "export_calibration"):  # evidence: what each figure was made from
        assert around(FOOT.sub("", words), IDS) == []


COMMANDS = (
    "baseline show",
    "gaps",
    "coach track",
    "outcomes",
    "funnel",
    "calibrate report",
    "patterns list",
    "rubric show",
    "next",
    "week",
    "disputes list",
    "rule list",
    "cost",
    "job list",
    "disputes counts",
    "interviews list",
    "calls list",
    "people list",
    "check",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(site, command, capsys):
    words = " ".join(Shell(site.space.settings.workspace, capsys)(*command.split()).out.split())
    assert words
    assert not SQUEEZED.search(words), around(words, SQUEEZED)
    words = words.partition("How sure is this?")[0]
    assert not JARGON.search(words), around(words, JARGON)
    words = words.replace("adjudicate_coding", "")  # a prompt by its name
    assert not OURS.search(words), around(words, OURS)


# ------------------------------------------------------------------------------------------ of how many

SHARE = re.compile(r"\d\s%")
OF_HOW_MANY = re.compile(
    r"\bn\s?=?\s?\d|\b\d[\d,]* of (the )?\d|\b\d[\d,]* (\w+ ){0,2}(calls?|deals?|reps?|interviews?|ratings?|cases?|leads?)\b"
)
# What is no share of anything counted: a rule, a target, how sure a range or a sentence is.
RULES = re.compile(
    r"\(95 % interval\)|range[^.;|]{0,60}95 %\)?|agree(ment|s)? (on|of) [\d.]+ %|method's [\d.]+ %|[\d.]+ % sure|"
    r"in [\d.]+ % of teams|share of [\d.]+ % or less|one of [\d.]+ % or more|in at most [\d.]+ %|rule [\d.]+ %|above [\d.]+ % on"
)
OF_RULES = ("/evals", "/help")  # thresholds of suites, and what verdicts mean in general
DAYS = re.compile(r"\d{1,2} \w+ \d{4} to (before )?\d{1,2} \w+ \d{4}")


def without_number(page):
    """Lines with a percentage that no count stands beside."""
    lines = (RULES.sub(" ", line.replace("\N{NO-BREAK SPACE}", " ")) for line in first_level(page).split("\n"))
    return [line[:160] for line in lines if SHARE.search(line) and not OF_HOW_MANY.search(line)]


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_percentage_on_a_page_says_of_how_many(pages, role):
    said = {address: without_number(page) for address, page in pages(role).items() if not address.startswith(OF_RULES)}
    assert {address: lines for address, lines in said.items() if lines} == {}


@pytest.mark.parametrize("name", MADE)
def test_every_percentage_in_a_document_says_of_how_many(document, name):
    made = document(name)
    assert without_number(made if isinstance(made, str) else written(made, "html").decode()) == []


FIGURES = re.compile(r"/(profiles|coaching/(movement|[^/]+)|outcomes(/weights)?|report)$")


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_pages_of_figures_say_of_which_days(pages, role):
    shown = {
        address: first_level(page) for address, page in pages(role).items() if FIGURES.search(address.split("?")[0])
    }
    assert shown
    assert [address for address, words in shown.items() if SHARE.search(words) and not DAYS.search(words)] == []


@pytest.mark.parametrize("name", sorted(MADE.keys() - {"export_scoring_guide", "export_calibration"}))
def test_documents_say_of_which_days(document, name):
    made = document(name)
    words = first_level(made if isinstance(made, str) else written(made, "html").decode())
    assert DAYS.search(words), words[:600]


# ------------------------------------------------------------------------------------------ one style

# What only one way is right of: a day, a thousand, a range of shares, how many.
OTHER_STYLES = re.compile(
    r"\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\w* \d{1,2}, \d{4}|"
    r"\b\d{1,2} (January|February|March|April|June|July|August|September|October|November|December) \d{4}|"
    r"(?<![\w.:-])20\d\d-\d\d-\d\d|\d\s%\s(to|–|-)\s\d|\bn\s?=?\s\d|(?<!level or )\bn/a\b|"
    r"(?<![\w.,:/-])(?!20\d\d\b)\d{4,}(?![\w/(-])"
)
AS_WRITTEN = ("/admin/audit", "/prompts/diff")  # what was asked, and the text of a prompt


@pytest.mark.parametrize("role", OFTEN)
def test_pages_write_days_numbers_and_ranges_in_one_style(pages, role):
    said = {
        a: around(first_level(page), OTHER_STYLES) for a, page in pages(role).items() if not a.startswith(AS_WRITTEN)
    }
    assert {address: hits for address, hits in said.items() if hits} == {}


@pytest.mark.parametrize("name", MADE)
def test_documents_write_days_numbers_and_ranges_in_one_style(document, name):
    assert around(document_words(document(name)), OTHER_STYLES) == []


MARKED = re.compile(r"[●○◔◑◕◆◈◇✕·–] (shown|not shown|\d of \d|does not apply|failed|not rated)")


@pytest.mark.parametrize("name", ["export_scorecard", "export_calibration", "export_report"])
def test_documents_bear_the_marks_of_the_lists(document, name):
    made = document(name)
    assert MARKED.search(made if isinstance(made, str) else written(made, "html").decode())


# ------------------------------------------------------------------------------------------ what a verdict means here

TAG = re.compile(r'<span class="tag([^>]*)>(.*?)</span>', re.DOTALL)
VERDICTS = re.compile(
    r"^\W*(passed|provisional|failed|fell|moved|not moved|cannot tell|association|none seen|still tells|fading|"
    r"coach first|the team shares it|raters differ|readings differ|two readings agree|not scored|disputed|to look at|"
    r"deployed|deployed below the gate|draft|calibrated)$"
)
# The state of a prompt, of which nothing is counted; verdicts that their line explains as a whole.
NOT_COUNTED = ("/prompts",)


@pytest.mark.parametrize("role", OFTEN)
def test_every_verdict_and_state_explains_itself(pages, role):
    seen, bare = set(), []
    for address, page in pages(role).items():
        for attributes, inside in TAG.findall(re.sub(r"<summary data-why=.*?</summary>", "", page, flags=re.DOTALL)):
            said = " ".join(re.sub(r"<[^>]+>", " ", inside).split())
            if (found := VERDICTS.match(said)) and not address.startswith(NOT_COUNTED):
                seen.add(found[1])
                bare += [] if "data-why=" in attributes and "tabindex" in attributes else [(address, said)]
    assert bare == []
    assert len(seen) >= (2 if role == "rep" else 9), seen
