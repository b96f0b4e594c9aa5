"""The peers of evals/bench/gateway.py that are installed beside this program: one of them, in a process of its own.

    .venv/bin/python evals/bench/peers/beside.py NAME BASE REQUESTS IN_FLIGHT

Prints its figures as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from evals.bench.peers.asked import REPLY, SYSTEM, Ask, CallRatings, CriterionRating, chat, measure, schema_format


@asynccontextmanager
async def closeread(base: str) -> AsyncIterator[Ask]:
    """This program's gateway."""
    from pydantic import SecretStr

    from agent.llm.gateway import Gateway
    from agent.llm.model import Message, Request
    from agent.llm.wire import Endpoint

    async with Gateway(Endpoint(api_base=base, api_key=SecretStr("test"))) as gateway:

        async def ask(text: str, subject: str) -> CallRatings:
            messages = tuple(Message.model_validate(m) for m in chat(text))
            return (await gateway.ask(Request(messages, CallRatings, "openai/stub-1", subject=subject))).value

        yield ask


@asynccontextmanager
async def bare_aiohttp(base: str) -> AsyncIterator[Ask]:
    """The floor: a pooled session, the schema built once, pydantic."""
    import aiohttp

    reply_format = schema_format()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(text: str, subject: str) -> CallRatings:
            body = {"model": "stub-1", "messages": chat(text), "response_format": reply_format}
            async with session.post(f"{base}/chat/completions", json=body) as response:
                content = json.loads(await response.read())["choices"][0]["message"]["content"]
            return CallRatings.model_validate_json(content)

        yield ask


def openai_client(base: str) -> Any:
    """openai's client over aiohttp, as the gateway uses it."""
    import openai

    return openai.AsyncOpenAI(
        api_key="test", base_url=base, max_retries=0, http_client=openai.DefaultAioHttpClient(timeout=60)
    )


@asynccontextmanager
async def openai_create(base: str) -> AsyncIterator[Ask]:
    """openai's `.create` with a schema built once."""
    reply_format: Any = schema_format()
    async with openai_client(base) as client:

        async def ask(text: str, subject: str) -> CallRatings:
            reply = await client.chat.completions.create(
                model="stub-1", messages=chat(text), response_format=reply_format
            )
            return CallRatings.model_validate_json(reply.choices[0].message.content)

        yield ask


@asynccontextmanager
async def instructor_openai(base: str) -> AsyncIterator[Ask]:
    """instructor over openai."""
    import instructor

    async with openai_client(base) as client:
        wrapped = instructor.from_openai(client, mode=instructor.Mode.JSON_SCHEMA)

        async def ask(text: str, subject: str) -> CallRatings:
            found: CallRatings = await wrapped.chat.completions.create(
                model="stub-1", messages=chat(text), response_model=CallRatings, max_retries=0
            )
            return found

        yield ask


@asynccontextmanager
async def bare_litellm(base: str) -> AsyncIterator[Ask]:
    """litellm with a schema built once."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import litellm

    reply_format = schema_format()

    async def ask(text: str, subject: str) -> CallRatings:
        reply = await litellm.acompletion(
            model="hosted_vllm/stub-1", api_base=base, api_key="test", messages=chat(text), response_format=reply_format
        )
        return CallRatings.model_validate_json(reply.choices[0].message.content)

    yield ask
    await litellm.close_litellm_async_clients()


@asynccontextmanager
async def closeread_litellm(base: str) -> AsyncIterator[Ask]:
    """This program's gateway on its litellm path."""
    from pydantic import SecretStr

    from agent.llm.gateway import Gateway
    from agent.llm.model import Message, Request
    from agent.llm.wire import Endpoint

    os.environ["HOSTED_VLLM_API_BASE"] = base
    async with Gateway(Endpoint(api_key=SecretStr("test"))) as gateway:

        async def ask(text: str, subject: str) -> CallRatings:
            messages = tuple(Message.model_validate(m) for m in chat(text))
            return (await gateway.ask(Request(messages, CallRatings, "hosted_vllm/stub-1", subject=subject))).value

        yield ask


@asynccontextmanager
async def instructor_litellm(base: str) -> AsyncIterator[Ask]:
    """instructor over litellm."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    import instructor
    import litellm

    wrapped = instructor.from_litellm(litellm.acompletion, mode=instructor.Mode.JSON_SCHEMA)

    async def ask(text: str, subject: str) -> CallRatings:
        found: CallRatings = await wrapped.chat.completions.create(
            model="hosted_vllm/stub-1",
            api_base=base,
            api_key="test",
            messages=chat(text),
            response_model=CallRatings,
            max_retries=0,
        )
        return found

    yield ask
    await litellm.close_litellm_async_clients()


@asynccontextmanager
async def langextract(base: str) -> AsyncIterator[Ask]:
    """langextract over openai: its own prompt with one example, its parsing, quotes located by its aligner.

    It has no schema for the reply and no asyncio: each request takes a thread. The quote of the reply is put into the
    text, as looking for one that is not there would take its aligner many times longer.
    """
    import langextract as lx
    from langextract.providers.openai import OpenAILanguageModel

    quote = json.loads(REPLY)["ratings"][0]["quotes"][0]
    attributes = {"reason": "The rep asks what follows.", "level": "1"}
    found = lx.data.Extraction(extraction_class="cr-0", extraction_text=quote, attributes=attributes)
    example = lx.data.ExampleData(text=quote, extractions=[found])

    model = OpenAILanguageModel("stub-1", api_key="test", base_url=base)

    def extract(text: str) -> CallRatings:
        done: Any = lx.extract(
            text_or_documents=f"{text}\n{quote}",
            prompt_description=SYSTEM,
            examples=[example],
            model=model,
            max_char_buffer=1_000_000,
            show_progress=False,
            use_schema_constraints=False,
        )
        assert all(one.char_interval is not None for one in done.extractions)
        return CallRatings(
            ratings=[
                CriterionRating(
                    criterion=one.extraction_class,
                    quotes=[one.extraction_text],
                    reason=one.attributes["reason"],
                    level=int(one.attributes["level"]),
                )
                for one in done.extractions
            ]
        )

    with ThreadPoolExecutor(512) as threads:

        async def ask(text: str, subject: str) -> CallRatings:
            return await asyncio.get_running_loop().run_in_executor(threads, extract, text)

        yield ask


PEERS = {
    "aiohttp": bare_aiohttp,
    "closeread": closeread,
    "openai-create": openai_create,
    "instructor-openai": instructor_openai,
    "closeread-litellm": closeread_litellm,
    "litellm": bare_litellm,
    "instructor-litellm": instructor_litellm,
    "langextract": langextract,
}


async def main(name: str, base: str, requests: str, in_flight: str) -> None:
    """One peer's figures."""
    async with PEERS[name](base) as ask:
        print(json.dumps(await measure(ask, int(requests), int(in_flight))))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
