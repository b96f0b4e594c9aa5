"""What placeholders for names do to ratings: twenty calls of the sample read with them, beside what reading the same calls
a second time without them changes. From recordings; other people gave the replies with placeholders than those without.

    PYTHONPATH=. python evals/security/measure_placeholder_ratings.py
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from agent.app.verb import Who
from agent.core.people import Scope
from agent.core.statistic import Estimate
from agent.evals.loading import read_suite
from agent.evals.running import Plan, run_suite
from agent.ratings.model import Failed, Rated
from agent.settings import Settings
from agent.stats.intervals import clopper_pearson
from agent.uploads.reading import Brought, check
from agent.uploads.verbs import bring_in
from agent.workspace import Workspace

EVALS = Path(__file__).parents[1]
SECRET = "measured-measured-measured-measured-measured"  # the recorded placeholders were made with it
NUMBERS = (1, 3, 5, 7, 8, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31, 33, 35, 38)

UNANSWERED = {"dev-call-19"}
"""With placeholders one quote was too short, and nobody answered what was asked again: that call is left out."""

Levels = dict[tuple[str, str], str]
"""What was given, by call and criterion: a level, or why there is none."""


@dataclass(frozen=True)
class Readings:
    """The first reading, a second one, and one with placeholders."""

    first: Levels
    again: Levels
    hidden: Levels

    def changed(self, other: Levels) -> list[tuple[str, str, str, str]]:
        """Where another reading differs from the first: call, criterion, before, after."""
        return [(*key, self.first[key], other[key]) for key in self.both if self.first[key] != other[key]]

    @property
    def both(self) -> list[tuple[str, str]]:
        """Calls and criteria that all three readings have."""
        return sorted(self.first.keys() & self.again.keys() & self.hidden.keys())


def measured() -> Readings:
    """All three, from recordings."""
    with tempfile.TemporaryDirectory() as folder:
        plain = asyncio.run(_read(Path(folder) / "plain", "ledgerline", 2))
        hidden = asyncio.run(_read(Path(folder) / "hidden", "placeholders", 1))
    return Readings(plain[0], plain[1], hidden[0])


async def _read(folder: Path, recordings: str, draws: int) -> list[Levels]:
    settings = Settings(
        folder,
        f"sqlite:///{folder / 'c.db'}",
        {"CLOSEREAD_MODEL": "openai/relay"},
        replay=EVALS / "recordings" / recordings,
    )
    space = Workspace(settings)
    if recordings == "placeholders":
        _with_names(folder, space)
    suite = read_suite(EVALS / "ledgerline")
    cases = tuple(case for case in suite.cases if case.id in {f"dev-call-{number:02}" for number in NUMBERS})
    async with space.roles("rater") as roles:
        run = await run_suite(Plan(suite, cases, roles["rater"], space.prompt("rate_call@1"), draws), 16, lambda: None)
    if left := run.unanswered.keys() - UNANSWERED:
        raise SystemExit(f"not recorded: {run.unanswered[min(left)]}")
    space.store.close()
    return [
        {(a.case, a.criterion): _level(a.judgement) for a in run.answers if a.draw == draw} for draw in range(draws)
    ]


def _with_names(folder: Path, space: Workspace) -> None:
    """The names that placeholders stand for are those of the workspace: the sample's."""
    (folder / "config").mkdir(parents=True)
    (folder / "config" / "privacy.yaml").write_text("pseudonyms: on\n", encoding="utf-8")
    (folder / "secret-key").write_text(f"{SECRET}\n", encoding="utf-8")
    who = Who(space, Scope(name="", local=True), as_name="the measurement")
    for kind in ("interview", "call"):
        files = EVALS.parent / "sample" / "ledgerline" / f"{kind}s"
        table = files / f"{kind}s.csv"
        brought = Brought(kind=kind, name=table.name, table=table, shelf=files)
        bring_in(who, check(space, brought))


def _level(judgement: object) -> str:
    if isinstance(judgement, Rated):
        return str(judgement.value)
    return "failed" if isinstance(judgement, Failed) else "does not apply"


def lines(found: Readings) -> Iterator[str]:
    """The report."""
    for name, other in (("read again", found.again), ("with placeholders", found.hidden)):
        changed, of = found.changed(other), len(found.both)
        share = clopper_pearson(len(changed), of)
        assert isinstance(share, Estimate)
        failed = sum(other[key] == "failed" for key in found.both)
        yield f"{name}: {len(changed)} of {of} ratings differ, {share.value:.3f} ({share.low:.3f} to {share.high:.3f}); failed: {failed}"
        yield from (f"  {call}, {criterion}: {was} -> {now}" for call, criterion, was, now in changed)


def main() -> None:
    """Print the report."""
    print(*lines(measured()), sep="\n")


if __name__ == "__main__":
    main()
