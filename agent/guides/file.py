"""Interview guides as files: YAML that people edit, or plain text with one question a line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from agent.core.errors import ImportProblem
from agent.guides.model import Guide, Question
from agent.text.outcomes import Outcome

OUTCOMES: tuple[Outcome, Outcome] = ("won", "lost")
ANY_STAGE = "any"
_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class NumberedQuestion:
    """A question with the number of its line, counted from 1."""

    number: int
    text: str


def read_text(path: Path) -> str:
    """The text of the file at `path`; ImportProblem where there is none to read."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ImportProblem(str(path), None, f"cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ImportProblem(str(path), None, "is not UTF-8 text", "save it as UTF-8") from error


def is_guide(path: Path) -> bool:
    """Whether `path` names a guide in YAML, not a plain list of questions."""
    return path.suffix.lower() in _YAML


def read_lines(path: Path) -> list[NumberedQuestion]:
    """The questions of a text file, one a line; blank lines and lines that begin with `#` are left out."""
    lines = [NumberedQuestion(number, text.strip()) for number, text in enumerate(read_text(path).splitlines(), 1)]
    questions = [line for line in lines if line.text and not line.text.startswith("#")]
    if not questions:
        raise ImportProblem(str(path), None, "there is no question in it", "write one question a line")
    return questions


def read_guides(path: Path) -> list[Guide]:
    """The guides in a YAML file, won first. ImportProblem says which question is wrong."""
    data = _load(path)
    unknown = sorted(map(str, set(data) - set(OUTCOMES)))
    if unknown or not data:
        hint = "the file holds a list of questions under `won:`, under `lost:`, or under each"
        raise ImportProblem(str(path), None, f"unknown: {', '.join(unknown)}" if unknown else "it is empty", hint)
    return [_guide(path, outcome, data[outcome]) for outcome in OUTCOMES if outcome in data]


def _load(path: Path) -> dict[Any, Any]:
    try:
        data = yaml.safe_load(read_text(path))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = None if mark is None else mark.line + 1
        raise ImportProblem(str(path), line, f"is not YAML: {getattr(error, 'problem', None) or error}") from error
    return data if isinstance(data, dict) else {}


def _guide(path: Path, outcome: Outcome, rows: Any) -> Guide:
    if not isinstance(rows, list) or not rows:
        raise ImportProblem(str(path), None, f"{outcome}: there is no list of questions")
    return Guide(outcome=outcome, questions=tuple(_question(path, outcome, n, row) for n, row in enumerate(rows, 1)))


def _question(path: Path, outcome: Outcome, number: int, row: Any) -> Question:
    given = {"question": row} if isinstance(row, str) else row
    if not isinstance(given, dict):
        raise ImportProblem(str(path), None, f"{outcome}, question {number}: is neither text nor a mapping")
    try:
        return Question.model_validate({**given, "probes": tuple(given.get("probes") or ())})
    except (ValidationError, TypeError) as error:
        first = error.errors()[0] if isinstance(error, ValidationError) else {"loc": ("probes",), "msg": str(error)}
        what = f"{'.'.join(map(str, first['loc'])) or 'it'}: {first['msg']}"
        raise ImportProblem(
            str(path), None, f"{outcome}, question {number}: {what}", "known: stage, question, probes"
        ) from error


def write_guides(guides: Sequence[Guide]) -> str:
    """Guides as YAML that `read_guides` reads back to the same."""
    data = {g.outcome: [_row(q) for q in g.questions] for g in sorted(guides, key=lambda g: OUTCOMES.index(g.outcome))}
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110))


def _row(question: Question) -> dict[str, Any]:
    row: dict[str, Any] = {"stage": question.stage} if question.stage else {}
    row["question"] = question.question
    if question.probes:
        row["probes"] = list(question.probes)
    return row


def from_template(template: Guide, stages: Mapping[str, str]) -> Guide:
    """The template's questions on `stages` (id -> name), in their order; a stage it lacks gets the one for any."""
    questions: list[Question] = []
    for ident, name in stages.items():
        own = template.at(ident) or tuple(
            Question(stage=ident, question=q.question.replace("{stage}", name), probes=q.probes)
            for q in template.at(ANY_STAGE)
        )
        questions += own
    return Guide(outcome=template.outcome, questions=tuple(questions))
