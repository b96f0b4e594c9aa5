"""A criterion in use that is not calibrated bears its mark on pages, documents and lists that show its scores."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest

from agent.app.documents.formats import written
from agent.coaching.verbs import export_brief
from agent.documents import verbs
from agent.interviews.store import Interviews
from agent.patterns.store import Extractions
from agent.rubrics.model import RubricState
from agent.rubrics.store import Rubrics, RubricStates
from tests.builders import interview
from tests.cli.conftest import Shell
from tests.documents.cases import extraction
from tests.documents.test_avoid import _site as _avoid  # noqa: F401
from tests.documents.test_avoid import words_of

RUBRIC = "?rubric=avoid"
PAGES = (
    *("/profiles", "/profiles/Rae", "/rubric/avoid", "/coaching/Rae", "/coaching/movement"),
    *(f"/calls{RUBRIC}", f"/calls/{{call}}{RUBRIC}"),
)
API = (
    *(
        f"/api/v1/profiles{RUBRIC}",
        f"/api/v1/profiles/Rae{RUBRIC}",
        f"/api/v1/gaps{RUBRIC}",
        f"/api/v1/movement{RUBRIC}",
    ),
    *("/api/v1/plans/Rae", f"/api/v1/calls/{{call}}{RUBRIC}", f"/profiles{RUBRIC}&file=csv"),
)
DOCUMENTS = {
    "scorecard": lambda who: verbs.export_scorecard(who, "Rae", "avoid"),
    "report": lambda who: verbs.export_team_report(who, "avoid"),
    "guide": lambda who: verbs.export_scoring_guide(who, "avoid"),
    "brief": lambda who: export_brief(who, "Rae"),
}
COMMANDS = ("baseline show", "gaps", "coach track")


@pytest.fixture(name="marked", scope="module", params=["not calibrated", "provisional", "withdrawn"])
def _marked(site, request):
    rubric = site.space.store[Rubrics].get("avoid")
    state = RubricState(rubric=rubric.id, state="deployed", at=datetime.now(UTC), marks={"discounts": request.param})
    site.space.store[RubricStates].set(state)
    return request.param


def asked(site, path):
    """The answer to the ops lead, once figures are worked out."""
    browser, path = site.browser("ops_lead"), path.format(call="b-03")
    answer = browser.get(path, follow_redirects=True)
    if hasattr(site.app.state, "later"):
        site.app.state.later.wait(120)
        answer = browser.get(path, follow_redirects=True)
    assert answer.status_code == 200, answer.text[:300]
    return unescape(answer.text).lower()


@pytest.mark.parametrize("path", [*PAGES, *API])
def test_pages(site, marked, path):
    assert marked in asked(site, path)


@pytest.mark.parametrize("form", ["md", "docx", "pdf", "xlsx", "csv"])
@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(site, marked, name, form):
    assert marked in words_of(written(DOCUMENTS[name](site.who("ops_lead")), form), form).lower()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(site, marked, command, capsys):
    shown = Shell(site.space.settings.workspace, capsys)(*command.split(), "--rubric", "avoid")
    assert marked in " ".join(f"{shown.out} {shown.err}".split()).lower()


def test_the_report_page(site, marked):
    store = site.space.store
    store[Interviews].add(interview("int-1"))
    store[Extractions].add(extraction())
    assert marked in verbs.export_report(site.who("ops_lead"), rubric="avoid").lower()
