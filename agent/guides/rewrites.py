"""What is asked instead: a question about behavior, made by rule from what the question was about.

A rewrite breaks no rule itself: each candidate is checked, and the last one (`_LAST`) breaks none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from agent.guides.model import GuideRule
from agent.guides.rules import broken, invites, plain_question, reaches_behavior, sentences

WHY: dict[GuideRule, str] = {
    "rationalisation": "asks for reasons; buyers make those up afterwards. What happened shows what the rep did",
    "rating": "asks for a degree; a number says nothing about what the rep did",
    "yes_no": "can be answered with yes or no, and the story is not told",
    "leading": "holds the answer, or a judgement, that the buyer is to agree with",
    "double": "asks two things at once; one of them stays unanswered",
    "hypothetical": "asks about what did not happen; only what happened can be coded",
    "opinion": "asks for a judgement; what the rep asked, said and did is left out",
}

# What a question is about -> the scene to ask for. The first that fits counts.
_SCENES = tuple(
    (re.compile(rf"\b(?:{words})", re.IGNORECASE), scene)
    for words, scene in (
        (r"demo|presentation|screen|showed|interface|feature|report", "the demo"),
        (r"contract|legal|negotiat|terms|clause|signature|sign(?:ed|ing)?\b", "the talks about the contract"),
        (r"proposal|offer\b|quote\b", "the conversation about the proposal"),
        (r"pric|discount|budget|cost|fee|expensive|cheap|roi\b|money", "the conversation in which price came up"),
        (
            r"security|integrat|technical|engineer|data\b|sso|api\b|migrat",
            "the conversation about your technical questions",
        ),
        (r"pilot|trial|proof of concept", "the days of the trial"),
        (r"rollout|onboarding|implement|support|training", "the conversation about the rollout"),
        (r"competitor|vendor|alternative|compar|other (?:two|one)", "the conversation in which other vendors came up"),
        (
            r"procurement|cfo|ceo|board|committee|stakeholder|colleague|who else|team own",
            "the meeting that your colleagues joined",
        ),
        (r"follow|email|between|waiting|respon|answer", "the days after a call with the rep"),
        (
            r"need|problem|understood|understand|first (?:call|meeting|conversation)|discovery",
            "the first call with the rep",
        ),
        (r"next step|end of", "the last minutes of a call with the rep"),
    )
)
_DECISION = "the last conversation with the rep before the decision"
_REMEMBERED = "the conversation with the rep that you remember most clearly"

_FORMS: dict[GuideRule, str] = {
    "rationalisation": "Take me back to {scene}. What did the rep ask, say and do there?",
    "rating": "Walk me through one moment of {scene}: what did the rep ask, say and do in it?",
    "yes_no": "Walk me through {scene}. What did the rep ask, say and do?",
    "leading": "Tell me about {scene}, step by step. What did the rep ask, say and do?",
    "double": "Tell me about {scene}. What did the rep ask, say and do?",
    "hypothetical": "Tell me what happened in {scene}. What did the rep ask, say and do?",
    "opinion": "Give me an example from {scene}: what exactly did the rep ask, say and do?",
}
_LAST = "Tell me about the last call with the rep. What did the rep ask, say and do?"

_ABOUT = re.compile(
    r"\b(?:ask(?:ed)?(?: you)?|talk(?:ed)?|speak|told|tell|say|said|discuss(?:ed)?|mention(?:ed)?|explain(?:ed)?|cover(?:ed)?|"
    r"address(?:ed)?|understand|understood|handle[sd]?|answer(?:ed)?)(?: about| with)? "
    r"(?P<what>(?:your|our|the|their|his|her) [\w' -]{3,40}?)\s*(?:\?|,| when| before| after| during| in | at |$)",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"[,;]? (?:and|or|but)(?: also| then)? (?=(?:what|who|how|why|when|where|which|did|do|was|were|is|are)\b)", re.I
)
_AND = re.compile(r"^(?:(?:and|but|so|or|also|then)\b,? ?)+", re.IGNORECASE)


def rewrite(question: str, rule: GuideRule) -> str:
    """A question to ask in place of `question`, which breaks `rule`. It breaks no rule and asks for behavior."""
    text = plain_question(question)
    return next(
        candidate
        for candidate in (*_candidates(text, rule), _LAST)
        if not broken(candidate) and reaches_behavior(candidate)
    )


def _candidates(text: str, rule: GuideRule) -> Iterator[str]:
    if rule == "double":
        yield from _halves(text)
    if rule == "yes_no" and (about := _ABOUT.search(text)):
        yield f"What did the rep ask, say or show about {about['what']}?"
    yield _FORMS[rule].format(scene=_scene(text, rule))


def _halves(text: str) -> Iterator[str]:
    """The questions inside a double one, each alone."""
    for sentence in sentences(text):
        for half in _CUT.split(sentence):
            bare = _AND.sub("", half).rstrip(" .?!,;")
            if len(bare.split()) > 3:
                yield bare[0].upper() + bare[1:] + ("." if invites(bare) else "?")


def _scene(text: str, rule: GuideRule) -> str:
    fitting = (scene for words, scene in _SCENES if words.search(text))
    return next(fitting, _DECISION if rule in ("rationalisation", "hypothetical") else _REMEMBERED)
