"""Rules that find the commonest flaws of a criterion without a model. They miss much; they do not cry wolf often."""

from __future__ import annotations

import re

from agent.rubrics.model import Criterion

_TOPICS = re.compile(
    r"^\s*(builds?|establish\w*|shows?|demonstrat\w+|is|was|has|maintains?|creates?|understands?|knows?|listens?)\b"
    r".{0,25}\b(rapport|trust|empathy|confidence|relationship\w*|understanding|value|interest|credib\w+|professional\w*)",
    re.IGNORECASE,
)
_DEGREE = re.compile(
    r"\b(good|better|best|well|effective(ly)?|appropriate(ly)?|adequate(ly)?|sufficient(ly)?|enough|strong(ly)?|"
    r"proper(ly)?|relevant|meaningful(ly)?|clear(ly)?|early|quickly|often|several|various|natural(ly)?)\b",
    re.IGNORECASE,
)
_INNER = re.compile(
    r"\b(feels?|felt|thinks?|believes?|intends?|wants? to|genuine(ly)?|sincere(ly)?|confident(ly)?|empath\w+|"
    r"understood|interested|engaged|comfortable)\b",
    re.IGNORECASE,
)


def rule_findings(criterion: Criterion) -> list[str]:
    """What the rules hold against a criterion, one sentence each."""
    text, found = criterion.description, []
    if _TOPICS.search(text):
        found.append("not specific: it names a quality, not an act that a transcript can show")
    if len(text.split()) < 6:
        found.append("not specific: fewer than six words leave open what counts")
    if (degree := _DEGREE.search(text)) and not criterion.anchors and criterion.scale == "binary":
        found.append(f"not unambiguous: {degree[0]!r} has no bound")
    if inner := _INNER.search(text):
        found.append(f"not observable: {inner[0]!r} is inside somebody's head")
    if criterion.scale != "binary" and not criterion.anchors and not re.search(r"\b1\s*=", text):
        found.append("a scale without anchors: say what each level looks like")
    missing = [level for level in criterion.levels if criterion.anchors and level not in criterion.anchors]
    if missing:
        found.append(f"no anchor for level {', '.join(map(str, missing))}")
    return found
