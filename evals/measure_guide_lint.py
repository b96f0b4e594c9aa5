"""Precision and recall of the interview-guide rules on labelled questions: python evals/measure_guide_lint.py.

`--public` takes the questions adapted from published interview guides (evals/guide_lint/public.csv) instead of our own,
`--language de` those in German (fr: French, es: Spanish; evals/guide_lint/other_languages.csv).

The rules were written looking at the half `dev` only; the half `test` is what is reported. A label is one question with
one rule. `--split dev` shows the other half, `--errors` the labels that were missed or wrongly given. `--model` adds what
the model found beyond the rules, from the replies recorded for `test` (evals/recordings/guide).
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from agent.core.statistic import Estimate
from agent.guides.model import GUIDE_RULES
from agent.guides.other_wording import LANGUAGES
from agent.guides.rules import broken
from agent.guides.verbs import findings_with_model
from agent.settings import Settings
from agent.stats.intervals import wilson
from agent.workspace import Workspace

QUESTIONS = Path(__file__).parent / "guide_lint" / "questions.csv"
PUBLIC = Path(__file__).parent / "guide_lint" / "public.csv"
OTHERS = Path(__file__).parent / "guide_lint" / "other_languages.csv"
RECORDINGS = Path(__file__).parent / "recordings" / "guide"


@dataclass
class Count:
    """Questions by whether they carry a label and whether the rules gave it."""

    hit: list[str] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def read(split: str, file: Path = QUESTIONS, language: str = "") -> list[tuple[str, frozenset[str]]]:
    """Questions of one half, in that language where the file holds several, with their labels."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["split"] == split and row.get("language", "") == language]
    return [(row["question"], frozenset(filter(None, row["rules"].split(";")))) for row in rows]


async def with_model(questions: list[str], folder: Path) -> list[frozenset[str]]:
    """For each question the rules it breaks by the rules or by the model, as recorded."""
    url = f"sqlite:///{folder / 'c.db'}"
    space = Workspace(Settings(folder, url, {"CLOSEREAD_MODEL": "openai/relay"}, replay=RECORDINGS))
    async with space.roles("drafter") as roles:
        found = await findings_with_model(questions, roles["drafter"], space.prompt("guide_lint"))
    return [frozenset(finding.rule for finding in each) for each in found]


def count(questions: list[tuple[str, frozenset[str]]], broken_rules: list[frozenset[str]]) -> dict[str, Count]:
    """Counts by rule and over all rules; `any finding` is about questions with at least one label."""
    counts = {name: Count() for name in (*GUIDE_RULES, "all rules", "any finding")}
    for (question, labels), found in zip(questions, broken_rules, strict=True):
        for name, wanted, given in [
            *((rule, rule in labels, rule in found) for rule in GUIDE_RULES),
            ("any finding", bool(labels), bool(found)),
        ]:
            names = (name, "all rules") if name in GUIDE_RULES else (name,)
            for row in names:
                if wanted and given:
                    counts[row].hit.append(question)
                elif wanted:
                    counts[row].missed.append(question)
                elif given:
                    counts[row].wrong.append(question)
    return counts


def shown(good: int, of: int) -> str:
    """A share with its 95 % Wilson interval."""
    found = wilson(good, of)
    if not isinstance(found, Estimate) or found.low is None or found.high is None:
        return "none"
    return f"{found.value:.2f} ({good} of {of}; {found.low:.2f} to {found.high:.2f})"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--split", choices=("dev", "test", "later"), default="test")
    parser.add_argument("--public", action="store_true")
    parser.add_argument("--language", choices=LANGUAGES, default="")
    parser.add_argument("--errors", action="store_true")
    parser.add_argument("--model", action="store_true")
    given = parser.parse_args()
    file = OTHERS if given.language else PUBLIC if given.public else QUESTIONS
    questions = read(given.split, file, given.language)
    clean = sum(not labels for _, labels in questions)
    print(f"{given.split}: n = {len(questions)} questions, {clean} of them without a label\n")
    print("| rule | questions with the label | precision | recall |\n| --- | ---: | --- | --- |")
    if given.model:
        with tempfile.TemporaryDirectory() as folder:
            found = asyncio.run(with_model([question for question, _ in questions], Path(folder)))
    else:
        found = [frozenset(broken(question, given.language or "en")) for question, _ in questions]
    counts = count(questions, found)
    for name, c in counts.items():
        hit, missed, wrong = len(c.hit), len(c.missed), len(c.wrong)
        print(f"| {name} | {hit + missed} | {shown(hit, hit + wrong)} | {shown(hit, hit + missed)} |")
    if given.errors:
        for name, c in counts.items():
            if name == "all rules":
                continue  # they stand under their rules
            for what, listed in (("missed", c.missed), ("wrong", c.wrong)):
                for question in listed:
                    print(f"{what} {name}: {question}")


if __name__ == "__main__":
    main()
