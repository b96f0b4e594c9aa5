"""Is the second opinion worth a person's time? How many of the model's true errors are on its list, on the sample.

    python evals/second_opinion.py [--suite ledgerline] [--tag eight] [--draws 3] [--recordings FOLDER]

Answered from recordings, so every draw has to be recorded. `on the list` counts ratings on which not all draws agree.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from agent.core.statistic import Estimate, Statistic
from agent.evals.loading import read_suite
from agent.evals.run import Run
from agent.evals.running import Plan, run_suite
from agent.evals.second_opinion import listed
from agent.settings import Settings
from agent.stats.intervals import clopper_pearson
from agent.workspace import Workspace

EVALS = Path(__file__).parent


async def drawn(suite: str, tag: str, draws: int, recordings: Path, folder: Path) -> Run:
    """The suite's run with so many draws."""
    environment = {"CLOSEREAD_MODEL": "openai/relay"}
    space = Workspace(Settings(folder, f"sqlite:///{folder / 'c.db'}", environment, replay=recordings))
    made = read_suite(EVALS / suite)
    prompt = space.prompt(made.file.prompt)
    async with space.roles("rater") as roles:
        return await run_suite(Plan(made, made.chosen(tag=tag), roles["rater"], prompt, draws), 16, lambda: None)


def share(found: Statistic) -> str:
    """A share with its interval."""
    if not isinstance(found, Estimate):
        return f"undefined ({found.undefined})"
    return f"{found.value:.2f} ({found.low:.2f}–{found.high:.2f}), n = {found.n}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", default="ledgerline")
    parser.add_argument("--tag", default="eight")
    parser.add_argument("--draws", type=int, default=3)
    parser.add_argument("--recordings", type=Path, default=EVALS / "recordings" / "ledgerline")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = asyncio.run(drawn(options.suite, options.tag, options.draws, options.recordings, Path(folder)))
    if run.unanswered:
        raise SystemExit(f"not recorded: {next(iter(run.unanswered.values()))}")
    found = listed(run)
    print(f"| {found.compared}, {len(run.cases)} cases | |\n|---|---|")
    print(f"| ratings | {found.ratings} |")
    print(f"| on the list | {found.listed}: {share(clopper_pearson(found.listed, found.ratings))} |")
    print(f"| true errors of the first draw | {found.errors} |")
    print(
        f"| of them on the list | {found.errors_listed}: {share(clopper_pearson(found.errors_listed, found.errors))} |"
    )
    for case, criterion in found.keys:
        print(f"| differs | {case}, {criterion} |")


if __name__ == "__main__":
    main()
