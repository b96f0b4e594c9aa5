"""The published tables of a suite, as Markdown, from recorded replies.

    python evals/tables.py ledgerline [--recordings FOLDER] [--tag eight] [--draws 3] [--per-criterion] [--split dev]
    python evals/tables.py FOLDER --recordings evals/recordings/annomi      # a suite of a workspace

Figures with 95 % intervals beside the human ceiling, the constant guess and the word-count floor.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from agent.evals.loading import read_suite
from agent.evals.report import Figure, Report, Value, report_of
from agent.evals.run import Run
from agent.evals.running import CODE, run_suite
from agent.evals.suite import Suite
from agent.evals.verbs import ROLE_OF, Wanted, prompt_beside
from agent.settings import Settings
from agent.workspace import Workspace

EVALS = Path(__file__).parent


async def replayed(suite: Suite, wanted: Wanted, recordings: Path, folder: Path) -> Run:
    """The suite's run, answered from recordings."""
    environment = {"CLOSEREAD_MODEL": "openai/relay"}
    if suite.file.kind == "quotes":
        return await run_suite(wanted.plan(suite, CODE, None), 1, lambda: None)
    space = Workspace(Settings(folder, f"sqlite:///{folder / 'c.db'}", environment, replay=recordings))
    name = ROLE_OF[suite.file.kind]
    async with space.roles(name) as roles:
        prompt = space.prompt(wanted.prompt or suite.file.prompt)
        plan = wanted.plan(suite, roles[name], prompt, prompt_beside(space, suite, prompt), space.stages)
        return await run_suite(plan, 16, lambda: None)


def cell(found: Figure | None, of: int) -> str:
    """A figure in a cell; a rough range is marked, and so is an n that is not that of the line, `of`."""
    if not isinstance(found, Value):
        return "–"
    about = "~" if found.rough else ""
    ends = "" if found.low is None else f" ({about}{found.low:.2f}–{found.high:.2f})"
    return f"{found.value:.2f}{ends}{'' if found.n == of else f', n {found.n}'}"


def print_tables(report: Report) -> None:
    """All tables of one run."""
    print(f"Suite `{report.suite}`, split {report.split}, {report.n_cases} cases, {report.model}, `{report.prompt}`,")
    print(
        f"{report.mode} a request, {report.draws} draw(s), {report.cost.requests} replies, "
        f"{report.cost.input_tokens:,} input and {report.cost.output_tokens:,} output tokens (estimates).\n"
    )
    print(
        "| criterion | n | exact | people | one guess | words | kappa | people | AC1 |\n|---|---|---|---|---|---|---|---|---|"
    )
    for c in report.criteria:
        exact = [c.exact, c.human_ceiling["exact"], c.constant["exact"], c.floor["exact"]]
        row = [*exact, c.kappa, c.human_ceiling["kappa"], c.ac1]
        print(f"| {c.criterion} | {c.n} | " + " | ".join(cell(one, c.n) for one in row) + " |")
    print(
        "\n| criterion | failed | sensitivity | specificity | quote precision | recall | F1 | people's F1 | located | flip rate |"
    )
    print("|---|---|---|---|---|---|---|---|---|---|")
    for c in report.criteria:
        quotes = [c.evidence.precision, c.evidence.recall, c.evidence.f1, c.human_ceiling.get("evidence_f1")]
        row = [c.sensitivity, c.specificity, *quotes, c.evidence.located, c.flip_rate]
        print(f"| {c.criterion} | {c.outcomes['failed']} | " + " | ".join(cell(one, c.n) for one in row) + " |")
    print()
    for c in report.criteria:
        for note in c.notes:
            print(f"- {c.criterion}: {note}")
    for f in report.failures:
        print(f"- not right: {f.case}, {f.criterion}: {f.expected}, got {f.got}{' (must pass)' if f.must_pass else ''}")
    if report.second_opinion is not None:
        print(f"- {report.second_opinion.sentence}")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite")
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--split", default="")
    parser.add_argument("--tag", default="")
    parser.add_argument("--cases", default="")
    parser.add_argument("--prompt", default="")
    parser.add_argument("--draws", type=int, default=1)
    parser.add_argument("--per-criterion", action="store_true")
    given = parser.parse_args()
    folder = Path(given.suite) if (Path(given.suite) / "suite.yaml").is_file() else EVALS / given.suite
    suite = read_suite(folder)
    recordings = given.recordings or EVALS / "recordings" / suite.name
    cases = tuple(part for part in given.cases.split(",") if part)
    wanted = Wanted(given.split, given.tag, cases, given.prompt, given.draws, given.per_criterion)
    with tempfile.TemporaryDirectory() as space:
        run = asyncio.run(replayed(suite, wanted, recordings, Path(space)))
    print_tables(report_of(run, {case.id: case.text for case in suite.cases}))


if __name__ == "__main__":
    main()
