"""Measure what the installed parts of Closeread take on the disk, and write the table of install.md.

python docs/operations/measure_install.py

Sizes are those of the files that each package says are its own, in whole blocks, without compiled bytecode.
"""

import re
import sys
from importlib.metadata import PackageNotFoundError, distribution, requires
from pathlib import Path

from packaging.requirements import Requirement

PAGE = Path(__file__).with_name("install.md")
BLOCK = 4096
SMALL = 8_000_000


def closure(name: str, extras: frozenset[str] = frozenset()) -> set[str]:
    """A package and everything that it needs, by the markers of this machine."""
    found: set[str] = set()
    left = [(name, extras)]
    seen: set[tuple[str, frozenset[str]]] = set()
    while left:
        one = left.pop()
        if one in seen:
            continue
        seen.add(one)
        package, asked = one
        try:
            needed = requires(package) or []
        except PackageNotFoundError:
            continue
        found.add(re.sub(r"[-_.]+", "-", package).lower())
        for text in needed:
            requirement = Requirement(text)
            marker = requirement.marker
            if marker is None or any(marker.evaluate({"extra": extra}) for extra in ("", *asked)):
                left.append((requirement.name, frozenset(requirement.extras)))
    return found


def size(package: str) -> int:
    """Bytes on the disk."""
    files = [Path(str(file.locate())) for file in distribution(package).files or ()]
    kept = [file for file in files if file.is_file() and file.suffix != ".pyc"]
    return sum(-(-file.stat().st_size // BLOCK) * BLOCK for file in kept)


def main() -> None:
    """Measure, and write."""
    default = closure("closeread")
    sizes = {package: size(package) for package in default}
    rows = [
        f"| {name} | {taken / 1e6:.0f} |"
        for name, taken in sorted(sizes.items(), key=lambda s: -s[1])
        if taken >= SMALL
    ]
    rest = [taken for taken in sizes.values() if taken < SMALL]
    rows += [f"| {len(rest)} others | {sum(rest) / 1e6:.0f} |", f"| **all** | **{sum(sizes.values()) / 1e6:.0f}** |"]
    more = []
    for extra in distribution("closeread").metadata.get_all("Provides-Extra") or ():
        added = closure("closeread", frozenset({extra})) - default
        more.append(f"| `{extra}` | {len(added)} | {sum(map(size, added)) / 1e6:.0f} |")
    version = f"Python {sys.version_info.major}.{sys.version_info.minor}, {sys.platform}, {len(default)} packages"
    text = PAGE.read_text(encoding="utf-8")
    head = text.split("<!-- measured", 1)[0]
    table = "\n".join(
        ["| package | MB |", "|---|---|", *rows, "", "| extra | packages beside | MB |", "|---|---|---|", *more]
    )
    made = f"<!-- measured by docs/operations/measure_install.py -->\n{version}.\n\n{table}\n"
    PAGE.write_text(head + made, encoding="utf-8")
    print(made)


if __name__ == "__main__":
    main()
