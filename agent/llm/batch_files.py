"""The files of OpenAI's Batch interface: requests in, one JSON object a line; answers out, in any order.

What a line may say (OpenAI, "Batch API"): {"custom_id", "response": {"status_code", "body"}, "error": {"code",
"message"}}. `custom_id` is the request's id, so an answer finds its request whatever order it comes in.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from pydantic import BaseModel, ValidationError

from agent.core.errors import ModelError, ModelUnreachable
from agent.llm.answers import completion_of
from agent.llm.model import Request
from agent.llm.providers import body_of
from agent.llm.wire import Completion, Transient, failure, one_line, response_format

# OpenAI, "Batch API: rate limits": requests and bytes of one input file.
MOST_REQUESTS = 50_000
MOST_BYTES = 200_000_000
ENDPOINT: Final = "/v1/chat/completions"


@dataclass
class Part:
    """One input file: where it lies, its model, and its requests (id -> subject)."""

    path: Path
    model: str
    subjects: dict[str, str] = field(default_factory=dict)

    def key(self, purpose: str = "") -> str:
        """A key made from the ids of the requests and their purpose. Handing in the same requests for the same
        purpose gives the same key, so that a batch is not paid for twice."""
        return hashlib.sha256("\n".join([*sorted(self.subjects), *filter(None, [purpose])]).encode()).hexdigest()[:32]


def write_parts(
    requests: Iterable[Request[Any]], folder: Path, most_requests: int = MOST_REQUESTS, most_bytes: int = MOST_BYTES
) -> list[Part]:
    """Write `requests` into input files in `folder`, each for one model and within the limits; a repeated id is written
    once.

    Requests are written as they are drawn, so any number of them needs no more memory than their ids.
    """
    parts: list[Part] = []
    seen: set[str] = set()
    open_files: dict[str, _Writing] = {}
    try:
        for request in requests:
            if request.id in seen:
                continue
            seen.add(request.id)
            form = {"response_format": response_format(request)}
            content = {"custom_id": request.id, "method": "POST", "url": ENDPOINT, "body": body_of(request, form)}
            line = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
            writing = open_files.get(request.model)
            if writing is None or writing.full(len(line), most_requests, most_bytes):
                if writing is not None:
                    writing.file.close()
                part = Part(folder / f"part-{len(parts)}.jsonl", request.model)
                parts.append(part)
                writing = open_files[request.model] = _Writing(part, part.path.open("wb"))
            writing.add(request, line)
    finally:
        for writing in open_files.values():
            writing.file.close()
    return parts


@dataclass
class _Writing:
    part: Part
    file: IO[bytes]
    size: int = 0

    def full(self, more: int, most_requests: int, most_bytes: int) -> bool:
        return len(self.part.subjects) >= most_requests or self.size + more > most_bytes

    def add(self, request: Request[Any], line: bytes) -> None:
        self.file.write(line)
        self.size += len(line)
        self.part.subjects[request.id] = request.subject


class _Response(BaseModel):
    status_code: int = 0
    body: dict[str, Any] | None = None


class _Error(BaseModel):
    code: str | None = None
    message: str | None = None


class _Outcome(BaseModel):
    custom_id: str
    response: _Response | None = None
    error: _Error | None = None


Result = Completion | ModelError


def read_results(lines: Iterable[str], model: str, asked: Mapping[str, str]) -> Iterator[tuple[str, Result]]:
    """The completion, or the error, of each answered request, by id. Unreadable lines and unknown ids are skipped;
    those requests count as unanswered."""
    for line in lines:
        if not line.strip():
            continue
        try:
            outcome = _Outcome.model_validate_json(line)
        except ValidationError:
            continue
        if outcome.custom_id in asked:
            yield outcome.custom_id, _result(outcome, model)


def _result(outcome: _Outcome, model: str) -> Result:
    response = outcome.response
    if response is None or response.status_code == 0:
        error = outcome.error or _Error()
        said = one_line(f"{error.code or 'error'}: {error.message or 'nothing said'}")
        return ModelUnreachable(f"{model}: the batch gave no answer: {said}")
    if response.status_code != 200:
        told = (response.body or {}).get("error")
        fields = told if isinstance(told, dict) else {}
        detail, code = str(fields.get("message") or ""), str(fields.get("code") or "")
        return unreachable(failure(model, response.status_code, detail, {}, code), f"{model}: the batch gave no answer")
    try:
        return completion_of(response.body, model, {})
    except ModelError as error:
        return error
    except Transient as failed:
        return ModelUnreachable(f"{model}: the batch's answer is not a chat completion: {failed.cause}")


def unreachable(failed: Exception, said: str) -> ModelError:
    """Turns what `failure` made of a batch's answer into a ModelError: a batch cannot send a request again, so
    nothing is transient here."""
    if isinstance(failed, ModelError):
        return failed
    return ModelUnreachable(f"{said}: {failed.cause if isinstance(failed, Transient) else failed}")
