"""Libraries of vendors that take long to load are loaded at the first request, never at the start."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
import agent.llm.batch_replies, agent.llm.batches, agent.llm.budget, agent.llm.fallback
import agent.llm.gateway, agent.llm.ledger, agent.llm.probe, agent.llm.recording, agent.llm.tokens
from agent.llm.gateway import Gateway
from agent.llm.prices import Prices
Gateway()
assert Prices().of("openai/gpt-4.1-mini") is not None
print(sorted({"openai", "litellm", "instructor.core", "httpx", "aiohttp"} & set(sys.modules)))
"""


def test_importing_the_gateway_imports_no_vendor() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
