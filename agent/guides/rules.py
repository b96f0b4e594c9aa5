"""Which rules a question breaks, read off its wording. They miss some; they are held to be right where they speak.

Measured on labelled questions by evals/measure_guide_lint.py; the figures stand in evals/README.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from agent.guides import wording
from agent.guides.model import GUIDE_RULES, GuideRule


def plain_question(text: str) -> str:
    """`text` without list mark, with straight quotes and single spaces."""
    return " ".join(wording.MARK.sub("", text.translate(wording.STRAIGHT)).split())


def sentences(question: str) -> list[str]:
    """The sentences of a plain question."""
    return [s.strip() for s in wording.SENTENCE.findall(question) if s.strip(" .?!")]


def invites(sentence: str) -> bool:
    """Whether a sentence asks for a story ("tell me about …", "could you walk me through …")."""
    return bool(wording.INVITES.search(sentence))


def broken(question: str) -> tuple[GuideRule, ...]:
    """The rules that `question` breaks, in the order of `GUIDE_RULES`."""
    text = plain_question(question)
    parts = sentences(text)
    return tuple(rule for rule in GUIDE_RULES if parts and _CHECKS[rule](text, parts))


def _rationalises(text: str, parts: list[str]) -> bool:
    return any(wording.RATIONALISATION.search(part) for part in parts)


def _rates(text: str, parts: list[str]) -> bool:
    return bool(wording.RATING.search(text)) or any(wording.RATING.search(part) for part in parts)


def _yes_or_no(text: str, parts: list[str]) -> bool:
    if wording.TAG.search(text):
        return True
    asked = [part for part in parts if not invites(part) and not wording.INDIRECT.search(part)]
    if any(re.search(r"\b(?:tell me|say) (?:if|whether)\b", part, re.IGNORECASE) for part in parts):
        return True
    return any(wording.YES_NO.search(part) or wording.YES_NO_LATER.search(part) for part in asked)


def _leads(text: str, parts: list[str]) -> bool:
    return bool(wording.TAG.search(text)) or any(wording.LEADING.search(part) for part in parts)


def _asks_two(text: str, parts: list[str]) -> bool:
    asked = [part for part in parts if part.endswith("?") or invites(part)]
    questions = [part for part in asked if part.endswith("?") and not invites(part)]
    if len(questions) > 1 or any(re.match(r"also\b", part, re.IGNORECASE) for part in asked[1:]):
        return True
    mains = [wording.FRONTED.sub("", part) for part in asked if not invites(part)]
    if any(wording.SECOND.search(part) for part in mains):
        return True
    return bool(
        wording.PAIR.search(text) and (_judges(text, parts) or _rates(text, parts) or wording.JUDGED.search(text))
    )


def _supposes(text: str, parts: list[str]) -> bool:
    return bool(wording.HYPOTHETICAL.search(text)) or any(wording.HYPOTHETICAL.search(part) for part in parts)


def _judges(text: str, parts: list[str]) -> bool:
    if any(wording.OPINION.search(part) for part in parts):
        return True
    how_was = [found for part in parts if (found := wording.HOW_WAS.search(part))]
    return any(not wording.DONE.search(found[1]) for found in how_was)


_CHECKS: dict[GuideRule, Callable[[str, list[str]], bool]] = {
    "rationalisation": _rationalises,
    "rating": _rates,
    "yes_no": _yes_or_no,
    "leading": _leads,
    "double": _asks_two,
    "hypothetical": _supposes,
    "opinion": _judges,
}


def reaches_behavior(question: str) -> bool:
    """Whether the answer is a story about what somebody asked, said, showed or did, and no rule is broken."""
    text = plain_question(question)
    return not broken(text) and bool(wording.ACTED.search(text) or wording.HAPPENED.search(text))
