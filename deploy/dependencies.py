"""What the program stands on at run time: its licences, and known weaknesses out of a file of advisories.

    python deploy/dependencies.py licences                 # exit 1 where one may not be used, or nothing is said
    python deploy/dependencies.py advisories FILE …        # OSV files (osv.dev, pip-audit); exit 1 where one fits

The packages are those of `uv.lock` without the development groups, with all extras. `make sbom` writes the same as CycloneDX.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ROOT = Path(__file__).parents[1]
_EXPORT = ("export", "--frozen", "--no-default-groups", "--all-extras", "--no-emit-project", "--no-hashes", "--quiet")
_FREE = re.compile(
    r"MIT|BSD|Apache|ISC|PSF|Python Software Foundation|MPL|Mozilla|Unlicense|Zlib|0BSD|CC0|HPND|LGPL|Lesser General Public|"
    r"CNRI|Public Domain",
    re.IGNORECASE,
)
_BARRED = re.compile(r"(?<!L)GPL|(?<!Lesser )General Public License|Affero|SSPL|BUSL|Commons Clause|proprietary", re.I)
# Packages that say nothing in their metadata; what their licence file says.
SAID_ELSEWHERE = {"httpx-aiohttp": "BSD-3-Clause"}


def locked() -> dict[str, str]:
    """Name and version of each package at run time, on this machine and any other."""
    uv = Path(sys.executable).with_name("uv")
    listed = subprocess.run([uv, *_EXPORT], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    found = re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", listed, re.MULTILINE)
    return {canonicalize_name(name): version for name, version in found}


def licence_of(about: metadata.PackageMetadata) -> str:
    """What a package says of its licence."""
    short = [about.get("License-Expression") or "", (about.get("License") or "").strip().partition("\n")[0]]
    classed = [c.rpartition(" :: ")[2] for c in about.get_all("Classifier") or () if c.startswith("License ::")]
    return next((text for text in (short[0], "; ".join(classed), short[1]) if text and text != "UNKNOWN"), "")


def wrong_licences(packages: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each package that may not be used. Those of other systems are not installed here and are left out."""
    for name in sorted(packages):
        try:
            said = SAID_ELSEWHERE.get(name) or licence_of(metadata.metadata(name))
        except metadata.PackageNotFoundError:
            continue
        if not said or not _FREE.search(said):
            yield f"{name}: {said or 'nothing is said'} is no licence that is known here"
        elif _BARRED.search(said) and " OR " not in said:
            yield f"{name}: {said} may not be used at run time"


def fitting(advisories: Iterator[Mapping[str, Any]], packages: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each advisory about a version that is locked."""
    for one in advisories:
        for affected in one.get("affected", ()):
            package = affected.get("package", {})
            name = canonicalize_name(str(package.get("name", "")))
            version = packages.get(name)
            if package.get("ecosystem", "PyPI") == "PyPI" and version and _touches(affected, version):
                yield f"{name} {version}: {one.get('id', 'an advisory')}: {one.get('summary', '')}".rstrip(": ")


def _touches(affected: Mapping[str, Any], version: str) -> bool:
    if version in affected.get("versions", ()):
        return True
    return any(
        _within(held.get("events", ()), Version(version))
        for held in affected.get("ranges", ())
        if held.get("type") == "ECOSYSTEM"
    )


def _within(events: Any, version: Version) -> bool:
    """Whether the last event at or before the version brought the weakness in."""
    inside = False
    for event in events:
        for kind, at in event.items():
            try:
                bound = Version("0" if at == "0" else at)
            except InvalidVersion:
                continue
            if kind == "introduced" and version >= bound:
                inside = True
            elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
                inside = False
    return inside


def read_advisories(path: Path) -> Iterator[Mapping[str, Any]]:
    """The advisories in a file: one, a list, or what OSV's interface answers."""
    data = json.loads(path.read_text(encoding="utf-8"))
    for part in data if isinstance(data, list) else data.get("results", [data]):
        yield from part.get("vulns", [part])


def main(arguments: list[str]) -> int:
    """Print what is wrong; the exit code."""
    packages = locked()
    match arguments:
        case ["licences"]:
            wrong = list(wrong_licences(packages))
        case ["advisories", *files] if files:
            wrong = [said for file in files for said in fitting(read_advisories(Path(file)), packages)]
        case _:
            sys.stderr.write(__doc__ or "")
            return 2
    sys.stdout.write("\n".join([*wrong, f"{len(packages)} packages at run time; {len(wrong)} to look at"]) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
