"""What the check of a question says."""

from collections.abc import Sequence

from agent.app.view import View
from agent.guides.model import Finding


class CheckedQuestion(View):
    """A question and what speaks against it. `line` is the line of a text file; in a guide, the question's number."""

    line: int
    question: str
    findings: list[Finding]

    @classmethod
    def of(cls, line: int, question: str, findings: Sequence[Finding]) -> "CheckedQuestion":
        return cls(line=line, question=question, findings=list(findings))
