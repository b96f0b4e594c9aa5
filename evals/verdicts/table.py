"""Every verdict: what it claims, how often it is false, and how often it says the right thing at the method's own sizes.

    python -m evals.verdicts.table [--only movement] [--runs 1.0] [--write]

Exact where a probability can be computed, else simulated with the functions that are in use; n beside each. `--runs` scales
all numbers of runs. `--write` makes the tables of docs/method/verdicts.md anew, or the one that `--only` names; what stands
below them there was written by people and stays. The whole takes about ten minutes on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from evals.verdicts import calibration, deals, links, movement, profiles, reading
from evals.verdicts.rates import Part, table

PAGE = Path(__file__).resolve().parents[2] / "docs/method/verdicts.md"
BY_PEOPLE = "\n## The season of the sample"
PARTS: Mapping[str, Part] = {
    "calibration": calibration.rows,
    "profiles": profiles.rows,
    "movement": movement.rows,
    "links": links.rows,
    "patterns": reading.patterns,
    "funnel": deals.rows,
    "gate of evals": reading.gate,
}
HEAD = """# What every verdict is worth
Made by `python -m evals.verdicts.table --write`; do not edit the tables by hand. Each figure says how often the verdict is
given: "false" where it is not so; "small" and "large" where it is so by a little and by much, at the sample sizes the method
asks for. "Exact" where the probability is computed, else simulated with the functions in use, n runs. "At most" and "at
least" are what is claimed; tests/evals/test_verdict_rates.py holds it on fewer runs. What each rule needs, and why it is as it
is, stands in the docstring of its module (last column).
"""


def main() -> None:
    """Parse the command line, make the rows, print or write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help=f"one of {', '.join(PARTS)}")
    parser.add_argument("--runs", type=float, default=1.0)
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.name}")
    options = parser.parse_args()
    made = {name: table(make(options.runs)) for name, make in PARTS.items() if options.only in ("", name)}
    if options.write:
        tables, by_people = split(PAGE.read_text(encoding="utf-8"))
        PAGE.write_text(page(tables | made) + by_people, encoding="utf-8")
    else:
        print(page(made))


def page(tables: Mapping[str, list[str]]) -> str:
    """The head, then the tables in the order of `PARTS`."""
    parts = [f"\n## {name.capitalize()}\n" + "\n".join(tables[name]) for name in PARTS if name in tables]
    return HEAD + "\n".join(parts) + "\n"


def split(text: str) -> tuple[dict[str, list[str]], str]:
    """The tables of a page as written before, by part, and what people wrote below them."""
    generated, found, by_people = text.partition(BY_PEOPLE)
    tables = {
        name: [
            line
            for line in generated.partition(f"## {name.capitalize()}\n")[2].partition("\n## ")[0].splitlines()
            if line
        ]
        for name in PARTS
    }
    return {name: lines for name, lines in tables.items() if lines}, found + by_people


if __name__ == "__main__":
    main()
