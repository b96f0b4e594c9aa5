"""OpenAI's Batch interface: many requests in files, answered within a day at half price.

    submit ─ files of at most 50,000 requests or 200 MB ─▶ one batch each ─▶ BatchTicket (keep it: it is the state)
    collect ─ what has ended since ─▶ results by request id, and the ticket to keep from then on

A batch carries a key made from its requests' ids and their purpose (a job, and how often it has asked). `submit`
looks for batches with the keys of its files first, so one that was interrupted, or whose ticket was lost, is
taken up again and not paid twice. Whatever a batch leaves without an answer (expired, cancelled, errors) is told
as the error it is, per request.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.core.base import Frozen, content_id
from agent.core.errors import ModelError, ModelRejected, ModelUnreachable
from agent.core.lazy import lazy
from agent.llm.batch_files import (
    ENDPOINT,
    MOST_BYTES,
    MOST_REQUESTS,
    Part,
    Result,
    read_results,
    unreachable,
    write_parts,
)
from agent.llm.model import Request
from agent.llm.providers import connect
from agent.llm.wire import Endpoint, failure, one_line

if TYPE_CHECKING:
    import openai
else:
    openai = lazy("openai")

PRICE_FACTOR = 0.5
_KEY = "closeread"
_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})
_TIMEOUT = 600.0  # seconds; a file may have 200 MB
_LOOK_BACK = 1_000  # batches looked through for one that was submitted before


class BatchPart(Frozen):
    """One batch at the provider: its id, model, and requests (id to subject). `collected`:
    its results were given out."""

    batch: str
    model: str
    subjects: dict[str, str]
    collected: bool = False


class BatchTicket(Frozen):
    """What was submitted: everything needed to go on after a restart. `id` is made from the batches' own ids. `turn`
    counts how often the same job has handed in requests."""

    id: str
    parts: tuple[BatchPart, ...]
    turn: int = 0

    @property
    def done(self) -> bool:
        """Whether everything was given out."""
        return all(part.collected for part in self.parts)


@dataclass(frozen=True)
class Collected:
    """Results of batches that ended, by request id. Keep `ticket` once they are stored, instead of the one before."""

    ticket: BatchTicket
    results: dict[str, Result] = field(default_factory=dict)
    waiting: int = 0  # requests of batches that have not ended

    @property
    def done(self) -> bool:
        """Whether nothing more will come from this ticket."""
        return self.ticket.done


class OpenAIBatches:
    """Answers many requests at once, later, on one OpenAI endpoint. Use it as `async with`, or call `aclose`."""

    def __init__(self, endpoint: Endpoint, most_requests: int = MOST_REQUESTS, most_bytes: int = MOST_BYTES) -> None:
        self._endpoint, self._most = endpoint, (most_requests, most_bytes)
        self._client: openai.AsyncOpenAI | None = None

    async def submit(self, requests: Iterable[Request[Any]], purpose: str = "") -> BatchTicket:
        """Hand in `requests`; handing the same ones in again for the same purpose gives the same batches.

        `ModelUnreachable` where the provider does not take a file: submit the same again."""
        with tempfile.TemporaryDirectory(prefix="closeread-batch-") as folder:
            parts = write_parts(requests, Path(folder), *self._most)
            keys = [part.key(purpose) for part in parts]
            known = await self._submitted_before(set(keys))
            made = [await self._hand_in(part, key, known.get(key)) for part, key in zip(parts, keys, strict=True)]
        return BatchTicket(id=content_id("bt", [part.batch for part in made]), parts=tuple(made))

    async def collect(self, ticket: BatchTicket) -> Collected:
        """The results of one batch that has ended and was not collected yet, if there is one. Only one, so that no
        more is in memory."""
        waiting = 0
        for place, part in enumerate(ticket.parts):
            if part.collected:
                continue
            async with self._talking(part.model) as client:
                batch = await client.batches.retrieve(part.batch)
            if batch.status not in _ENDED:
                waiting += len(part.subjects)
                continue
            results = await self._results(part, batch)
            parts = list(ticket.parts)
            parts[place] = part.model_copy(update={"collected": True})
            return Collected(ticket.model_copy(update={"parts": tuple(parts)}), results, waiting)
        return Collected(ticket, {}, waiting)

    async def cancel(self, ticket: BatchTicket) -> None:
        """Stop batches that have not ended; requests answered by then can still be collected, and are paid for."""
        for part in ticket.parts:
            async with self._talking(part.model) as client:
                if (await client.batches.retrieve(part.batch)).status not in (*_ENDED, "cancelling"):
                    await client.batches.cancel(part.batch)

    async def aclose(self) -> None:
        """Close the pooled connections."""
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def __aenter__(self) -> OpenAIBatches:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _submitted_before(self, keys: set[str]) -> dict[str, openai.types.Batch]:
        submitted: dict[str, openai.types.Batch] = {}
        looked = 0
        async with self._talking("") as client:
            async for batch in client.batches.list(limit=100):
                looked += 1
                key = (batch.metadata or {}).get(_KEY, "")
                if key in keys and batch.status not in ("failed", "expired", "cancelling", "cancelled"):
                    submitted.setdefault(key, batch)
                if looked >= _LOOK_BACK or len(submitted) == len(keys):
                    break
        return submitted

    async def _hand_in(self, part: Part, key: str, before: openai.types.Batch | None) -> BatchPart:
        if before is not None:
            return BatchPart(batch=before.id, model=part.model, subjects=part.subjects)
        async with self._talking(part.model) as client:
            with part.path.open("rb") as lines:
                file = await client.files.create(file=(part.path.name, lines), purpose="batch")
            # Not sent again by the client: where its answer was lost there would be two batches, both paid for.
            batch = await client.with_options(max_retries=0).batches.create(
                input_file_id=file.id, endpoint=ENDPOINT, completion_window="24h", metadata={_KEY: key}
            )
        return BatchPart(batch=batch.id, model=part.model, subjects=part.subjects)

    async def _results(self, part: BatchPart, batch: openai.types.Batch) -> dict[str, Result]:
        results: dict[str, Result] = {}
        for file in (batch.output_file_id, batch.error_file_id):
            if file:
                results.update(read_results(await self._downloaded_lines(part.model, file), part.model, part.subjects))
        missing = [id_ for id_ in part.subjects if id_ not in results]
        return results | {id_: _unanswered(part.model, batch) for id_ in missing}

    async def _downloaded_lines(self, model: str, file: str) -> list[str]:
        async with self._talking(model) as client:
            return (await client.files.content(file)).text.splitlines()

    @asynccontextmanager
    async def _talking(self, model: str) -> AsyncIterator[openai.AsyncOpenAI]:
        """The client; failures inside the `with` block become our errors. Unlike elsewhere openai's own two retries
        are used."""
        name = model or "batches"
        if self._client is None:
            self._client = connect(self._endpoint, name, retries=2, timeout=_TIMEOUT)
        try:
            yield self._client
        except openai.APIStatusError as error:
            said = error.body if isinstance(error.body, dict) else {}
            failed = failure(
                name,
                error.status_code,
                str(said.get("message") or error.message),
                error.response.headers,
                str(getattr(error, "code", "") or ""),
            )
            raise unreachable(failed, f"{name}: the batch interface does not answer") from error
        except openai.APIConnectionError as error:
            raise ModelUnreachable(f"{name}: the batch interface cannot be reached: {one_line(str(error))}") from error


def _unanswered(model: str, batch: openai.types.Batch) -> ModelError:
    if batch.status == "failed":
        said = "; ".join(e.message or e.code or "" for e in (batch.errors.data if batch.errors else None) or [])
        return ModelRejected(
            f"{model}: the provider did not take the batch {batch.id}: {one_line(said) or 'no reason'}"
        )
    return ModelUnreachable(f"{model}: the batch {batch.id} ({batch.status}) has no answer to this request")
