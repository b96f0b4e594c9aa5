"""The rule of thumb on a team's own stages."""

import pytest

from agent.outcomes.funnels import yardstick
from agent.settings import Settings
from agent.workspace import Workspace

STAGES = """
stages: [{id: talk, name: Talk, won: "they want a second"}]
moments: [{id: other, stage: talk, name: Other, means: "none"}]
funnel: [%s]
"""


@pytest.mark.parametrize(
    ("funnel", "expected"),
    [
        ("{id: lead}, {id: proposal}, {id: won}", {"lead": 10.0, "proposal": 3.0, "won": 1.0}),
        ("{id: inquiry}, {id: proposal}, {id: signed}", {"inquiry": 10.0, "proposal": 3.0, "signed": 1.0}),
        ("{id: inquiry}, {id: offer}, {id: signed}", {"inquiry": 10.0, "signed": 1.0}),
    ],
)
def test_the_shipped_rule_goes_by_place_where_names_differ(tmp_path, funnel, expected):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "stages.yaml").write_text(STAGES % funnel)
    space = Workspace(Settings(workspace=tmp_path, database_url="", environment={}))
    assert yardstick(space).rule_of_thumb == expected
