"""Counts the tokens of a request before it is sent: exactly if its model's encoding is available, else by estimate.

The encodings are those in litellm's package (o200k_base, cl100k_base, p50k_base), read from its files: tiktoken itself
would fetch them from the network. Counted is the text as the model reads it; what a provider adds around each message
is taken from OpenAI's cookbook ("How to count tokens with tiktoken", 2024), and the reply schema is counted as the JSON
that is sent, since how a provider shows it to its model is not published.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import tiktoken
from pydantic import BaseModel
from tiktoken.model import encoding_name_for_model

from agent.core.base import canonical_json
from agent.llm.model import Request, Usage, estimate_request_tokens, reply_schema

# Output tokens set aside for a request whose settings name no limit.
ASSUMED_OUTPUT = 2_000
_PER_MESSAGE, _PER_REPLY = 3, 3
_PLACE = "https://openaipublic.blob.core.windows.net/encodings/{}.tiktoken"  # names the file; nothing is fetched
_CACHE = "TIKTOKEN_CACHE_DIR"


@dataclass(frozen=True)
class Counted:
    """Input tokens of a request. `encoding` names the encoding they were counted with; empty for the estimate
    characters / 4."""

    tokens: int
    encoding: str = ""

    @property
    def exact(self) -> bool:
        """Whether they were counted with the model's own encoding."""
        return bool(self.encoding)


def count_request(request: Request[Any]) -> Counted:
    """Input tokens of `request`: its messages and its reply schema."""
    name = encoding_of(request.model)
    if not name:
        return Counted(estimate_request_tokens(request))
    encoding = _encoding(name)
    # Ordinary: a transcript that holds "<|endoftext|>" is text.
    text = sum(_PER_MESSAGE + len(encoding.encode_ordinary(m.content)) for m in request.messages)
    reply: type[BaseModel] = request.reply
    return Counted(text + _PER_REPLY + _schema_tokens(reply, name), name)


@cache
def encoding_of(model: str) -> str:
    """The encoding of an OpenAI model (`openai/gpt-4.1-mini`) if it is at hand, else empty."""
    provider, _, bare = model.partition("/")
    if provider not in ("openai", "azure") or not bare:
        return ""

    try:
        name = encoding_name_for_model(bare)
    except KeyError:
        return ""
    return name if (_folder() / _file_of(name)).is_file() else ""


def foreseen(request: Request[Any]) -> Usage:
    """The most that `request` is expected to use: its input, estimated, and its `max_tokens`, or 2,000 if its
    settings name none."""
    if request.sound is not None:
        return Usage(sound_seconds=request.sound.seconds)
    limits = [request.settings.get(name) for name in ("max_tokens", "max_completion_tokens")]
    output = max((int(limit) for limit in limits if isinstance(limit, int | float)), default=ASSUMED_OUTPUT)
    return Usage(input_tokens=estimate_request_tokens(request), output_tokens=output, estimated=True)


@cache
def _schema_tokens(reply: type[BaseModel], encoding: str) -> int:
    return len(_encoding(encoding).encode_ordinary(canonical_json(reply_schema(reply))))


@cache
def _encoding(name: str) -> tiktoken.Encoding:
    with _cached_in(_folder()):
        return tiktoken.get_encoding(name)


@contextmanager
def _cached_in(folder: Path) -> Iterator[None]:
    before = os.environ.get(_CACHE)
    os.environ[_CACHE] = str(folder)
    try:
        yield
    finally:
        if before is None:
            del os.environ[_CACHE]
        else:
            os.environ[_CACHE] = before


def _folder() -> Path:
    own = os.environ.get(_CACHE)
    spec = None if own else find_spec("litellm")
    if spec is None or spec.origin is None:
        return Path(own or os.devnull)
    return Path(spec.origin).parent / "litellm_core_utils" / "tokenizers"


def _file_of(encoding: str) -> str:
    return hashlib.sha1(_PLACE.format(encoding).encode(), usedforsecurity=False).hexdigest()
