"""No secret is shown that a provider's error repeats."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from agent.core.errors import ModelRejected
from agent.llm.gateway import Gateway
from agent.llm.masking import masked
from agent.llm.wire import Endpoint
from tests.llm.replies import request
from tests.llm.stub import Stub, status


async def test_the_key_that_a_provider_repeats_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ELSEWHERE_API_KEY", "another-plain-value")
    words = "wrong key our-own-plain-key (or another-plain-value?) " + "and so on " * 100
    async with Stub(status(401, words)) as stub:
        endpoint = Endpoint(api_base=f"{stub.base}/v1", api_key=SecretStr("our-own-plain-key"))
        async with Gateway(endpoint) as gateway:
            with pytest.raises(ModelRejected, match=r"wrong key \*\*\* \(or \*\*\*\?\)") as caught:
                await gateway.ask(request())
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Incorrect API key provided: sk-proj-abcdefgh12345678.", "Incorrect API key provided: ***."),
        ("sent Authorization: Bearer abcdef0123456789==", "sent Authorization: Bearer ***"),
        ("key AIzaSyA1234567890123456789012345678", "key ***"),
        ("cannot reach http://ann:open-sesame@models.example/v1", "cannot reach http://***@models.example/v1"),
        ("the task-oriented model sk-1 at http://models.example:8000/v1", "the task-oriented model sk-1 at http://models.example:8000/v1"),
    ],
)  # fmt: skip
def test_what_has_the_shape_of_a_secret_is_masked(text: str, shown: str) -> None:
    assert masked(text) == shown
