"""Verdicts on the sample's season by two versions of the rules, side by side, from what evals/measure_history.py printed in each.

python evals/measure_history.py > new.txt      # and in a checkout of the older version > old.txt
python evals/side_by_side.py old.txt new.txt
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path


def main() -> None:
    """Read both, print the table."""
    old, new = (Path(name).read_text(encoding="utf-8") for name in sys.argv[1:3])
    print("| | old | new |\n|---|---|---|")
    for (what, before), (_, after) in zip(facts(old), facts(new), strict=True):
        print(f"| {what} | {before} | {after} |")


def facts(text: str) -> Iterator[tuple[str, str]]:
    """What is set side by side, and what this version says of it."""
    baseline = text.partition("Team gaps")[0]
    counted = [(int(number), state) for number, state in re.findall(r"(\d+) ([a-z ]+?)(?:,|\n)", baseline)]
    states = [(number, state) for number, state in counted if state in _STATES]
    yield (
        f"states named at baseline, of {sum(number for number, _ in states)}",
        str(sum(number for number, state in states if state != "cannot tell")),
    )
    gap = re.search(r"Team gaps.*?\n  (\w+) +(\d+ of \d+ reps)", text)
    yield "first team gap", f"{gap[1]} ({gap[2]})" if gap else "none"
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("| 0.")]
    rose, still = [row for row in rows if float(row[0]) > 0], [row for row in rows if float(row[0]) == 0]
    pairs = sum(int(row[2]) for row in rose)
    yield f"pairs moved in cycle 3, of {pairs} that truly rose", str(sum(int(row[5]) for row in rose))
    reps = sum(int(row[1]) for row in rose)
    ever = f"{sum(int(row[6]) for row in rose)} ({sum(int(row[7]) for row in rose)} of {reps} reps)"
    yield f"pairs ever moved, of {pairs} that truly rose", ever
    others = re.search(r"not coached: (\d+) of (\d+) moved", text)
    yield (
        f"moved, of {sum(int(row[2]) for row in still)} pairs that did not rise and {others[2] if others else '?'} cells not coached",
        f"{sum(int(row[6]) for row in still)} and {others[1] if others else '?'}",
    )
    links = re.findall(r"^\| (\w+) \| [^|]+ \| ([^|]+) \| [\d.]+ \| (\w+) \|", text, re.MULTILINE)
    for verdict in ("association", "none_seen", "cannot_tell"):
        named = [name for name, _, said in links if said == verdict]
        yield (
            f"link with wins: {verdict.replace('_', ' ')}, of {len(links)}",
            f"{len(named)}{f' ({named[0]})' if len(named) == 1 else ''}",
        )
    yield (
        '"none seen" beside an interval that does not rule it out',
        str(sum(said == "none_seen" and not _ruled_out(figure) for _, figure, said in links)),
    )
    behind = re.findall(
        r"^  [A-Z][^:\n]+: .*about ([\d.]+) wins are missing|^  [A-Z][^:\n]+: .*wins missing", text, re.MULTILINE
    )
    yield "reps named in the funnel", str(len(behind))


_STATES = ("consistently present", "consistently absent", "variable", "cannot tell")


def _ruled_out(figure: str) -> bool:
    """Whether the odds ratio's interval lies within 1/1.2 and 1.2."""
    ends = re.search(r"\(([\d.]+) to ([\d.]+)", figure)
    return bool(ends) and float(ends[1]) >= 1 / 1.2 - 0.005 and float(ends[2]) <= 1.2  # type: ignore[index]


if __name__ == "__main__":
    main()
