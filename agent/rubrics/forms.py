"""A criterion out of the editor's form: what was typed goes over what was there; examples travel in the form whole."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, cast

from pydantic import ValidationError
from starlette.datastructures import FormData

from agent.core.errors import InputError
from agent.rubrics.drafts_model import MOST_EXAMPLES, WorkingCriterion
from agent.rubrics.model import LEVELS, Example

if TYPE_CHECKING:
    from agent.workspace import Workspace

TEXTS = ("name", "description", "scale", "scale_reason", "stage", "speaker", "not_applicable_when")
EVERY_LEVEL = tuple(sorted({level for levels in LEVELS.values() for level in levels}))


@dataclass(frozen=True)
class Pick:
    """Words that somebody wants as an example, and where they stand. Without a source they were written by hand."""

    kind: Literal["present", "absent"]
    source: str
    turn: int | None
    words: str
    why: str


def version_in(form: FormData) -> int:
    """The version that the form was made from. InputError where it was changed by hand."""
    value = str(form.get("version", ""))
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        raise InputError("the form does not say which version it was made from; load the page again")
    return int(value)


def criterion_in(form: FormData, before: WorkingCriterion) -> WorkingCriterion:
    """`before` with what was typed. InputError names the field that cannot be."""
    facts: dict[str, Any] = before.model_dump() | {name: str(form[name]).strip() for name in TEXTS if name in form}
    facts["weight"] = _weight(str(form.get("weight", before.weight)))
    typed = {level: str(form[f"anchor_{level}"]).strip() for level in EVERY_LEVEL if f"anchor_{level}" in form}
    kept = {level: text for level, text in before.anchors.items() if level not in typed}
    facts["anchors"] = kept | {level: text for level, text in typed.items() if text}
    facts["examples"] = _examples(form)
    try:
        return WorkingCriterion.model_validate(facts)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error


def _weight(text: str) -> float:
    try:
        weight = float(text.strip().replace(",", ".") or "1")
    except ValueError as error:
        raise InputError(f"the weight is a number, not {text[:40]!r}") from error
    if not math.isfinite(weight):
        raise InputError("the weight is a number with an end")
    return weight


def _examples(form: FormData) -> tuple[Example, ...]:
    """The form's examples without the one to be dropped; their notes may have been edited."""
    given, notes = form.getlist("example"), form.getlist("note")
    if len(given) > MOST_EXAMPLES:
        raise InputError(f"a criterion has at most {MOST_EXAMPLES} examples")
    dropped = str(form.get("drop", ""))
    found = []
    for at, text in enumerate(given):
        if str(at) == dropped:
            continue
        try:
            example = Example.model_validate_json(str(text))
        except ValidationError as error:
            raise InputError("an example in the form cannot be read; load the page again") from error
        why = str(notes[at]).strip()[:1000] if at < len(notes) else example.why
        found.append(example.model_copy(update={"why": why}))
    return tuple(found)


def pick_in(form: FormData) -> Pick | None:
    """What is to be added as an example; None where nothing is."""
    kind = str(form.get("add", ""))
    if kind not in ("present", "absent"):
        return None
    turn = str(form.get("pick_turn", "")).strip()
    return Pick(
        kind=cast(Literal["present", "absent"], kind),
        source=str(form.get("pick_source", "")).strip()[:200],
        turn=int(turn) if turn.isascii() and turn.isdigit() and len(turn) < 7 else None,
        words=str(form.get("pick_words", "")).strip()[:4000],
        why=str(form.get("pick_why", "")).strip()[:1000],
    )


def with_pick(space: Workspace, criterion: WorkingCriterion, pick: Pick) -> WorkingCriterion:
    """The criterion with one more example, located where a source is named. InputError where it is not found."""
    from agent.rubrics import drafts as rubric_drafts

    if not pick.words:
        raise InputError("select the words in the transcript, or type them, before you add them as an example")
    if pick.source:
        example = rubric_drafts.pick(space, pick.source, pick.words, pick.turn, pick.kind, criterion.speaker, pick.why)
    else:
        example = Example(kind=pick.kind, text=pick.words, why=pick.why)
    if any(
        e.kind == example.kind and e.text == example.text and e.source == example.source for e in criterion.examples
    ):
        raise InputError("this is an example of the criterion already")
    return criterion.model_copy(update={"examples": (*criterion.examples, example)})
