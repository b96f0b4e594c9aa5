"""Runs the benchmarks of evals/bench/README.md: all, or those named.

    .venv/bin/python evals/bench/run.py [gateway quotes …]

The table there is the list: its commands are what is run. Stops at the first that misses its bound.
"""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"^\| (?P<name>[a-z0-9-]+) \| `(?P<command>evals/bench/[^`]+)` \|", re.MULTILINE)


def listed() -> dict[str, list[str]]:
    """Command lines by name, in the table's order."""
    table = (ROOT / "evals/bench/README.md").read_text()
    return {row["name"]: shlex.split(row["command"]) for row in _ROW.finditer(table)}


def main() -> int:
    """The exit code of the first that failed, or 0."""
    there = listed()
    names = sys.argv[1:] or list(there)
    if unknown := [name for name in names if name not in there]:
        print(f"there is no benchmark {unknown[0]!r}; there are: {', '.join(there)}", file=sys.stderr)
        return 2
    for name in names:
        print(f"\n## {name}: {shlex.join(there[name])}\n", flush=True)
        begun = time.perf_counter()
        code = subprocess.run([sys.executable, *there[name]], cwd=ROOT, check=False).returncode
        print(f"\n{name} took {time.perf_counter() - begun:.0f} s", flush=True)
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
