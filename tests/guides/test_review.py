from agent.core.transcript import Quote, Span
from agent.guides.model import Guide, Question
from agent.guides.review import NO_RULE, places, question_of, review
from agent.patterns.model import Observation
from tests.builders import interview, transcript

PRICE = "When price came up for the first time, what did the rep say?"
DEMO = "Walk me through the demo, from the moment the rep shared the screen."
GUIDE = Guide(outcome="won", questions=(Question(stage="proposal", question=PRICE), Question(question=DEMO)))


def talk(*lines):
    told = transcript(*lines, Ann="interviewer", Bo="buyer")
    return interview().model_copy(update={"transcript": told})


def noted(turn, start, end, analyst="analyst_a"):
    quote = Quote(span=Span(turn=turn, start=start, end=end), speaker="Bo", text="x" * (end - start))
    return Observation(
        interview="int-1",
        analyst=analyst,
        behavior="Said it.",
        moment="pricing",
        subject="ours",
        quote=quote,
        request="rq",
    )


TALK = talk(
    ("Ann", "Thanks. So when price first came up, what did the rep say?"),
    ("Bo", "She asked what we compare it with. Then she sent a table."),
    ("Ann", "Right."),
    ("Bo", "And she called Ray."),
    ("Ann", "How did you like the demo?"),
    ("Bo", "It was fine."),
    ("Ann", "And Alicia?"),
    ("Bo", "She came to the second meeting."),
)


def test_a_question_asked_in_other_words_is_the_guides_question():
    found = review([GUIDE], [TALK], [noted(1, 0, 30), noted(1, 5, 25, "analyst_b"), noted(1, 32, 50), noted(3, 0, 18)])
    price, demo = found.questions
    assert (price.asked, price.behavior, price.opinion, price.observations) == (1, 1, 0, 3)
    assert price.per_question == 3.0
    assert (demo.asked, demo.per_question) == (0, None)


def test_questions_of_the_interviewers_own_are_counted_by_kind():
    found = review([GUIDE], [TALK], [noted(7, 0, 10)])
    assert [(q.question, q.observations) for q in found.own] == [("And Alicia?", 1)]
    kinds = {k.kind: (k.asked, k.behavior) for k in found.kinds}
    assert kinds["opinion"] == (1, 0)
    assert kinds[NO_RULE] == (2, 1)


def test_an_answer_without_an_observation_is_an_opinion():
    price = review([GUIDE], [TALK], []).questions[0]
    assert (price.behavior, price.opinion) == (0, 1)


def test_interviews_of_the_other_outcome_do_not_count_for_a_guide():
    lost = TALK.model_copy(update={"outcome": "lost"})
    assert review([GUIDE], [lost], []).questions[0].asked == 0


def test_what_was_said_before_the_question_is_no_part_of_it():
    assert question_of("I see. Not good. What came next?") == "What came next?"


def test_overlapping_spans_are_one_place():
    spans = [Span(turn=1, start=a, end=b) for a, b in ((0, 5), (3, 9), (9, 12))] + [Span(turn=2, start=3, end=4)]
    assert places(spans) == 3
    assert places([]) == 0
