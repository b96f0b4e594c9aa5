# /// script
# requires-python = ">=3.11"
# dependencies = ["docetl==0.3.0"]
#
# [tool.uv]
# exclude-newer = "2026-11-24T00:00:00Z"
# ///
"""docetl as a peer of evals/bench/gateway.py: its map operation over a list of transcripts.

    uv run --script evals/bench/peers/docetl_map.py BASE REQUESTS IN_FLIGHT

Its replies are structured output, which it checks against its own schema; here they are read into the reply model too.
It calls litellm in threads and sends a system prompt of its own. Its cache is left out.
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from importlib.util import find_spec
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from evals.bench.peers.asked import SYSTEM, CallRatings, Lap, check, texts

SCHEMA = {"ratings": "list[{criterion: str, quotes: list[str], reason: str, level: int}]"}


def rate(rows: list[str], base: str) -> list[CallRatings]:
    """The ratings of each of `rows`."""
    import docetl

    frame: Any = docetl.from_list([{"text": row} for row in rows]).map(
        prompt=f"{SYSTEM}\n{{{{ input.text }}}}",
        output={"schema": SCHEMA, "mode": "structured_output"},
        model="hosted_vllm/stub-1",
        litellm_completion_kwargs={"api_base": base, "api_key": "test"},
        bypass_cache=True,
    )
    return [CallRatings(ratings=row["ratings"]) for row in frame.collect()]


def packed_encodings() -> str:
    """Where litellm brings the encodings that docetl counts tokens by, which tiktoken would download."""
    found = find_spec("litellm")
    assert found is not None
    assert found.origin is not None
    return str(Path(found.origin).parent / "litellm_core_utils" / "tokenizers")


def measure(base: str, requests: int, in_flight: int) -> dict[str, float]:
    """Its figures."""
    import docetl

    docetl.max_threads = in_flight
    warm_up, asked = texts(requests)
    rate(warm_up, base)
    with Lap() as lap:
        found = rate(asked, base)
    if len(found) != requests:
        raise ValueError(f"{len(found)} rows came back of {requests}")
    for one in found:
        check(one)
    return lap.figures(requests)


def main(base: str, requests: str, in_flight: str) -> None:
    """Its figures as JSON. What it prints by itself, about each step, is left out."""
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"
    os.environ["TIKTOKEN_CACHE_DIR"] = packed_encodings()
    told = io.StringIO()
    with tempfile.TemporaryDirectory() as folder, redirect_stdout(told), redirect_stderr(told):
        os.environ["DOCETL_HOME_DIR"] = folder
        figures = measure(base, int(requests), int(in_flight))
    print(json.dumps(figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
