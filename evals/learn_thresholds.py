"""From how many occurrences on a behavior is shown in a call: the number with the fewest errors on split dev, then held
against split test, which had no part in it.

    python evals/learn_thresholds.py WORKSPACE/evals/runs/RUN.json

RUN is a run of a suite of counted criteria (`closeread eval run annomi-counts`). Of equal numbers the smallest is taken.
*Left out*: each conversation of dev judged by the number learned from the others.
"""

import json
import sys
from collections.abc import Collection, Mapping
from pathlib import Path

Counts = Mapping[str, tuple[int, bool]]  # by case: turns found, and whether the reference says that it is shown
MOST = 8  # a call is rarely asked to show a behavior more often


def read(path: Path) -> tuple[dict[str, dict[str, tuple[int, bool]]], set[str]]:
    """By criterion and case: in how many turns the behavior was located, and whether the reference says that it is
    shown; and the cases of split test."""
    run = json.loads(path.read_text())["run"]
    label = {(one["case"], one["criterion"]): bool(one["value"]) for one in run["references"]}
    found: dict[str, dict[str, tuple[int, bool]]] = {one["id"]: {} for one in run["criteria"]}
    for answer in run["answers"]:
        judgement, key = answer["judgement"], (answer["case"], answer["criterion"])
        if judgement["status"] == "rated" and key in label:
            turns = {quote["span"]["turn"] for quote in judgement["quotes"]}
            found[answer["criterion"]][answer["case"]] = len(turns), label[key]
    return found, set(run["test_cases"])


def errors(least: int, counts: Counts, cases: Collection[str]) -> int:
    """How many of the cases are not right if `least` occurrences show the behavior."""
    return sum((counts[case][0] >= least) != counts[case][1] for case in cases)


def learned(counts: Counts, cases: Collection[str]) -> int:
    """The threshold with the fewest errors on these cases, the smallest of equal ones."""
    return min(range(1, MOST + 1), key=lambda least: (errors(least, counts, cases), least))


def main() -> None:
    """Print the table."""
    found, test = read(Path(sys.argv[1]))
    total = [0] * 7
    print(
        "| criterion | at least | dev at 1 | dev at it | left out | test at 1 | test at it |\n|---|---|---|---|---|---|---|"
    )
    for criterion, counts in found.items():
        dev, held = [c for c in counts if c not in test], [c for c in counts if c in test]
        least = learned(counts, dev)
        out = sum(errors(learned(counts, [other for other in dev if other != case]), counts, [case]) for case in dev)
        row = [errors(1, counts, dev), errors(least, counts, dev), out]
        row += [errors(1, counts, held), errors(least, counts, held)]
        total = [a + b for a, b in zip(total, [*row, len(dev), len(held)], strict=True)]
        shown = [f"{wrong} of {len(held) if at > 2 else len(dev)}" for at, wrong in enumerate(row)]
        print(f"| {criterion} | {least} | {' | '.join(shown)} |")
    shown = [f"{wrong} of {total[6] if at > 2 else total[5]}" for at, wrong in enumerate(total[:5])]
    print(f"| all | | {' | '.join(shown)} |")


if __name__ == "__main__":
    main()
