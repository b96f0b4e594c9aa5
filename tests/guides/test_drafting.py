import pytest

from agent.core.errors import ReplyInvalid
from agent.guides.rules import broken
from agent.guides.verbs import findings_with_model
from agent.guides.verbs import write_guide as draft_guide
from tests.builders import PROMPTS, asked, role

STAGES = [
    {"id": "demo", "name": "Demo", "won": "They saw it."},
    {"id": "proposal", "name": "Proposal", "won": "Agreed."},
]
GOOD = [
    {"stage": stage, "question": f"What did the rep say about point {n}?", "probes": ["What did you reply?"]}
    for n, stage in enumerate(["demo"] * 3 + ["proposal"] * 3)
]


async def draft(*replies):
    given = iter(replies)
    drafter = role(lambda _: {"questions": next(given)}, "drafter")
    guide = await draft_guide("won", STAGES, None, drafter, PROMPTS.get("guide_draft"))
    return guide, asked(drafter)


async def test_a_clean_draft_is_taken_as_it_is():
    guide, requests = await draft(GOOD)
    assert [q.question for q in guide.questions] == [q["question"] for q in GOOD]
    assert guide.questions[0].probes == ("What did you reply?",)
    assert len(requests) == 1


async def test_one_re_ask_names_what_the_rules_found():
    bad = [{**GOOD[0], "question": "Why did you choose us?"}, *GOOD[1:5], {**GOOD[5], "stage": "party"}]
    guide, requests = await draft(bad, GOOD)
    assert [q.question for q in guide.questions] == [q["question"] for q in GOOD]
    correction = requests[1].messages[-1].content
    for said in ("Why did you choose us?", "asks for reasons", "no stage 'party'"):
        assert said in correction


async def test_too_few_questions_and_a_stage_left_out_are_named():
    _, requests = await draft(GOOD[:3], GOOD)
    assert "3 questions" in requests[1].messages[-1].content
    assert "no question is about the stage proposal" in requests[1].messages[-1].content


async def test_there_is_no_second_re_ask_and_an_unknown_stage_is_dropped():
    bad = [{**GOOD[0], "stage": "party"}, *GOOD[1:]]
    guide, requests = await draft(bad, bad)
    assert len(requests) == 2
    assert guide.questions[0].stage == ""


async def test_no_question_at_all_is_an_error():
    with pytest.raises(ReplyInvalid, match="no question"):
        await draft([], [])


async def test_the_other_set_goes_with_the_request():
    won, _ = await draft(GOOD)
    drafter = role(lambda _: {"questions": GOOD}, "drafter")
    await draft_guide("lost", STAGES, won, drafter, PROMPTS.get("guide_draft"))
    assert GOOD[0]["question"] in asked(drafter)[0].messages[-1].content


async def test_a_models_findings_are_added_to_the_rules():
    flaws = [
        {"number": 1, "rule": "yes_no", "why": "same as the rule", "rewrite": "x"},
        {"number": 2, "rule": "leading", "why": "“finally” judges", "rewrite": "Why did it take so long?"},
        {"number": 9, "rule": "double", "why": "no such question", "rewrite": "x"},
    ]
    questions = ["Did the rep call?", "What did the rep finally send?"]
    found = await findings_with_model(questions, role(lambda _: {"flaws": flaws}), PROMPTS.get("guide_lint"))
    assert [[f.rule for f in own] for own in found] == [["yes_no"], ["leading"]]
    assert found[1][0].why == "“finally” judges"
    assert broken(found[1][0].rewrite) == ()
