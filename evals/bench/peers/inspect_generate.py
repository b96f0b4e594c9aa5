# /// script
# requires-python = ">=3.11"
# dependencies = ["inspect-ai==0.3.285", "openai"]
#
# [tool.uv]
# exclude-newer = "2026-11-24T00:00:00Z"
# ///
"""inspect_ai as a peer of evals/bench/gateway.py: a model's `generate` with a schema for the reply.

    uv run --script evals/bench/peers/inspect_generate.py BASE REQUESTS IN_FLIGHT

Outside of an evaluation: no log is written. The schema is made once; the reply is read into the reply model by pydantic.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from evals.bench.peers.asked import SYSTEM, CallRatings, measure


async def main(base: str, requests: str, in_flight: str) -> None:
    """Its figures as JSON."""
    from inspect_ai.model import ChatMessageSystem, ChatMessageUser, GenerateConfig, ResponseSchema, get_model
    from inspect_ai.util import json_schema

    schema = ResponseSchema(name="CallRatings", json_schema=json_schema(CallRatings), strict=True)
    config = GenerateConfig(response_schema=schema, max_connections=int(in_flight), max_retries=0)
    model = get_model("openai-api/stub/stub-1", base_url=base, api_key="test", config=config)

    async def ask(text: str, _: str) -> CallRatings:
        reply = await model.generate([ChatMessageSystem(content=SYSTEM), ChatMessageUser(content=text)])
        return CallRatings.model_validate_json(reply.completion)

    print(json.dumps(await measure(ask, int(requests), int(in_flight))))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
