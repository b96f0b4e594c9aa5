"""What an error of a model tells people to write is written, and works."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from agent.core.errors import (
    BudgetExceeded,
    InputTooLong,
    ModelError,
    ModelRejected,
    ReplyTruncated,
    RoleUnbound,
)
from agent.core.transcript import Turn
from agent.models.verbs import probes
from agent.ratings.model import Rated
from agent.scoring.rating import rate_call
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import PROMPTS, call, rubric
from tests.llm.stub import Stub, page_json, says, status
from tests.wiring.test_wiring import GOOD

PROMPT = PROMPTS.get("rate_call")
LONG = call()
LONG = LONG.model_copy(
    update={
        "transcript": LONG.transcript.model_copy(
            update={
                "turns": (
                    *LONG.transcript.turns,
                    Turn(index=len(LONG.transcript.turns), speaker="Cus", text="That is how it went. " * 1_000),
                )
            }
        )
    }
)


@dataclass(frozen=True)
class Cure:
    """A server that `refuses` a request by its body, the error, a word of its advice, and what is written then."""

    name: str
    refuses: Any  # body -> step, or None where it is content
    error: type[Exception]
    says: str
    write: str
    before: str = ""
    budget: float | None = None


CURES = [
    Cure(
        "cut at the limit",
        lambda body: None if body["max_tokens"] == 9000 else says('{"ratings": [', "length"),
        ReplyTruncated,
        "raise max_tokens below settings in its binding",
        "settings: {max_tokens: 9000}",
    ),
    Cure(
        "a limit beyond the context",
        lambda body: None if body["max_tokens"] == 500 else status(400, "max_tokens is too large: 6000"),
        ModelRejected,
        "write a smaller max_tokens below settings",
        "settings: {max_tokens: 500}",
    ),
    Cure(
        "an odd setting",
        lambda body: None if "top_logprobs" not in body else status(400, "no top_logprobs here"),
        ModelRejected,
        "are set to null below settings in its binding",
        "settings: {top_logprobs: null}",
        before="settings: {top_logprobs: 3}",
    ),
    Cure(
        "another way to ask",
        lambda body: (
            None
            if body.get("response_format") == {"type": "json_object"}
            else status(500, "Input should be 'text' or 'json_object'")
        ),
        ModelRejected,
        "write reply: json_object in its binding",
        "reply: json_object",
        before="reply: json_schema",
    ),
    Cure(
        "counts that are wrong",
        lambda body: page_json(
            {
                "choices": [{"message": {"content": GOOD}, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": 7, "completion_tokens": 9},
            }
        ),
        InputTooLong,
        "write tokens_estimated: true in the binding",
        "tokens_estimated: true",
    ),
    Cure(
        "more than it is said to read",
        lambda body: None,
        InputTooLong,
        "raise context_tokens in its binding",
        "context_tokens: 50000",
        before="context_tokens: 2000",
    ),
    Cure(
        "a price that is not known",
        lambda body: None,
        BudgetExceeded,
        "write input_usd_per_million and output_usd_per_million in its binding",
        "input_usd_per_million: 0, output_usd_per_million: 0",
        budget=1.0,
    ),
]


async def rated(folder: Any, base: str, binding: str, budget: float | None) -> Any:
    """The rating of the long call by a model that is bound like that."""
    (folder / "config").mkdir(parents=True, exist_ok=True)
    more = f", {binding}" if binding else ""
    line = f"roles:\n  rater: {{model: openai/stub-1, api_base: '{base}/v1'{more}}}\n"
    (folder / "config" / "models.yaml").write_text(line)
    space = Workspace(Settings(folder, f"sqlite:///{folder}/closeread.db", {}))
    try:
        async with space.roles("rater", budget_usd=budget) as roles:
            return (await rate_call(LONG, rubric(), roles["rater"], PROMPT))[0]
    finally:
        space.store.close()


@pytest.mark.parametrize("cure", CURES, ids=lambda cure: cure.name)
async def test_what_an_error_tells_people_to_write_works(cure, tmp_path):
    async def step(asked):
        body = json.loads(await asked.text())
        return await (cure.refuses(body) or says(GOOD))(asked)

    async with Stub(step) as stub:
        with pytest.raises(cure.error) as caught:
            await rated(tmp_path, stub.base, cure.before, cure.budget)
        said = caught.value.explained if isinstance(caught.value, ModelError) else str(caught.value)
        assert cure.says in said
        assert isinstance((await rated(tmp_path, stub.base, cure.write, cure.budget)).judgement, Rated)


async def test_checking_the_models_asks_those_that_are_bound(tmp_path):
    async with Stub(says('{"people": 3}')) as stub:
        (tmp_path / "config").mkdir()
        line = f"roles:\n  rater: {{model: openai/stub-1, api_base: '{stub.base}/v1'}}\n"
        (tmp_path / "config" / "models.yaml").write_text(line)
        space = Workspace(Settings(tmp_path, f"sqlite:///{tmp_path}/closeread.db", {}))
        (found,) = (await probes(space)).items
    assert (found.role, found.problem) == ("rater", "")
    (tmp_path / "config" / "models.yaml").write_text("roles: {}\n")
    with pytest.raises(RoleUnbound):
        await probes(Workspace(space.settings))
