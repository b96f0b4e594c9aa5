"""A provider on loopback that does what a script tells it: good replies, errors, hangs, resets, half a body.

Speaks OpenAI's chat completions (`/v1/chat/completions`) and Anthropic's messages (`/v1/messages`). Each request takes
the next step of the script; the last step repeats. Run by itself it is the server of evals/bench/gateway.py:

    python tests/llm/stub.py --port 8123 --mean 2 --sigma 0.4
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import random
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Step = Callable[[web.Request], Awaitable[web.StreamResponse]]

_LONG = 6_000  # bytes of a request
_ANTHROPIC_STOP = {"stop": "end_turn", "length": "max_tokens", "content_filter": "refusal"}


def chat(text: str | None, finish: str, refusal: str | None) -> dict[str, Any]:
    """The body of a chat completion."""
    message = {"role": "assistant", "content": text, "refusal": refusal}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "stub-1",
        "choices": [{"index": 0, "message": message, "finish_reason": finish}],
        "usage": {
            "prompt_tokens": 100,
            "completion_tokens": 10,
            "total_tokens": 110,
            "prompt_tokens_details": {"cached_tokens": 64},
        },
    }


def _anthropic(text: str | None, finish: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "stub-1",
        "content": [{"type": "text", "text": text}] if text else [],
        "stop_reason": _ANTHROPIC_STOP[finish],
        "stop_sequence": None,
        "usage": {"input_tokens": 36, "output_tokens": 10, "cache_read_input_tokens": 64},
    }


def says(
    text: str | None, finish: str = "stop", refusal: str | None = None, headers: dict[str, str] | None = None
) -> Step:
    """A reply of `text`."""

    async def step(request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/messages"):
            return web.json_response(_anthropic(text, finish), headers=headers)
        body = chat(text, finish, refusal)
        if (sent := len(await request.read())) > _LONG:  # counted too low, it would be taken for cut
            body["usage"]["prompt_tokens"] = sent // 4
        return web.json_response(body, headers=headers)

    return step


def no_choices() -> Step:
    """A completion without choices."""

    async def step(request: web.Request) -> web.StreamResponse:
        return web.json_response({**chat("", "stop", None), "choices": []})

    return step


def status(number: int, message: str = "no", *, headers: dict[str, str] | None = None, **error: str) -> Step:
    """An error answer; `error` adds fields such as `code` and `param`."""

    async def step(request: web.Request) -> web.StreamResponse:
        kind = "rate_limit_error" if number == 429 else "api_error"
        body = {"type": "error", "error": {"type": kind, "message": message, **error}}
        return web.json_response(body, status=number, headers=headers)

    return step


def page(text: str) -> Step:
    """A 200 that is no completion, as a proxy's error page is."""

    async def step(request: web.Request) -> web.StreamResponse:
        return web.Response(text=text, content_type="text/html")

    return step


def page_json(body: dict[str, Any]) -> Step:
    """A 200 with any JSON."""

    async def step(request: web.Request) -> web.StreamResponse:
        return web.json_response(body)

    return step


def trickles(pause: float = 0.05, times: int = 40) -> Step:
    """A 200 whose body comes a byte at a time, for seconds."""

    async def step(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(times):
            await response.write(b" ")
            await asyncio.sleep(pause)
        return response

    return step


def hangs(seconds: float = 30.0) -> Step:
    """Takes the request and says nothing."""

    async def step(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(seconds)
        raise web.HTTPGatewayTimeout

    return step


def resets() -> Step:
    """Closes the connection without an answer."""

    async def step(request: web.Request) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    return step


def half_a_body(text: str) -> Step:
    """Announces a whole reply, sends half of it and closes."""

    async def step(request: web.Request) -> web.StreamResponse:
        whole = json.dumps(chat(text, "stop", None)).encode()
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(whole))})
        await response.prepare(request)
        await response.write(whole[: len(whole) // 2])
        assert request.transport is not None
        request.transport.close()
        return response

    return step


class Stub:
    """The server. `bodies` holds what was sent to it, `raw` the same as bytes, in order of arrival."""

    def __init__(self, *script: Step) -> None:
        self._script = list(script)
        self.raw: list[bytes] = []
        self.authorizations: list[str | None] = []
        self._runner: web.AppRunner | None = None
        self.base = ""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [json.loads(raw) for raw in self.raw]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.raw.append(await request.read())
        self.authorizations.append(request.headers.get("Authorization"))
        step = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return await step(request)

    async def start(self, port: int = 0) -> Stub:
        app = web.Application(client_max_size=10**8)
        app.router.add_post("/v1/chat/completions", self._answer)
        app.router.add_post("/v1/messages", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, backlog=1024)
        await site.start()
        taken = self._runner.addresses[0][1]
        self.base = f"http://127.0.0.1:{taken}"
        return self

    async def stop(self) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def __aenter__(self) -> Stub:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()


def after(latency: Callable[[], float], step: Step) -> Step:
    """`step`, later."""

    async def delayed(request: web.Request) -> web.StreamResponse:
        await asyncio.sleep(latency())
        return await step(request)

    return delayed


def lognormal(mean: float, sigma: float, seed: int) -> Callable[[], float]:
    """Latencies around `mean` seconds, log-normal with `sigma`; `sigma` 0 gives `mean` each time."""
    draw = random.Random(seed)
    centre = math.log(mean) - sigma**2 / 2
    return lambda: draw.lognormvariate(centre, sigma)


async def _serve(port: int, latency: Callable[[], float], text: str) -> None:
    server = await Stub(after(latency, says(text))).start(port)
    print(server.base, flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--mean", type=float, default=2.0)
    parser.add_argument("--sigma", type=float, default=0.4)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--reply", default='{"level":1,"reason":"asked"}')
    given = parser.parse_args()
    asyncio.run(_serve(given.port, lognormal(given.mean, given.sigma, given.seed), given.reply))
