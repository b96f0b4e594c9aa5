"""After the interviews: which questions brought out behavior, and which brought out opinions.

Interviewers do not read a guide out word by word. A question of the guide counts as asked where a turn of the
interviewer shares enough of its wording (`SAME`); every other question of theirs is counted as their own.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agent.core.base import Frozen
from agent.core.transcript import Span
from agent.guides.model import GUIDE_RULES, Guide
from agent.guides.rules import LANGUAGES, broken, invites, plain_question, sentences
from agent.interviews.model import Interview
from agent.patterns.model import Observation
from agent.text.recognising import language_of

# Share of the rarer words of both, weighted by how rare they are in the guide, that makes a turn the guide's question.
# At 0.45 a turn that keeps the question's nouns and verb matches; "And what happened then?" matches nothing.
SAME = 0.45

NO_RULE = "no rule broken"

_WORD = re.compile(r"[^\W_]+")
_COMMON = re.compile(
    r"^(?:a|an|and|are|as|at|be|been|but|by|did|do|does|for|from|had|has|have|he|her|him|his|how|i|in|is|"
    r"it|its|me|my|of|on|or|our|she|so|that|the|their|them|then|there|they|this|to|us|was|we|were|what|when|where"
    r"|which|who|whom|with|"
    r"you|your|about|up|out|if|also|just|okay|well|yes|no|not)$"
)


@dataclass(frozen=True)
class Answer:
    """One question that an interviewer asked, and how many places the analysts noted in its answer."""

    interview: str
    turn: int
    asked: str
    observations: int


class QuestionReview(Frozen):
    """One question over all interviews. `behavior` and `opinion` count its answers with and without an observation."""

    outcome: str
    stage: str
    question: str
    asked: int
    behavior: int
    opinion: int
    observations: int

    @property
    def per_question(self) -> float | None:
        """Observations for each time it was asked; None if it never was."""
        return self.observations / self.asked if self.asked else None


class KindReview(Frozen):
    """All questions that interviewers asked, by the rule they break (or `NO_RULE`), in languages that have rules. A
    question may count under several rules."""

    kind: str
    asked: int
    behavior: int
    observations: int


class GuideReview(Frozen):
    """The guide's questions in its order, the interviewers' own questions that brought out most, and what each kind
    brought out."""

    interviews: int
    questions: tuple[QuestionReview, ...]
    own: tuple[QuestionReview, ...]
    kinds: tuple[KindReview, ...]


def review(
    guides: Sequence[Guide], interviews: Sequence[Interview], observations: Sequence[Observation], most_own: int = 10
) -> GuideReview:
    """What each question brought out in the interviews of its outcome. Of the interviewers' own questions only the
    best `most_own` are kept."""
    noted: dict[str, list[Observation]] = {}
    for observation in observations:
        noted.setdefault(observation.interview, []).append(observation)
    asked: dict[tuple[str, int], list[Answer]] = {}
    own: list[tuple[str, Answer]] = []
    kinds: dict[str, list[Answer]] = {}
    for interview in interviews:
        guide = next((g for g in guides if g.outcome == interview.outcome), None)
        matcher = _Matcher([] if guide is None else [q.question for q in guide.questions])
        given = answers(interview, noted.get(interview.id, []))
        language = language_of(answer.asked for answer in given) or "en"
        for answer in given:
            for kind in (broken(answer.asked, language) or (NO_RULE,)) if language in LANGUAGES else ():
                kinds.setdefault(kind, []).append(answer)
            place = matcher.match(answer.asked)
            if place is None:
                own.append((interview.outcome, answer))
            else:
                asked.setdefault((interview.outcome, place), []).append(answer)
    rows = [
        _row(guide.outcome, question.stage, question.question, asked.get((guide.outcome, place), []))
        for guide in guides
        for place, question in enumerate(guide.questions)
    ]
    own.sort(key=lambda pair: -pair[1].observations)
    best = [_row(outcome, "", a.asked, [a]) for outcome, a in own[:most_own] if a.observations]
    counted = [_review_of_kind(kind, kinds.get(kind, [])) for kind in (NO_RULE, *GUIDE_RULES)]
    return GuideReview(interviews=len(interviews), questions=tuple(rows), own=tuple(best), kinds=tuple(counted))


def answers(interview: Interview, observations: Sequence[Observation]) -> list[Answer]:
    """Every question of the interviewer, with what its answer brought out."""
    if interview.kind == "notes":  # what the interviewer asked is not in them
        return []
    interviewers = interview.transcript.speakers_as("interviewer")
    turns = interview.transcript.turns
    asking = [t.index for t in turns if t.speaker in interviewers and asks(t.text)]
    answered = []
    for place, start in enumerate(asking):
        end = asking[place + 1] if place + 1 < len(asking) else len(turns)
        spans = [o.quote.span for o in observations if start < o.quote.span.turn < end]
        answered.append(Answer(interview.id, start, question_of(turns[start].text), places(spans)))
    return answered


def asks(text: str) -> bool:
    """Whether a turn asks something: it has a question mark or invites to tell a story."""
    plain = plain_question(text)
    return "?" in plain or any(invites(sentence) for sentence in sentences(plain))


def question_of(text: str) -> str:
    """The asking part of a turn, from the first sentence that asks to the end."""
    parts = sentences(plain_question(text))
    start = next((i for i, part in enumerate(parts) if part.endswith("?") or invites(part)), 0)
    return " ".join(parts[start:])


def places(spans: Iterable[Span]) -> int:
    """Count different places. Spans that overlap in a turn are one place, even if both analysts noted it."""
    count, turn, end = 0, -1, -1
    for span in sorted(spans, key=lambda s: (s.turn, s.start)):
        if span.turn != turn or span.start >= end:
            count, turn, end = count + 1, span.turn, span.end
        else:
            end = max(end, span.end)
    return count


class _Matcher:
    """Finds which question of a guide a turn asks, by shared words. Words that many questions contain count less."""

    def __init__(self, questions: Sequence[str]) -> None:
        self._words = [_words(question) for question in questions]
        seen = Counter(word for words in self._words for word in words)
        self._weight = {word: 1 + math.log(len(questions) / count) for word, count in seen.items()}
        self._other = 1 + math.log(len(questions) or 1)

    def match(self, turn: str) -> int | None:
        """The position of the question in the guide, or None."""
        said = _words(turn)
        scores = [self._alike(said, words) for words in self._words]
        best = max(scores, default=0.0)
        return scores.index(best) if best >= SAME else None

    def _alike(self, said: frozenset[str], words: frozenset[str]) -> float:
        """Weighted Jaccard index of two sets of words."""
        both, either = said & words, said | words
        return self._sum(both) / self._sum(either) if either else 0.0

    def _sum(self, words: Iterable[str]) -> float:
        return sum(self._weight.get(word, self._other) for word in words)


def _words(text: str) -> frozenset[str]:
    words = (w for w in _WORD.findall(plain_question(text).lower()) if not _COMMON.match(w))
    return frozenset(re.sub(r"(?:ing|ed|es|s)$", "", w) if len(w) > 4 else w for w in words)


def _row(outcome: str, stage: str, question: str, given: Sequence[Answer]) -> QuestionReview:
    behavior = sum(a.observations > 0 for a in given)
    return QuestionReview(
        outcome=outcome,
        stage=stage,
        question=question,
        asked=len(given),
        behavior=behavior,
        opinion=len(given) - behavior,
        observations=sum(a.observations for a in given),
    )


def _review_of_kind(kind: str, given: Sequence[Answer]) -> KindReview:
    return KindReview(
        kind=kind,
        asked=len(given),
        behavior=sum(a.observations > 0 for a in given),
        observations=sum(a.observations for a in given),
    )
