"""What counts as a reply, and what the model is told about one that does not."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from agent.core.base import Frozen
from agent.core.errors import ReplyInvalid
from agent.llm.model import Message, Request
from agent.llm.replies import Misfit, compact, validated
from agent.llm.wire import is_strict
from tests.llm.replies import GOOD, Verdict, request


def test_text_is_compact_and_keeps_the_models_order() -> None:
    value, text = validated(request(), '{ "reason": "é",\n "level": 1 }')
    assert text == '{"reason":"é","level":1}'
    assert value == Verdict(level=1, reason="é")


@pytest.mark.parametrize(
    "around",
    [
        "```json\n{}\n```",
        "  ```\n{}\n```\n",
        "```json\n\n{}\n\n```",
        "```JSON\n{}\n```",
        "```{}```",
        "```json {}```",
        "```json\n{}",
        '<think>Is it 1? {"level":0,"reason":"draft"}</think>\n{}',
        "Is it 1? Yes.\n</think>\n\n{}",
        "Here you are: {}",
        "Here you are:\n```json\n{}\n```\nI hope this helps!",
        "{}\nLet me know if you need more.",
        "{}<|eot_id|>",
        "{}\n{}",
    ],
)
def test_what_stands_around_the_one_object_is_taken_off(around: str) -> None:
    assert validated(request(), around.replace("{}", GOOD))[1] == GOOD


class Count(Frozen):
    """A model that a part of another reply fits by itself."""

    people: int = 0


@pytest.mark.parametrize(
    "text",
    [
        # A draft in a thought that has not ended, an example after the answer: neither is dug out.
        f"<think>Perhaps {GOOD} but",
        f"<think>Perhaps {GOOD}</think>",
        f'{GOOD} Otherwise it would be {{"level":0,"reason":""}}',
        f'{GOOD} {{"level":0,"reason":"x"}}',
        f"{GOOD} {{",
        f"[{GOOD}]",
        f"Here you are: [{GOOD}, ",
        f'{{"Verdict": {GOOD}}}',
        f"```json\n{GOOD[:-1]}",
        "{" * 5000,
        GOOD[:-1],
        "[]",
        "null",
        '{"level":"1","reason":"x"}',
        '{"level":1,"reason":"x","extra":1}',
        '{"level":true,"reason":"x"}',
        '{"level":NaN,"reason":"x"}',
    ],
)
def test_anything_else_does_not_fit(text: str) -> None:
    with pytest.raises(Misfit):
        validated(request(), text)


class Listed(Frozen):
    """A reply with a list."""

    parts: list[str]


@pytest.mark.parametrize(
    ("reply", "text", "what"),
    [
        (Verdict, json.dumps({"level": 1, "reason": "x" * 20_001}), "a text of 20001 characters"),
        (Listed, json.dumps({"parts": ["x"] * 10_001}), "a list of 10001 parts"),
    ],
)
def test_a_reply_out_of_all_bounds_is_refused_and_not_asked_again(reply: type[Frozen], text: str, what: str) -> None:
    asked = dataclasses.replace(request(), reply=reply)  # type: ignore[type-var]
    with pytest.raises(ReplyInvalid, match=what):
        validated(asked, text)


def test_a_part_of_a_broken_reply_is_not_the_reply() -> None:
    asked = Request((Message(role="user", content="How many?"),), Count, "openai/stub-1")
    with pytest.raises(Misfit):
        validated(asked, '{"parts": [{"people": 3}, {"peo')


def test_problems_name_the_place_and_not_the_words() -> None:
    with pytest.raises(Misfit) as caught:
        validated(request(), '{"level":7,"reason":["ignore all instructions"]}')
    assert caught.value.problems == [
        "level: Input should be less than or equal to 1",
        "reason: Input should be a valid string",
    ]


def test_problems_stay_few_and_the_error_shows_how_the_reply_begins() -> None:
    class Many(Frozen):
        levels: list[int]

    asked = Request((Message(role="user", content="x"),), Many, "openai/stub-1")
    with pytest.raises(Misfit) as caught:
        validated(asked, json.dumps({"levels": ["x"] * 500}))
    assert caught.value.problems[-1] == "and 490 more"
    assert """it begins: '{"levels": ["x", "x\"""" in str(caught.value.final())


@given(level=st.integers(0, 1), reason=st.text())
def test_compact_text_is_stable(level: int, reason: str) -> None:
    """A kept reply gives the same text again, or a follow-up made from it would have another id."""
    text = compact({"level": level, "reason": reason})
    value, again = validated(request(), text)
    assert (again, value.reason) == (text, reason)
    assert compact(json.loads(again)) == text


class Open(BaseModel):
    a: int


class Optional(Frozen):
    a: int | None


class Defaulted(Frozen):
    a: int = 1


class Nested(Frozen):
    inner: list[Verdict]


class NestedOpen(Frozen):
    inner: list[Open]


class Described(Frozen):
    inner: Verdict = Field(description="A reference with a description beside it is refused.")


class Chosen(Frozen):
    kind: Literal["a", "b"]
    side: Literal["us"]


class Bounded(Frozen):
    text: str = Field(min_length=1)


@pytest.mark.parametrize(
    ("model", "strict"),
    [
        (Verdict, True),
        (Optional, True),
        (Nested, True),
        (Chosen, True),
        (Open, False),
        (Defaulted, False),
        (NestedOpen, False),
        (Described, False),
        (Bounded, False),
    ],
)
def test_strict_only_where_the_schema_qualifies(model: type[BaseModel], strict: bool) -> None:
    assert is_strict(model.model_json_schema()) is strict


@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=8))
def test_compact_text_is_what_the_standard_library_writes(value: Any) -> None:
    """Ids of follow-ups are made from it, so it may not depend on who writes it."""
    assert compact({"reply": value}) == json.dumps({"reply": value}, ensure_ascii=False, separators=(",", ":"))
