"""Makes a suite from files that somebody uploads: scored calls with their transcripts. They are stored beside the
suite."""

import re
import shutil
from collections.abc import Sequence
from typing import BinaryIO

from agent.app.verb import Who, verb
from agent.core.errors import CloseReadError, Conflict, InputError
from agent.evals.lists import archive
from agent.evals.suite import Suite
from agent.evals.suite_files import Split
from agent.evals.writing import file_name, suite_from_csv
from agent.rubrics.file import write_rubric
from agent.rubrics.in_use import rubric_in_use

SUITE_NAME = r"^[a-z0-9][a-z0-9_-]{0,59}$"
Brought = tuple[str, BinaryIO]
"""A file as it was sent: its name, and where to read it."""


@verb("ops_lead", audit="suite_made", subject=lambda suite: suite.name, facts=lambda suite: {"cases": len(suite.cases)})
def bring_suite(
    who: Who, name: str, scores: Brought, manifest: Brought, transcripts: Sequence[Brought], rubric: str, split: Split
) -> Suite:
    """Make a suite of calls that people scored by hand. `rubric` names a stored one; empty means the one in use.

    Conflict if a suite has that name, InputError and ImportProblem if a file does not fit; then nothing is stored.
    """
    if not re.fullmatch(SUITE_NAME, name):
        raise InputError("name the suite with small letters, digits, dashes and underscores, such as own-2026")
    if not transcripts:
        raise InputError("choose the transcripts of the calls that are scored")
    chosen = rubric_in_use(who.space.store, rubric)
    folder = archive(who.space, writing=True).suites / name
    if folder.exists():
        raise Conflict(f"there is a suite {name!r} already; choose another name")
    brought = folder / "brought"
    try:
        (brought / "calls").mkdir(parents=True)
        for sent, file in ((scores, "scores.csv"), (manifest, "manifest.csv")):
            with (brought / file).open("wb") as written:
                shutil.copyfileobj(sent[1], written)
        for at, content in transcripts:
            with (brought / "calls" / file_name(at)).open("wb") as written:
                shutil.copyfileobj(content, written)
        (brought / "rubric.yaml").write_text(write_rubric(chosen, "yaml"), encoding="utf-8")
        paths = (brought / "scores.csv", brought / "calls", brought / "manifest.csv", brought / "rubric.yaml")
        with paths[0].open(encoding="utf-8-sig", errors="replace") as read:
            columns = {"quotes": "quotes"} if "quotes" in read.readline().strip().split(",") else {}
        return suite_from_csv(folder, *paths, columns, None, split)
    except (CloseReadError, OSError):
        shutil.rmtree(folder, ignore_errors=True)  # what cannot be run is not left to be named
        raise
