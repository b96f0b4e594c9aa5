"""Releases a prompt, which needs a passed gate against the version it replaces."""

import re
from collections.abc import Callable

from agent.core.errors import Advice, ConfigError, GateClosed, NotFound
from agent.core.language import N_
from agent.evals.archive import Archive
from agent.evals.gating import Verdict, judge
from agent.evals.run import Run
from agent.evals.suite import Suite
from agent.llm.prompts import Prompt, PromptLibrary

_STATUS = re.compile(r"^status: draft[ \t]*$", re.MULTILINE)


def to_release(library: PromptLibrary, reference: str) -> tuple[Prompt, Prompt | None]:
    """The draft that `reference` (name or name@version) means, and the released version it would replace."""
    name, _, version = reference.partition("@")
    versions = library.versions(name)
    drafts = [p for p in versions if p.meta.status == "draft" and (not version or p.meta.version == int(version))]
    if not drafts:
        raise NotFound(f"{reference} has no draft to release; there are {', '.join(p.id for p in versions)}")
    released = [p for p in versions if p.meta.status == "released"]
    return drafts[-1], released[-1] if released else None


def passed_gate(archive: Archive, suites: Callable[[str], Suite], draft: Prompt, released: Prompt) -> Verdict:
    """The newest verdict that allows `draft` to replace `released`. GateClosed if there is none.

    `suites` finds a suite by name. The two runs are judged again, under today's tolerances and on all of today's cases:
    a file that says "passed" is no proof.
    """
    verdicts = [v for v in archive.verdicts() if v.candidate_prompt == draft.id and v.baseline_prompt == released.id]
    for verdict in verdicts:
        candidate, baseline = archive.run(verdict.candidate).run, archive.run(verdict.baseline).run
        # Everything else must be the same in both: otherwise a better model would carry a worse prompt through.
        if _all_else(candidate) != _all_else(baseline):
            continue
        suite = suites(verdict.suite)
        again = judge(candidate, baseline, suite.file.gates, [case.id for case in suite.cases])
        if again.passed:
            return again
    said = N_("{draft} has no passed gate against {released}; run its suite with both, then compare the two runs")
    if verdicts:
        said = N_(
            "{draft} has no passed gate against {released}; {n} were judged and none passed; run its suite with both, "
            "then compare the two runs"
        )
    raise GateClosed(
        said.format(draft=draft.id, released=released.id, n=len(verdicts)),
        advice=Advice(f"eval run SUITE --prompt {draft.meta.name}@{draft.meta.version}", "/prompts"),
    )


def _all_else(run: Run) -> tuple[str, str, str]:
    return (run.asked, run.rubric, run.mode)


def release(library: PromptLibrary, draft: Prompt) -> None:
    """Write `released` into the draft's file and lock it. Its id does not change: the
    status is not part of the hash."""
    text = draft.path.read_text(encoding="utf-8")
    changed, count = _STATUS.subn("status: released", text, count=1)
    if count != 1:
        raise ConfigError(f"{draft.path}: there is no line 'status: draft' to change")
    try:
        draft.path.write_text(changed, encoding="utf-8")
        library.lock()
    except PermissionError as error:
        raise ConfigError(f"{error.filename} cannot be written here; release the prompt in its repository") from error
