"""Plans: few criteria, real moments, and a model's words only where a model is bound."""

from datetime import UTC, date, datetime

import pytest

from agent.calls.store import Calls
from agent.coaching.brief import brief_of
from agent.coaching.cli_plan import show_plan
from agent.coaching.model import CoachingPlan, PlannedCriterion
from agent.coaching.plan_building import proposal_of
from agent.coaching.proposals import NO_MODEL, drafted, gap_reason, moment_request, rep_plan, without_model
from agent.coaching.replies import CoachMomentReply
from agent.coaching.views import PlanView
from agent.core.errors import ModelUnreachable
from agent.core.scale import SCALES
from agent.core.statistic import Estimate
from agent.core.transcript import Quote, Span
from agent.profiles.moments import MomentFinder
from agent.profiles.season import frame_of
from agent.ratings.counted import Counting
from agent.ratings.model import NearestMiss, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.ratings.store_import import ImportedCall, ImportedRating, ImportedRatings
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.stats.frame import Measure
from agent.stats.gaps import GapReport, RepGap
from agent.workspace import Workspace
from tests.builders import PROMPTS, asked, call, criterion, role, rubric

AT = datetime(2026, 11, 2, tzinfo=UTC)
RUBRIC = rubric(criterion("asks_cost"), criterion("books_next"), criterion("invites"))


def rating(ident, value, turn=None, on="asks_cost", rep="Rae"):
    found = call(ident, rep)
    if value:
        text = found.transcript.turns[0].text
        judgement = Rated(value=1, quotes=(Quote(span=Span(turn=0, start=0, end=len(text)), speaker=rep, text=text),))
    else:
        words = found.transcript.turns[turn or 0]
        near = NearestMiss(turn=words.index, speaker=words.speaker, text=words.text, why="it names no cost")
        judgement = Rated(value=0, nearest=None if turn is None else near)
    made = Provenance(rubric=RUBRIC.id, prompt="rate_call@1", model="test/model")
    return Rating(call=ident, criterion=on, rater="model", judgement=judgement, provenance=made, at=AT)


@pytest.fixture(name="space")
def _space(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    yield space
    space.store.close()


@pytest.fixture
def finder(space):
    store = space.store
    store[Rubrics].add(RUBRIC)
    for number, (ident, rep) in enumerate([("c1", "Rae"), ("c2", "Rae"), ("c3", "Rae"), ("c4", "Sam")]):
        store[Calls].add(call(ident, rep).model_copy(update={"date": date(2026, 10, 1 + number)}))
    store[Ratings].add([rating("c1", 0, 2), rating("c2", 0), rating("c3", 0, 2), rating("c4", 1, rep="Sam")])
    return MomentFinder(store, RUBRIC, frame(store))


def frame(store):
    return frame_of(store[Counting].calls(RUBRIC), tuple(map(Measure.of, RUBRIC.criteria)))


def gap(on, shared=False, size=0.5):
    facts = {"size": size, "shrunken": size, "calls": 10, "by_luck": 0.001, "loss_link": None, "shared": shared}
    return RepGap(rep="Rae", criterion=on, severity="below target", **facts)


def report(*own):
    return GapReport(team=(), own=own, any_by_luck=0.0, own_by_luck=0.0, own_tests=1, note="")


def test_moments_with_a_named_turn_come_first_and_carry_the_turns_around_it(finder):
    missed = finder.missed("Rae", "asks_cost", 2)
    assert [m.call for m in missed] == ["c3", "c1"]
    assert [t.index for t in missed[0].passage.turns] == [0, 1, 2]
    assert missed[0].why == "it names no cost"
    assert [m.call for m in finder.missed("Rae", "asks_cost", 3)] == ["c3", "c1", "c2"]
    assert finder.missed("Rae", "asks_cost", 3)[2].passage is None


def test_a_brief_says_why_it_has_no_words_of_a_call(finder):
    bare = finder.missed("Rae", "asks_cost", 3)[2]
    told = bare.model_copy(update={"why": "heard on the phone"})
    for moment, said in (
        (bare, "Its rating names no turn; find the moment together."),
        (told, "Heard on the phone. Its rating names no turn; find the moment together."),
    ):
        planned = PlannedCriterion(criterion="a", name="A", description="Asks.", reason="r", moments=(moment,))
        plan = CoachingPlan(who="Rae", rubric="v1", criteria=(planned,), at=AT)
        shown = brief_of(plan).focus[0].moments[0]
        assert (shown.text, shown.why) == ("", said)


@pytest.mark.parametrize("weight", [1.0, -1.0])
@pytest.mark.parametrize("scale", ["binary", "1-3", "1-4", "1-5", "1-7"])
def test_a_moment_is_missed_by_the_rule_that_profiles_count_by(tmp_path, scale, weight):
    made = rubric(criterion("asks_cost", scale=scale, weight=weight))
    space = Workspace(Settings.read(tmp_path / "space", {}))
    store, measure = space.store, Measure.of(made.criteria[0])
    store[Rubrics].add(made)
    levels = made.criteria[0].levels
    for level in levels:
        store[Calls].add(call(f"level-{level}", "Rae"))
        given = rating(f"level-{level}", 0, 2)
        judgement = Rated(value=level, quotes=(), nearest=given.judgement.nearest)
        provenance = given.provenance.model_copy(update={"rubric": made.id})
        store[Ratings].add([given.model_copy(update={"judgement": judgement, "provenance": provenance})])
    counted = frame_of(store[Counting].calls(made), (measure,))
    finder = MomentFinder(store, made, counted, rules=space.rules.profiles)
    missed = {m.call for m in finder.missed("Rae", "asks_cost", 9)}
    shown = {f"level-{level}" for level in levels if level >= space.rules.profiles.present_level[SCALES[scale]]}
    assert missed == (shown if weight < 0 else {f"level-{level}" for level in levels} - shown)
    store.close()


def test_calls_without_words_come_after_those_that_were_heard(finder):
    store = finder._store
    rows = [ImportedCall(f"bare-{n:03}", "2026-12-01", "Rae", "", "", "") for n in range(70)]
    store[ImportedRatings].add(
        rows, [ImportedRating(row.id, "asks_cost", "rated", 0) for row in rows], "import:x", RUBRIC.id
    )
    found = MomentFinder(store, RUBRIC, frame(store)).missed("Rae", "asks_cost", 5)
    assert [m.call for m in found[:3]] == ["c3", "c1", "c2"]
    assert [m.call for m in found[3:]] == ["bare-000", "bare-001"]
    assert "no transcript" in found[4].why


def test_a_peers_moment_bears_the_peers_name(finder):
    plan = rep_plan("Rae", report(gap("asks_cost")), RUBRIC, finder, AT)
    done = plan.criteria[0].moments[-1]
    assert (done.kind, done.rep, done.call) == ("done", "Sam", "c4")
    assert "Sam's, a peer" in plan.criteria[0].notes[0]


def test_two_criteria_at_most_and_the_teams_gaps_last(finder):
    own = report(gap("books_next"), gap("invites"), gap("asks_cost", shared=True))
    plan = rep_plan("Rae", own, RUBRIC, finder, AT)
    assert [c.criterion for c in plan.criteria] == ["books_next", "invites"]
    assert RUBRIC.criterion("asks_cost").name in plan.notes[-1]
    only_shared = rep_plan("Rae", report(gap("asks_cost", shared=True)), RUBRIC, finder, AT)
    assert "the team's plan comes first" in only_shared.notes[0]
    nothing = rep_plan("Rae", report(), RUBRIC, finder, AT)
    assert nothing.criteria == ()
    assert "nothing to coach first" in nothing.notes[0]


def test_without_a_model_the_plan_says_what_is_missing(finder):
    plan = without_model(rep_plan("Rae", report(gap("asks_cost")), RUBRIC, finder, AT))
    assert [m.missing for m in plan.criteria[0].moments] == [NO_MODEL, NO_MODEL, ""]


async def test_the_model_is_shown_the_turns_and_its_words_are_kept_with_the_request(finder):
    plan = rep_plan("Rae", report(gap("asks_cost")), RUBRIC, finder, AT)
    drafter = role(lambda _: CoachMomentReply(said=" What does that\ncost you? ", practice="Ask once."), "drafter")
    made = await drafted(plan, RUBRIC, drafter, PROMPTS.get("coach_moment"))
    first, _, done = made.criteria[0].moments
    assert (first.said, first.practice) == ("What does that cost you?", "Ask once.")
    assert first.request
    assert done.said == ""
    assert len(asked(drafter)) == 2
    text = "\n".join(m.content for m in asked(drafter)[0].messages)
    assert "[1] Cus: About nine thousand dollars in waiver fees." in text
    assert "turn 2" in text


async def test_a_reply_that_cannot_be_used_leaves_the_moment_and_says_so(finder):
    plan = rep_plan("Rae", report(gap("asks_cost")), RUBRIC, finder, AT)
    long = role(lambda _: CoachMomentReply(said="x" * 700, practice=""), "drafter")
    made = await drafted(plan, RUBRIC, long, PROMPTS.get("coach_moment"))
    assert "700 characters" in made.criteria[0].moments[0].missing
    assert made.criteria[0].moments[0].said == ""

    def gone(_):
        raise ModelUnreachable("no answer")

    lost = await drafted(plan, RUBRIC, role(gone, "drafter"), PROMPTS.get("coach_moment"))
    assert "no answer" in lost.criteria[0].moments[0].missing


def test_a_moment_without_turns_is_not_put_to_a_model(finder):
    bare = finder.missed("Rae", "asks_cost", 3)[2]
    with pytest.raises(ValueError, match="without turns"):
        moment_request(bare, RUBRIC.criteria[0], role(lambda _: None), PROMPTS.get("coach_moment"))


def test_a_plan_a_brief_and_a_session_from_the_command_line(season, tmp_path):
    plan = season("coach", "plan", "Tom Becker", "--json").json
    assert 1 <= len(plan["criteria"]) <= 2
    assert {m["kind"] for m in plan["criteria"][0]["moments"]} == {"missed", "done"}
    for form, start in (("html", b"<!doctype html>"), ("md", b"# Coaching brief"), ("pdf", b"%PDF")):
        assert season("coach", "plan", "Tom Becker", "--out", tmp_path / f"brief.{form}").code == 0
        assert (tmp_path / f"brief.{form}").read_bytes().startswith(start)
    assert season("coach", "plan", "--team", "--json").json["who"] == "team"
    assert season("coach", "plan").code == 2
    assert season("coach", "plan", "Nobody").code == 3
    logged = season("coach", "log", "Tom Becker", "--note", "asks once a call", "--as", "Maria", "--json").json["items"]
    assert (logged[-1]["coach"], logged[-1]["plan"]) == ("Maria", plan["id"])
    assert logged[-1]["criteria"] == [c["criterion"] for c in plan["criteria"]]
    assert season("coach", "log", "Nobody", "--note", "x").code == 3


AVOID = criterion("asks_cost").model_copy(update={"weight": -1.0})


def test_a_slip_in_a_behavior_to_avoid_is_a_gap_in_words_that_say_so():
    always = Estimate(value=1.0, n=11)
    said = gap_reason(gap("asks_cost", size=0.7), AVOID, always)
    assert said == "Does it in 11 of 11 calls; the aim is not to: 70 points more than the target allows."
    assert "absent" not in gap_reason(gap("asks_cost"), AVOID).lower()
    assert gap_reason(gap("asks_cost"), criterion("asks_cost")).startswith("Below target on 10 calls")


def test_the_brief_and_the_terminal_never_praise_a_slip(space, finder, capsys):
    plan = rep_plan("Rae", report(gap("asks_cost")), RUBRIC, finder, AT)
    show_plan(PlanView.of(space, plan, {"asks_cost"}))
    shown = capsys.readouterr().out
    assert "Did it (to avoid): Rae" in shown
    assert "Missed:" not in shown
    assert "Done:" not in shown
    labels = {moment.label for focus in brief_of(plan, avoided={"asks_cost"}).focus for moment in focus.moments}
    assert labels == {"did it (to avoid)", "avoided it"}
    assert {m.label for f in brief_of(plan).focus for m in f.moments} == {"missed it", "did it"}


def test_what_has_moved_is_not_proposed_again(season):
    """Every pair that moved in the season, for every rep and the team."""
    rows = season("coach", "track", "--json").json["items"]
    space = Workspace(Settings.read(season.folder, {}))
    moved = {(row["rep"], row["criterion"]) for row in rows if row["verdict"] == "moved"}
    proposals = {rep: proposal_of(space, rep) for rep in sorted({rep for rep, _ in moved})}
    proposed = {(rep, one.criterion.id) for rep, found in proposals.items() for one in found.candidates if one.proposed}
    assert len(moved) == 17
    assert proposed
    assert not proposed & moved
    said = [
        one.reason for rep, found in proposals.items() for one in found.candidates if (rep, one.criterion.id) in moved
    ]
    assert all("Coached since" in reason and "it has moved" in reason for reason in said)
    team = {one.criterion.id: one.reason for one in proposal_of(space, "team").candidates}
    assert "Coached since" in team["stakeholder_expansion"]
    assert "of 16 reps moved" in team["stakeholder_expansion"]
    space.store.close()
