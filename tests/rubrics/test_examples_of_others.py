"""A rep reads the rubric, and in it no words of colleagues' calls or of buyers' interviews."""

from __future__ import annotations

from agent.core.transcript import Quote, Span
from agent.rubrics.model import Example
from agent.rubrics.store import Rubrics
from tests.api.conftest import OTHER_REP, REP, made_site
from tests.builders import criterion, rubric


def example(source, text, speaker):
    quote = Quote(span=Span(turn=0, start=0, end=4), speaker=speaker, text=text)
    return Example(kind="present", text=text, source=source, quote=quote if source else None)


def test_a_rep_gets_the_rubric_with_examples_of_the_own_calls_and_by_hand_alone(tmp_path):
    with made_site(tmp_path) as site:
        examples = (
            example("call-1", "What does it cost you", REP),
            example("call-3", "Words of a colleague", OTHER_REP),
            example("int-1", "Words of a buyer", "Bo"),
            example("", "Written by hand", ""),
        )
        made = criterion(examples=examples, flaws=("an example of Bo was left out",))
        site.space.store[Rubrics].add(rubric(made, label="with-examples"))
        url = "/api/v1/rubrics/with-examples"
        seen = site.program("rep").get(url)
        assert [e["text"] for e in seen.json()["criteria"][0]["examples"]] == [
            "What does it cost you",
            "Written by hand",
        ]
        assert not any(word in seen.text for word in ("colleague", "buyer", OTHER_REP, "Bo"))
        whole = site.program("manager").get(url).json()["criteria"][0]["examples"]
        assert len(whole) == 4
