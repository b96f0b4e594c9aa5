"""Interview guides as files: YAML that people edit, or plain text with one question a line."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field

from agent.core.errors import ImportProblem
from agent.core.yaml_files import read_document
from agent.guides.model import Guide, Question
from agent.text.outcomes import Outcome

OUTCOMES: tuple[Outcome, Outcome] = ("won", "lost")
ANY_STAGE = "any"
_YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class NumberedQuestion:
    """A question with its line number, from 1."""

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
    document = read_document(path)
    asked: _File = document.read_as(_File)
    sets = {outcome: rows for outcome in OUTCOMES if (rows := getattr(asked, outcome)) is not None}
    if not sets:
        hint = "the file holds a list of questions under `won:`, under `lost:`, or under each"
        raise ImportProblem(str(path), None, "there is no question in it", hint)
    return [Guide(outcome=outcome, questions=tuple(map(_question, rows))) for outcome, rows in sets.items()]


_Text = Annotated[str, Field(min_length=1)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid")

    stage: str = ""
    question: _Text
    probes: list[str] | None = None


class _File(BaseModel):
    """The form of a guide's file; a question may be a plain text."""

    model_config = ConfigDict(extra="forbid")

    won: list[_Text | _Row] | None = Field(None, min_length=1)
    lost: list[_Text | _Row] | None = Field(None, min_length=1)


def _question(row: str | _Row) -> Question:
    if isinstance(row, str):
        return Question(question=row)
    return Question(stage=row.stage, question=row.question, probes=tuple(row.probes or ()))


def write_guides(guides: Sequence[Guide]) -> str:
    """Guides as YAML; `read_guides` reads the same guides back."""
    data = {
        g.outcome: [_question_row(q) for q in g.questions]
        for g in sorted(guides, key=lambda g: OUTCOMES.index(g.outcome))
    }
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=110))


def _question_row(question: Question) -> dict[str, Any]:
    row: dict[str, Any] = {"stage": question.stage} if question.stage else {}
    row["question"] = question.question
    if question.probes:
        row["probes"] = list(question.probes)
    return row


def from_template(template: Guide, stages: Mapping[str, str]) -> Guide:
    """The template's questions on `stages` (id -> name), in their order. A stage that the template lacks gets its
    question for any stage."""
    questions: list[Question] = []
    for ident, name in stages.items():
        own = template.at(ident) or tuple(
            Question(stage=ident, question=q.question.replace("{stage}", name), probes=q.probes)
            for q in template.at(ANY_STAGE)
        )
        questions += own
    return Guide(outcome=template.outcome, questions=tuple(questions))
