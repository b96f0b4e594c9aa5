"""Storing what was brought in as one upload."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, Literal

from agent.app.queue.model import Job
from agent.app.queue.starting import start
from agent.app.verb import Who, verb
from agent.calls.store import Calls
from agent.core.errors import Conflict, InputError
from agent.interviews.store import Interviews
from agent.interviews.verbs import Proposed
from agent.speech.hearing_files import check_allowed, plan
from agent.speech.store import Recordings
from agent.uploads.job import HearParams, hearing_job
from agent.uploads.model import Upload, UploadedDocument
from agent.uploads.reading import Checked, How, ImportLine, ReadDocument
from agent.uploads.staging import ProposedPart, Staged, StagingArea
from agent.uploads.store import Uploads
from agent.uploads.tables import unheard


@dataclass
class StoredUpload:
    """What was stored (each document with how), and what was not. `upload` is None where nothing has changed."""

    upload: Upload | None = None
    counts: Counter[str] = field(default_factory=Counter)
    stored: list[tuple[How, ReadDocument]] = field(default_factory=list)
    problems: list[ImportLine] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _facts(done: StoredUpload) -> dict[str, Any] | None:
    if done.upload is None:
        return None
    return {"kind": done.upload.kind, **{name: count for name, count in done.counts.items() if count}}


@verb("ops_lead", audit="uploaded", subject=lambda done: done.upload.id, facts=_facts)
def bring_in(who: Who, checked: Checked) -> StoredUpload:
    """Store what is right of what was read. InputError where there is nothing that could be stored."""
    if not checked.storable and not checked.counts["unchanged"]:
        first = f": {checked.problems[0].what}" if checked.problems else ""
        raise InputError(f"there is nothing here that could be stored{first}")
    done = StoredUpload(problems=list(checked.problems), notes=list(checked.notes))
    if checked.documents:
        _store_documents(who, checked, done)
    else:
        assert checked.add is not None
        uploads = who.space.store[Uploads]
        begun = uploads.begin(checked.kind, who.signature, checked.name, checked.rows)
        done.counts.update(checked.add(who.space, begun.at))
        done.counts["problems"] = len(done.problems)
        done.upload = uploads.settle(begun.id, checked.rows, done.counts)
    return done


def _store_documents(who: Who, checked: Checked, done: StoredUpload) -> None:
    store = who.space.store
    documents: Any = store[Interviews] if checked.kind == "interview" else store[Calls]
    planned = [_noted(one, one.how) for one in checked.documents if one.how != "unchanged"]
    begun = store[Uploads].begin(checked.kind, who.signature, checked.name, planned) if planned else None
    noted = []
    for one in checked.documents:
        try:
            how = documents.add(one.document)
        except Conflict as error:  # somebody else stored other words under this id since we looked
            done.problems.append(ImportLine(one.file, "problem", str(error), one.document.id))
            continue
        if one.recording and checked.heard is not None and how != "unchanged":  # else its days would begin anew
            store[Recordings].keep(one.document.transcript, checked.heard, one.recording)
        done.counts[how] += 1
        done.stored.append((how, one))
        if how != "unchanged":
            noted.append(_noted(one, how))
    done.counts["problems"] = len(done.problems)
    if begun is not None:
        done.upload = store[Uploads].settle(begun.id, noted, done.counts)


def _noted(one: ReadDocument, how: str) -> UploadedDocument:
    became: Literal["new", "changed"] = "new" if how == "new" else "changed"
    return UploadedDocument(id=one.document.id, how=became, file=one.file)


@verb("ops_lead", audit="speakers_proposed", facts=lambda staged: {"files": len(staged.proposals)})
def keep_proposals(who: Who, ident: str, area: StagingArea, made: Proposed) -> Staged:
    """Keep beside staged files what a model proposed about who speaks in them; a person confirms it."""
    proposals = {
        file.file: tuple(ProposedPart(label=p.label, part=p.part or "", reason=p.reason) for p in parts)
        for file, parts in made.files
    }
    return area.keep(area.get(ident).model_copy(update={"proposals": proposals}))


@verb("ops_lead", audit="job_started", subject=lambda job: job.id, facts=lambda job: {"kind": job.kind})
def start_hearing(
    who: Who, area: StagingArea, staged: Staged, *, may_leave: bool = False, budget_usd: float | None = None
) -> Job:
    """Let a worker hear the staged recordings. InputError where none waits or the sound may not leave this machine,
    ConfigError where no model hears, Conflict where they are being heard already."""
    files = unheard(area, staged)
    if not files:
        raise InputError("every recording here was heard already")
    if running := hearing_job(who.space, staged):
        raise Conflict(f"{running.id} hears them already and is {running.state}; wait for it, or cancel it")
    check_allowed(plan(who.space, files), may_leave)
    params = HearParams(owner=area.owner, staged=staged.id, may_leave=may_leave, budget_usd=budget_usd)
    return start(who.space, "hear", params.model_dump(), by=who.signature)
