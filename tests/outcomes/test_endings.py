"""Deals without a decision and customers who left are outcomes of their own; a setting says how they count."""

import pytest

from agent.calls.model import Deal
from agent.interviews.sides import counted, on_neither_side
from agent.interviews.store import Interviews
from agent.outcomes.funnels import counted_deals
from agent.outcomes.store import Deals
from agent.settings import Settings
from agent.text.outcomes import ending_of, outcome_of
from agent.workspace import Workspace
from tests.builders import ROOT, interview


@pytest.mark.parametrize(
    ("written", "outcome", "ending"),
    [
        ("No Decision", None, "no decision"),
        ("no_decision", None, "no decision"),
        ("Closed - No decision", None, "no decision"),
        ("Closed Lost - No Decision", "lost", "no decision"),
        ("churned", None, "churned"),
        ("5 - Churned Customer", None, "churned"),
        ("Churn - price", None, "churned"),
        ("Closed Won", "won", ""),
        ("Closed Lost - Price", "lost", ""),
        ("Disqualified", None, ""),
        ("indecision", None, ""),
    ],
)
def test_what_a_cell_says(written, outcome, ending):
    assert (outcome_of(written), ending_of(written)) == (outcome, ending)


@pytest.mark.parametrize(
    ("setting", "interviews", "deals"),
    [
        ("", {"a": "won", "b": "lost"}, {"d1": "lost"}),
        ("endings:\n  no decision: neither\n  churned: won\n", {"a": "won", "c": "won"}, {"d2": "won"}),
        ("endings: {churned: lost}\n", {"a": "won", "b": "lost", "c": "lost"}, {"d1": "lost", "d2": "lost"}),
    ],
)
def test_a_setting_says_on_which_side_they_count(closeread, tmp_path, setting, interviews, deals):
    (tmp_path / "d.csv").write_text(
        "deal_id,rep,opened,closed,outcome,furthest_stage\n"
        "d1,Rae,2026-01-02,2026-02-03,No decision,lead\nd2,Rae,2026-01-02,2026-02-03,Churned,lead\n"
    )
    assert closeread("deals", "import", tmp_path / "d.csv").code == 0, closeread.err
    assert [row["ending"] for row in closeread("deals", "list", "--json").json] == ["no decision", "churned"]
    shipped = (ROOT / "config" / "stages.yaml").read_text()
    (closeread.folder / "config").mkdir(exist_ok=True)
    before, _, after = shipped.partition("endings:\n  no decision: lost\n  churned: neither\n")
    text = before + after + setting
    (closeread.folder / "config" / "stages.yaml").write_text(text)
    space = Workspace(Settings.read(closeread.folder))
    for ident, outcome, ending in (("a", "won", ""), ("b", "lost", "no decision"), ("c", "lost", "churned")):
        space.store[Interviews].add(interview(ident, outcome).model_copy(update={"ending": ending}))
    kept = counted(space, space.store[Interviews].all())
    assert {i.id: i.outcome for i in kept} == interviews
    assert on_neither_side(space) == sorted({"a", "b", "c"} - interviews.keys())
    assert {deal.id: deal.outcome for deal in counted_deals(space)} == deals
    assert all(isinstance(deal, Deal) for deal in space.store[Deals].all())
    space.store.close()
