"""Requests and tokens of the recorded sample, by prompt, and what they would cost with a few models.

    python evals/what_it_takes.py [--models openai/gpt-4.1,openai/gpt-4.1-mini]

Tokens are the recordings' estimates (characters / 4); prices are those of the installed litellm's table.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.llm.prices import Prices
from agent.llm.recording import read_recordings
from agent.llm.spending import Usage

RECORDINGS = Path(__file__).parent / "recordings" / "demo"
MODELS = "openai/gpt-4.1,openai/gpt-4.1-mini,anthropic/claude-sonnet-4-5"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", default=MODELS)
    models = parser.parse_args().models.split(",")
    print("| prompt | requests | input tokens | output tokens |" + "".join(f" {m} |" for m in models))
    print("|---|---:|---:|---:|" + "---:|" * len(models))
    total, requests = Usage(), 0
    for path in sorted(RECORDINGS.glob("*.jsonl")):
        found = read_recordings(path)
        spent = sum((r.usage for r in found), Usage())
        total, requests = total + spent, requests + len(found)
        print(_row(path.stem, len(found), spent, models))
    print(_row("in all", requests, total, models))


def _row(name: str, requests: int, spent: Usage, models: list[str]) -> str:
    costs = [Prices().cost(model, spent) for model in models]
    shown = "".join(" unknown |" if usd is None else f" ${usd:.2f} |" for usd in costs)
    return f"| {name} | {requests} | {spent.input_tokens:,} | {spent.output_tokens:,} |{shown}"


if __name__ == "__main__":
    main()
