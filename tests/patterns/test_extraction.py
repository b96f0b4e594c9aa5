"""The whole of step 2 and 3 with a fake model that reads by keyword."""

import json

import pytest

from agent.core.errors import InputError
from agent.patterns.extraction import Readers, extract
from agent.rubrics.drafting import Sources, choose_calls, draft_rubric
from agent.rubrics.proposal import Proposed
from tests.builders import MOMENTS, PROMPTS, asked, call, interview, role

NAMES = ("code_interview", "merge_patterns", "check_criterion", "apply_codebook", "adjudicate_coding")
ASKED, CUT = "She asked what a late close costs us.", "She cut the price before I said a word."
OUTCOMES = ["won"] * 6 + ["lost"] * 6


def corpus():
    return [interview(f"int-{i:02}", outcome, ASKED if outcome == "won" else CUT) for i, outcome in enumerate(OUTCOMES)]


def reader(request):
    name = request.prompt.partition("@")[0]
    text = request.messages[1].content
    quote = ASKED if ASKED in text.split("Buyer:")[0] else CUT
    match name:
        case "code_interview":
            behavior = "Asked what it costs" if quote == ASKED else "Cut the price"
            return {
                "notes": [{"behavior": behavior, "moment": "pricing", "subject": "ours", "turn": 1, "quote": quote}]
            }
        case "merge_patterns":
            rows = [line.split(" | ") for line in text.splitlines() if line.count(" | ") == 4]
            groups = {
                b: [int(n) for n, _, _, behavior, _ in rows if behavior == b]
                for b in ("Asked what it costs", "Cut the price")
            }
            return {
                "entries": [
                    {"name": b, "behavior": f"The rep {b.lower()}.", "moments": ["pricing"], "notes": numbers}
                    for b, numbers in groups.items()
                ]
            }
        case "check_criterion":
            vague = "cut the price." in text
            test = {"why": "fine", "passes": True}
            rewrite = "The rep cut the price before the buyer spoke." if vague else ""
            return {
                "specific": test | {"passes": not vague},
                "observable": test,
                "unambiguous": test,
                "rewrite": rewrite,
            }
        case "apply_codebook" | "adjudicate_coding":
            keys = [line.split(".")[0] for line in text.splitlines() if line.startswith("P")]
            return {
                "decisions": [
                    decision(key, line, quote)
                    for key, line in zip(keys, [x for x in text.splitlines() if x.startswith("P")], strict=True)
                ]
            }
        case "draft_criteria":
            shown = {
                "source": "call-1",
                "turn": 0,
                "quote": "What does the late close cost you each month?",
                "why": "asks",
            }
            return {
                "id": "Asks Cost!",
                "name": "Asks the cost",
                "description": "The rep asks. A promise does not count.",
                "form": "same",
                "direction": "it goes with won deals",
                "scale": "binary",
                "scale_reason": "yes or no",
                "anchors": [{"level": 0, "text": "not asked"}, {"level": 1, "text": "asked"}],
                "present": [shown],
                "absent": [shown | {"quote": "words that nobody said here"}],
                "speaker": "rep",
                "stage": "discovery",
                "not_applicable_when": "",
                "stages": ["discovery"],
            }
    raise AssertionError(name)


def decision(key, line, quote):
    present = ("asked" in line) == (quote == ASKED)
    quotes = [{"turn": 1, "quote": quote}] if present else []
    return {"key": key, "quotes": quotes, "reason": "r", "present": present}


def readers(answer=reader):
    return Readers(role(answer, "analyst_a"), role(answer, "analyst_b"), role(answer, "drafter"))


def quiet(name, steps):
    return lambda: None


async def extracted(team, interviews=None):
    prompts = {name: PROMPTS.get(name) for name in NAMES}
    return await extract(interviews or corpus(), team, prompts, MOMENTS, 4, quiet)


async def test_patterns_come_out_with_counts_and_evidence():
    team = readers()
    found = await extracted(team)
    by_id = {p.id: p for p in found.patterns.patterns}
    assert by_id["asked_what_it_costs"].verdict == "distinguishing won"
    assert by_id["cut_the_price"].verdict == "distinguishing lost"
    assert len(by_id["cut_the_price"].evidence) == 6
    assert by_id["cut_the_price"].behavior == "The rep cut the price before the buyer spoke."
    assert len(found.observations) == 24
    assert found.patterns.moments == (("pricing", 2),)


async def test_no_pattern_is_named_before_every_interview_is_read_and_no_outcome_is_told():
    team = readers()
    await extracted(team)
    for analyst in (team.analyst_a, team.analyst_b):
        names = [r.prompt.partition("@")[0] for r in asked(analyst)]
        assert names == ["code_interview"] * 12 + ["apply_codebook"] * 12
    merge = next(r for r in asked(team.drafter) if r.prompt.startswith("merge"))
    assert "won" not in merge.messages[1].content
    assert "analyst" not in merge.messages[1].content


async def test_where_analysts_differ_a_third_reading_decides():
    def blind(request):
        answer = reader(request)
        if request.prompt.startswith("apply") and request.subject == "int-00":
            answer["decisions"] = [d | {"present": False, "quotes": []} for d in answer["decisions"]]
        return answer

    team = Readers(role(reader, "analyst_a"), role(blind, "analyst_b"), role(reader, "drafter"))
    found = await extracted(team)
    thirds = [c for c in found.codings if c.reader == "adjudicator"]
    assert [(c.entry, c.interview, c.present) for c in thirds] == [("asked_what_it_costs", "int-00", True)]
    pattern = next(p for p in found.patterns.patterns if p.id == "asked_what_it_costs")
    assert pattern.won.count == 6
    assert pattern.adjudicated == 1


async def test_one_outcome_alone_is_refused():
    with pytest.raises(InputError, match="no interview about a lost deal"):
        await extracted(readers(), corpus()[:6])


async def test_drafted_criteria_keep_located_examples_and_say_what_is_missing():
    found = await extracted(readers())
    drafter = role(reader, "drafter")
    sources = Sources(calls=(call(),), interviews=tuple(corpus()), stages=({"id": "discovery", "won": "w"},))
    prompts = (PROMPTS.get("draft_criteria"), PROMPTS.get("check_criterion"))
    chosen = [Proposed(found.patterns.patterns[0], ""), Proposed(found.patterns.patterns[1], "leaning: seen twice")]
    drafted = await draft_rubric(chosen, sources, drafter, prompts, "v1", 2, lambda: None)
    first, second = drafted.criteria
    assert [first.id, second.id] == ["asks_cost", "asks_cost_2"]
    assert [e.kind for e in first.examples] == ["present"]
    assert any("left out" in flaw for flaw in first.flaws)
    assert "no absent example" in first.flaws
    assert first.only_in == ("discovery",)
    assert second.flaws[0] == "leaning: seen twice"
    drafts = [r for r in asked(drafter) if r.prompt.startswith("draft")]
    assert len(drafts) == 4  # each re-asked once for the quote that is not there
    assert json.dumps(first.model_dump(mode="json"))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"description": "The rep asks. " + "It does not count. " * 2}, "exactly two sentences"),
        ({"description": f"The rep asks {'and asks ' * 30}once. A promise does not count."}, "45 at most"),
        ({"absent": []}, "no absent example; give at least one"),
        ({"anchors": [{"level": 1, "text": "asked"}]}, "no anchor for level 0"),
        ({"stages": ["somewhere"]}, "no stage 'somewhere'"),
        ({"form": "negative"}, "begins what is to be avoided only"),
    ],
)
async def test_a_draft_that_is_not_as_the_method_asks_is_asked_for_once_more(changed, said):
    found = await extracted(readers())

    def answer(request):
        reply = reader(request)
        first = request.prompt.startswith("draft") and len(request.messages) == 2
        return reply | {"absent": reply["present"]} | changed if first else reply

    drafter = role(answer, "drafter")
    sources = Sources(calls=(call(),), interviews=tuple(corpus()), stages=({"id": "discovery", "won": "w"},))
    prompts = (PROMPTS.get("draft_criteria@2"), PROMPTS.get("check_criterion"))
    await draft_rubric([Proposed(found.patterns.patterns[0], "")], sources, drafter, prompts, "v1", 1, lambda: None)
    again = next(r for r in asked(drafter) if r.prompt.startswith("draft") and len(r.messages) > 2)
    assert said in again.messages[-1].content


async def test_nothing_to_draft_is_an_error_that_says_what_to_do():
    with pytest.raises(InputError, match="nothing to make a criterion of"):
        await draft_rubric([], Sources((), (), ()), role(reader), (None, None), "v1", 1, lambda: None)


def test_calls_are_chosen_one_rep_after_the_other_and_fit_the_context():
    calls = [call(f"{rep}-{i}", rep) for rep in ("Ann", "Bea", "Cat") for i in range(4)]
    chosen = choose_calls(calls, 100_000)
    assert [c.rep for c in chosen] == ["Ann", "Bea", "Cat", "Ann", "Bea", "Cat"]
    assert choose_calls(calls, 10) == ()
