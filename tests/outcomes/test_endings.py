"""Deals without a decision and customers who left are outcomes of their own; a setting says how they count."""

import pytest

from agent.calls.model import Deal
from agent.interviews.sides import counted, on_neither_side, sided
from agent.interviews.store import Interviews
from agent.jobs.plans import can_begin
from agent.outcomes.funnels import counted_deals
from agent.outcomes.store import Deals
from agent.settings import Settings
from agent.start.next_step import state_of
from agent.start.readiness import readiness_of
from agent.text.outcomes import ending_of, outcome_of
from agent.workspace import Workspace
from tests.builders import ROOT, interview, owner


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
    assert [row["ending"] for row in closeread("deals", "list", "--json").json["items"]] == ["no decision", "churned"]
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
    neither = sorted({"a", "b", "c"} - interviews.keys())
    assert on_neither_side(space) == neither
    assert sorted(side for side, _ in sided(space)) == sorted(interviews.values()), "one truth for whoever counts"
    there = {finding.what: finding.there for finding in readiness_of(space)}
    sides = list(interviews.values())
    assert f"{sides.count('won')} won, {sides.count('lost')} lost" in there.values()
    assert any(f"and {len(neither)} that count on neither side" in said for said in there.values()) == bool(neither)
    state = state_of(owner(space))
    assert (state.won, state.lost) == (sides.count("won"), sides.count("lost"))
    missing = can_begin(space, "extract").missing
    assert ("nothing can separate" in missing) == (len(set(sides)) < 2)
    assert {deal.id: deal.outcome for deal in counted_deals(space)} == deals
    assert all(isinstance(deal, Deal) for deal in space.store[Deals].all())
    space.store.close()
