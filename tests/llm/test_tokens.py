"""Tokens before sending: counted by the model's own encoding where it is at hand, without any network."""

from __future__ import annotations

import socket

import pytest

from agent.llm.model import Message, Request, estimate_request_tokens
from agent.llm.tokens import count_request, encoding_of, foreseen
from tests.llm.replies import Verdict, request


@pytest.mark.parametrize(
    ("model", "encoding"),
    [
        ("openai/gpt-4.1-mini", "o200k_base"),
        ("openai/gpt-4o-2024-08-06", "o200k_base"),
        ("openai/gpt-4-turbo", "cl100k_base"),
        ("azure/gpt-4o", "o200k_base"),
        ("openai/gpt-oss-20b", ""),  # o200k_harmony does not come with the package
        ("openai/qwen3-32b", ""),
        ("anthropic/claude-sonnet-4-5", ""),
        ("gpt-4o", ""),
    ],
)
def test_the_encoding_of_a_model_if_it_is_at_hand(model: str, encoding: str) -> None:
    assert encoding_of(model) == encoding


def counted(text: str) -> int:
    return count_request(Request((Message(role="user", content=text),), Verdict, "openai/gpt-4.1-mini")).tokens


def test_counts_are_the_encodings(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_network(*_: object) -> None:
        raise AssertionError("tokens are counted without a network")

    monkeypatch.setattr(socket.socket, "connect", no_network)
    # "hello world" is two tokens of o200k_base: 24912, 2375 (published in tiktoken's README for its encodings).
    assert counted("hello world") - counted("") == 2
    assert counted("x" * 3 + "<|endoftext|>") > counted("xxx") + 1
    found = count_request(request(model="openai/gpt-4.1-mini"))
    assert (found.exact, found.encoding) == (True, "o200k_base")


def test_without_an_encoding_it_is_an_estimate_and_says_so() -> None:
    asked = request(model="anthropic/claude-sonnet-4-5")
    found = count_request(asked)
    assert (found.tokens, found.exact) == (estimate_request_tokens(asked), False)


def test_what_is_foreseen_holds_the_largest_output() -> None:
    assert foreseen(request(settings={"max_tokens": 70})).output_tokens == 70
    assert foreseen(request(settings={"max_tokens": 70, "max_completion_tokens": 90})).output_tokens == 90
    assert foreseen(request(settings={"temperature": 0})).output_tokens == 2_000
