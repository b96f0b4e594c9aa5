"""Which rules a question breaks, judged by its wording; what to ask instead; and the faults of whole sets.

The rules miss some flaws; they are held to be right where they speak. Measured on labelled questions by
evals/measure_guide_lint.py; the figures stand in evals/README.md. No model is needed.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from agent.core.language import N_, _
from agent.guides.model import FEWEST, GUIDE_RULES, MOST, Finding, Guide, GuideRule, SetFinding
from agent.guides.other_wording import LANGUAGES as OTHERS
from agent.guides.other_wording import Wording, wording_in
from agent.guides.wording import MARK, SENTENCE, STRAIGHT, english

LANGUAGES = ("en", *OTHERS)
"""Those that there are rules for, by their codes. Of a question in another one the rules say nothing."""


def plain_question(text: str) -> str:
    """`text` without list mark, with straight quotes and single spaces."""
    return " ".join(MARK.sub("", text.translate(STRAIGHT)).split())


def sentences(question: str) -> list[str]:
    """The sentences of a plain question."""
    return [s.strip() for s in SENTENCE.findall(question) if s.strip(" .?!")]


def invites(sentence: str) -> bool:
    """Whether a sentence asks for a story ("tell me about …", "could you walk me through …")."""
    return any(
        pattern.search(sentence) for pattern in (english().invites, *(wording_in(other).invites for other in OTHERS))
    )


def broken(question: str, language: str = "en") -> tuple[GuideRule, ...]:
    """The rules that `question`, in that language, breaks; in the order of `GUIDE_RULES`."""
    text = plain_question(question)
    parts = sentences(text)
    if language in OTHERS:
        found = _broken_in(wording_in(language), text, parts)
        return tuple(rule for rule in GUIDE_RULES if rule in found)
    if language != "en":
        return ()
    return tuple(rule for rule in GUIDE_RULES if parts and _CHECKS[rule](text, parts))


def _broken_in(words: Wording, text: str, parts: list[str]) -> set[GuideRule]:
    # Of a sentence with an opening question mark only what stands behind it asks.
    asked = [part.rpartition("¿")[2].lstrip() for part in parts]
    plain = [part for part in asked if not words.invites.search(part)]
    questions = [part for part in plain if part.endswith("?")]
    bare = [part.replace("¿", "").strip() for part in parts]
    found: set[GuideRule] = {
        rule
        for rule, pattern in words.rules.items()
        for part, whole in zip(asked, bare, strict=True)
        if (pattern.search(part) or pattern.search(whole)) and not (rule == "hypothetical" and part not in plain)
    }
    if tagged := words.tag.search(text):
        found |= {"yes_no", "leading"}
    if any(not words.open.search(part) for part in questions):
        found.add("yes_no")
    seconds = [part for part in plain if words.second.search(part) and not words.same_story.search(part)]
    if (len(questions) > 1 and not tagged) or seconds:
        found.add("double")
    # "What mark would you give?" supposes nothing.
    return found - {"hypothetical"} if "rating" in found else found


def _rationalises(text: str, parts: list[str]) -> bool:
    return any(english().rationalisation.search(part) for part in parts)


def _rates(text: str, parts: list[str]) -> bool:
    return bool(english().rating.search(text)) or any(english().rating.search(part) for part in parts)


def _yes_or_no(text: str, parts: list[str]) -> bool:
    if english().tag.search(text):
        return True
    asked = [part for part in parts if not invites(part) and not english().indirect.search(part)]
    if any(re.search(r"\b(?:tell me|say) (?:if|whether)\b", part, re.IGNORECASE) for part in parts):
        return True
    return any(english().yes_no.search(part) or english().yes_no_later.search(part) for part in asked)


def _leads(text: str, parts: list[str]) -> bool:
    return bool(english().tag.search(text)) or any(english().leading.search(part) for part in parts)


def _asks_two(text: str, parts: list[str]) -> bool:
    asked = [part for part in parts if part.endswith("?") or invites(part)]
    questions = [part for part in asked if part.endswith("?") and not invites(part)]
    if len(questions) > 1 or any(re.match(r"also\b", part, re.IGNORECASE) for part in asked[1:]):
        return True
    mains = [english().fronted.sub("", part) for part in asked if not invites(part)]
    mains = [main for main in mains if not (english().same_story.match(main) and not _rationalises(text, parts))]
    if any(english().second.search(part) for part in mains):
        return True
    return bool(
        english().pair.search(text) and (_judges(text, parts) or _rates(text, parts) or english().judged.search(text))
    )


def _supposes(text: str, parts: list[str]) -> bool:
    supposed = [english().closing.sub("", sentence) for sentence in (text, *parts)]
    return any(english().hypothetical.search(sentence) for sentence in supposed)


def _judges(text: str, parts: list[str]) -> bool:
    if any(english().opinion.search(part) for part in parts):
        return True
    how_was = [match for part in parts if (match := english().how_was.search(part))]
    return any(not english().done.search(match[1]) for match in how_was)


_CHECKS: dict[GuideRule, Callable[[str, list[str]], bool]] = {
    "rationalisation": _rationalises,
    "rating": _rates,
    "yes_no": _yes_or_no,
    "leading": _leads,
    "double": _asks_two,
    "hypothetical": _supposes,
    "opinion": _judges,
}


def reaches_behavior(question: str, language: str = "en") -> bool:
    """Whether the answer is a story about what somebody asked, said, showed or did, and no rule is broken."""
    text = plain_question(question)
    if language in OTHERS:
        return not broken(text, language) and bool(wording_in(language).acted.search(text))
    return not broken(text) and bool(english().acted.search(text) or english().happened.search(text))


# What is asked instead: a question about behavior, made from what the question was about. A rewrite breaks no rule
# itself: each candidate is checked, and the last one (`_LAST`) breaks none.

WHY: dict[GuideRule, str] = {
    "rationalisation": N_("asks for reasons; buyers make those up afterwards. What happened shows what the rep did"),
    "rating": N_("asks for a degree; a number says nothing about what the rep did"),
    "yes_no": N_("can be answered with yes or no, and the story is not told"),
    "leading": N_("holds the answer, or a judgement, that the buyer is to agree with"),
    "double": N_("asks two things at once; one of them stays unanswered"),
    "hypothetical": N_("asks about what did not happen; only what happened can be coded"),
    "opinion": N_("asks for a judgement; what the rep asked, said and did is left out"),
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
_OF_THE_DECISION = ("rationalisation", "hypothetical")
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
    r"\b(?:ask(?:ed)?(?: you)?|talk(?:ed)?|speak|told|tell|say|said|discuss(?:ed)?|mention(?:ed)?|explain(?:ed)?|"
    r"cover(?:ed)?|address(?:ed)?|understand|understood|handle[sd]?|answer(?:ed)?)(?: about| with)? "
    r"(?P<what>(?:your|our|the|their|his|her) [\w' -]{3,40}?)\s*(?:\?|,| when| before| after| during| in | at |$)",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"[,;]? (?:and|or|but)(?: also| then)? (?=(?:what|who|how|why|when|where|which|did|do|was|were|is|are)\b)", re.I
)
_AND = re.compile(r"^(?:(?:and|but|so|or|also|then)\b,? ?)+", re.IGNORECASE)


def rewrite(question: str, rule: GuideRule, language: str = "en") -> str:
    """A question to ask in place of `question`, which breaks `rule`. It breaks no rule and asks for behavior."""
    text = plain_question(question)
    if language in OTHERS:
        words = wording_in(language)
        usual = words.decision if rule in _OF_THE_DECISION else words.remembered
        return words.form.format(scene=next((one.scene for one in words.scenes if one.about.search(text)), usual))
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
    fitting = (scene for words, scene in _SCENES if words.search(text))
    scene = next(fitting, _DECISION if rule in _OF_THE_DECISION else _REMEMBERED)
    yield _FORMS[rule].format(scene=scene)


def _halves(text: str) -> Iterator[str]:
    """The separate questions inside a double one."""
    for sentence in sentences(text):
        for half in _CUT.split(sentence):
            bare = _AND.sub("", half).rstrip(" .?!,;")
            if len(bare.split()) > 3:
                yield bare[0].upper() + bare[1:] + ("." if invites(bare) else "?")


def findings(question: str, language: str = "en") -> list[Finding]:
    """The rules' objections to `question`, each with a rewrite that breaks no rule."""
    return [
        Finding(rule=rule, why=WHY[rule], rewrite=rewrite(question, rule, language))
        for rule in broken(question, language)
    ]


def set_findings(guides: Sequence[Guide], stages: Sequence[str] = (), language: str = "en") -> list[SetFinding]:
    """The faults of whole sets: their size, stages (ids) without a question, no question about behavior; and one set
    used for both outcomes."""
    flaws = [finding for guide in guides for finding in _one_set(guide, stages, language)]
    won, lost = (
        {plain_question(q.question) for g in guides if g.outcome == o for q in g.questions} for o in ("won", "lost")
    )
    if won and won == lost:
        why = _(
            "won and lost deals are asked the same questions; ask each about what happened in it, at the same stages"
        )
        flaws.append(SetFinding(rule="same_for_both", outcome="", why=why))
    return flaws


def size_and_behavior(questions: Sequence[str], language: str = "en") -> list[tuple[str, str]]:
    """Findings on a plain list of questions, most of them in that language, as (rule, why)."""
    flaws = []
    count = len(questions)
    if count < FEWEST:
        why = _(
            "{n} questions; {few} to {many} reach every stage and leave time for stories",
            n=count,
            few=FEWEST,
            many=MOST,
        )
        flaws.append(("too_few", why))
    if count > MOST:
        why = _("{n} questions; with more than {many} there is no time for what follows an answer", n=count, many=MOST)
        flaws.append(("too_many", why))
    if language in LANGUAGES and not any(reaches_behavior(question, language) for question in questions):
        flaws.append(("no_behavior", _("no question asks what anybody asked, said, showed or did")))
    return flaws


def _one_set(guide: Guide, stages: Sequence[str], language: str) -> list[SetFinding]:
    flaws = size_and_behavior([q.question for q in guide.questions], language)
    flaws += [
        ("stage_without_question", _("no question is about the stage {stage}", stage=stage))
        for stage in stages
        if not guide.at(stage)
    ]
    return [SetFinding.model_validate({"rule": rule, "outcome": guide.outcome, "why": why}) for rule, why in flaws]
