"""Jobs of the kind `hear`: staged recordings are heard, so that they can be looked at and stored."""

import os

from agent.app.queue.kinds import Tell, Whole, register
from agent.app.queue.model import Job
from agent.app.queue.phases import phases
from agent.app.queue.store import Jobs
from agent.core.base import Frozen
from agent.db.ledger import SqlLedger
from agent.speech.hearing_files import HeardFolder, hear_files
from agent.uploads.staging import Staged, StagingArea
from agent.uploads.tables import unheard
from agent.workspace import Workspace


class HearParams(Frozen):
    """Whose staged files, and whether their sound may leave this machine."""

    owner: str
    staged: str
    may_leave: bool = False
    budget_usd: float | None = None


def hearing_job(space: Workspace, staged: Staged) -> Job | None:
    """The job that hears these files, if it has not ended."""
    return next((job for job in space.store[Jobs].open("hear") if job.params.get("staged") == staged.id), None)


async def _work(space: Workspace, job: Job, tell: Tell) -> None:
    params = HearParams.model_validate(job.params)
    budget = None
    if params.budget_usd is not None:
        budget = max(0.0, params.budget_usd - space.store[SqlLedger].spent_usd(job=job.id))
    area = StagingArea(space.settings.workspace, params.owner)
    staged = area.get(params.staged)
    files, into = unheard(area, staged), HeardFolder(area.kept(staged.id))
    step = phases(tell)("hearing recordings", len(files))
    await hear_files(space, files, into, allowed=params.may_leave, budget_usd=budget, job=job.id, step=step)
    os.utime(area.folder(staged.id).with_name("state.json"))  # else what took long to hear is old before it is seen


register("hear", Whole(_work))
