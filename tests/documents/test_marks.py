"""A criterion in use that is not calibrated bears its mark on pages, documents and lists that show its scores."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest

from agent.app.documents.formats import written
from agent.coaching.verbs import export_brief
from agent.documents import verbs
from agent.rubrics.model import RubricState
from agent.rubrics.store import Rubrics, RubricStates
from tests.cli.conftest import Shell
from tests.documents.test_avoid import _site as _avoid  # noqa: F401

PAGES = ("/profiles", "/profiles/Rae", "/rubric/avoid")
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


@pytest.mark.parametrize("path", PAGES)
def test_pages(site, marked, path):
    assert marked in unescape(site.browser("ops_lead").get(path, follow_redirects=True).text).lower()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents(site, marked, name):
    assert marked in written(DOCUMENTS[name](site.who("ops_lead")), "md").decode().lower()


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(site, marked, command, capsys):
    shown = Shell(site.space.settings.workspace, capsys)(*command.split(), "--rubric", "avoid")
    assert marked in " ".join(f"{shown.out} {shown.err}".split()).lower()
