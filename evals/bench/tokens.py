"""Input tokens of a scored call as a ratio to the tokens of its transcript, and what a prefix cache can keep of them.

    .venv/bin/python evals/bench/tokens.py

The sample's seven criteria, one request a call, counted with the encoding of `--model` (tiktoken, exact but for what a
provider adds around a schema; agent/llm/tokens.py). The transcript's tokens are those of its numbered lines as the
request holds them. The sample's calls are short; longer ones are made by going through turns of all of them, each once,
so that nothing repeats before 24,000 words. 150 words are taken for a minute.

The order is: system prompt, transcript, speakers, criteria. `prefix` is the share of the input that a second request on
the same call repeats from its first token on after the rubric has changed: system prompt and transcript.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agent.calls.model import Call  # noqa: E402
from agent.core.transcript import Transcript, Turn  # noqa: E402
from agent.llm.prompts import PromptLibrary  # noqa: E402
from agent.llm.roles import Role  # noqa: E402
from agent.llm.tokens import count_request, encoding_of  # noqa: E402
from agent.rubrics.file import read_rubric  # noqa: E402
from agent.rubrics.model import Rubric  # noqa: E402
from agent.scoring.rating import rating_request  # noqa: E402
from agent.text.rendering import numbered  # noqa: E402
from evals.bench.numbered import SAMPLE, sample_calls  # noqa: E402

WORDS_A_MINUTE = 150
BOUND = 1.15


def of_words(calls: list[Call], words: int) -> Call:
    """A call of about so many words, made of turns of the sample's calls in order."""
    turns: list[Turn] = []
    said = 0
    while said < words:
        for call in calls:
            for turn in call.transcript.turns:
                if said >= words:
                    break
                turns.append(turn.model_copy(update={"index": len(turns)}))
                said += len(turn.text.split())
    names = {turn.speaker for turn in turns}
    roles = {name: part for call in calls for name, part in call.transcript.roles.items() if name in names}
    # Two speakers, as a call has: a line of sixty names would be counted as the prompt's.
    parts = {"rep": "Rae Whitford", "customer": "Ines Duarte"}
    told = [parts.get(roles.get(turn.speaker, ""), "Ines Duarte") for turn in turns]
    renamed = tuple(turn.model_copy(update={"speaker": name}) for turn, name in zip(turns, told, strict=True))
    transcript = Transcript(turns=renamed, roles={"Rae Whitford": "rep", "Ines Duarte": "customer"})
    return calls[0].model_copy(update={"id": f"made-{words}", "transcript": transcript})


class Counter:
    """Counts requests with one prompt, rubric and model."""

    def __init__(self, model: str, rubric: Rubric, prompt: str) -> None:
        import tiktoken

        from agent.llm import tokens

        self.name = encoding_of(model)
        if not self.name:
            raise SystemExit(f"the encoding of {model} is not at hand")
        self._encoding: tiktoken.Encoding = tokens._encoding(self.name)
        self.role = Role("rater", model, None)  # type: ignore[arg-type]
        self.prompt = PromptLibrary(ROOT / "prompts").get(prompt)
        self.rubric = rubric

    def text(self, text: str) -> int:
        """Tokens of a text."""
        return len(self._encoding.encode_ordinary(text))

    def call(self, call: Call) -> tuple[int, int, int]:
        """Tokens of a call's transcript, of its whole request, and of the part that a changed rubric leaves alone."""
        request = rating_request(call, self.rubric, self.role, self.prompt)
        transcript = numbered(call.transcript.turns)
        system = request.messages[0].content
        said = self.text(transcript)
        return said, count_request(request).tokens, self.text(system) + said


def main() -> int:
    """Print the table; 1 where a call of an hour passes the bound."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="openai/gpt-4.1-mini")
    parser.add_argument("--prompt", default="rate_call", help="name, or name@version")
    given = parser.parse_args()
    counter = Counter(given.model, read_rubric(SAMPLE / "rubric.yaml", "bench"), given.prompt)
    calls = sample_calls()
    found = [counter.call(call) for call in calls]
    own = tuple(sum(column) for column in zip(*found, strict=True))
    mean = sum(len(t.text.split()) for call in calls for t in call.transcript.turns) / len(calls)
    rows = [(f"the sample's, mean of {len(calls)}", own, mean, len(calls))]
    for words in (2_250, 4_500, 7_500, 9_000, 12_000):
        rows.append((f"{words / WORDS_A_MINUTE:.0f} minutes", counter.call(of_words(calls, words)), words, 1))
    print(f"{counter.prompt.id}, {len(counter.rubric.criteria)} criteria, {counter.name}\n")
    print(
        "| call | words | transcript | request | ratio | beside the transcript | prefix |\n|---|---:|---:|---:|---:|---:|---:|"
    )
    for name, (said, whole, prefix), words, number in rows:
        cells = [name, f"{words:,.0f}", f"{said / number:,.0f}", f"{whole / number:,.0f}", f"{whole / said:.2f}"]
        print(f"| {' | '.join([*cells, f'{(whole - said) / number:,.0f}', f'{prefix / whole:.0%}'])} |")
    said, whole, _ = rows[-3][1]
    fixed = whole - said
    needed = fixed / (BOUND - 1)
    per_word = said / 7_500
    print(f"\n{BOUND} is reached from {needed:,.0f} transcript tokens on: {needed / per_word:,.0f} words, ", end="")
    print(f"{needed / per_word / WORDS_A_MINUTE:.0f} minutes.")
    return 0 if rows[-2][1][1] / rows[-2][1][0] <= BOUND else 1


if __name__ == "__main__":
    sys.exit(main())
