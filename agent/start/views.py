"""What is there before a team starts, as the API and `--json` show it."""

from collections.abc import Sequence

from agent.app.view import View
from agent.start.readiness_rules import Finding


class FindingView(View):
    """One thing looked at: whether it is there, how much of it, and what its lack costs in trust."""

    what: str
    ready: bool
    there: str
    cost: str


class ReadinessView(View):
    """All findings, in the order in which they are needed."""

    ready: bool
    findings: tuple[FindingView, ...]

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> "ReadinessView":
        return cls(ready=all(one.ready for one in findings), findings=tuple(map(FindingView.model_validate, findings)))
