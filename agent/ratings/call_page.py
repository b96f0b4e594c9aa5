"""One call as a person reads it: its words with the quotes of each rating marked in place, and a card a rating.

Quotes are labelled `<card>-<quote>`, both counted from 1: the label joins a card's quote and its place in the words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agent.app.highlights import Piece, pieces
from agent.app.panels import Panel, panels
from agent.app.verb import Who
from agent.calls.model import Call
from agent.calls.store import CallRow, Calls
from agent.core.language import _
from agent.core.transcript import Quote, Turn
from agent.db.blindness import Withheld
from agent.ratings.model import Judgement, Rating
from agent.ratings.results import CallResult, line_of, result_of
from agent.ratings.rule import Counts, Split
from agent.ratings.second_opinion import Confidence, confidences
from agent.ratings.store import Ratings
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.model import Criterion, Rubric
from agent.rubrics.store import Rubrics, RubricStates
from agent.text.suspicion import suspicion
from agent.workspace import Workspace


@dataclass(frozen=True)
class Card:
    """One criterion on this call. `stands` is the rating that counts, None where nothing does (`split`: because the
    raters of a round differ); `beside` the other current ones; `earlier` those that were superseded, newest first."""

    number: int
    criterion: Criterion
    stands: Rating | None
    beside: tuple[Rating, ...] = ()
    earlier: tuple[Rating, ...] = ()
    confidence: Confidence | None = None
    mark: str = ""  # that it is in use and not calibrated
    split: bool = False

    @property
    def quotes(self) -> tuple[tuple[str, Quote], ...]:
        """The quotes of the rating that stands, with their labels."""
        located = self.stands.judgement.quotes if self.stands else ()
        return tuple((f"{self.number}-{at}", quote) for at, quote in enumerate(located, 1))


@dataclass(frozen=True)
class MarkedTurn:
    """A turn cut where quotes begin and end. `ends` are the labels whose last piece each piece is, by position;
    `suspicious` what in it looks like words to a model."""

    turn: Turn
    role: str
    pieces: tuple[Piece, ...]
    starts: tuple[tuple[str, ...], ...]
    ends: tuple[tuple[str, ...], ...]
    suspicious: str = ""


@dataclass(frozen=True)
class CallPage:
    """What a page shows of a call. `call` is None where only ratings of it were imported; `rubric` where there is none.

    `rubrics` are those with ratings on this call, the newest first; `results` say what counts, card by card. `hidden`
    says in a sentence what is withheld; empty if nothing is. `panels` are what later slices add, `reworded` is when the
    call's words were replaced last, `blind` whether nothing counts because its calibration round is.
    """

    about: CallRow
    call: Call | None
    rubric: Rubric | None
    rubrics: tuple[Rubric, ...]
    cards: tuple[Card, ...]
    results: tuple[CallResult, ...]
    turns: tuple[MarkedTurn, ...]
    hidden: str = ""
    hidden_count: int = 0
    panels: tuple[Panel, ...] = ()
    reworded: datetime | None = None
    blind: bool = False

    @property
    def line(self) -> str:
        """What counts, in one line; empty where nothing can."""
        return line_of(self.results)

    @property
    def of_words_before(self) -> frozenset[str]:
        """Ids of the ratings that were given before the call's words were replaced."""
        given = [r for card in self.cards for r in (card.stands, *card.beside, *card.earlier) if r is not None]
        return frozenset(r.id for r in given if self.reworded is not None and r.at < self.reworded)

    @property
    def disputes(self) -> dict[str, str]:
        """By criterion the id of the dispute about it, as a later slice tells in its panel
        (`disputes` among its values)."""
        return {name: ident for one in self.panels for name, ident in one.values.get("disputes", {}).items()}


def call_page(space: Workspace, ident: str, viewer: str, rubric: str = "") -> CallPage:
    """The page of a call as `viewer` may see it, against `rubric` (id or label; default: the one in use, else the
    newest with ratings on it). NotFound where there is no such call or rubric."""
    about = space.store[Calls].about(ident, viewer=viewer)
    call = space.store[Calls].get(ident) if about.has_transcript else None
    looked = space.store[Ratings].look([ident], viewer=viewer, with_superseded=True)
    known = [stored.rubric for stored in space.store[Rubrics].all()]
    rated = {rating.provenance.rubric for rating in looked.ratings}
    rubrics = tuple(one for one in reversed(known) if one.id in rated)
    chosen = _shown_rubric(space, rubric, rubrics) if known or rubric else None
    # The store says what counts: who looks may not see all that decides it, nor who said it.
    outcomes = None if chosen is None else space.store[Ratings].outcomes(chosen.id, ident)
    cards = () if chosen is None else _cards(space, chosen, outcomes or {}, looked.ratings)
    turns = () if call is None else marked_turns(call, cards)
    count = sum(one.ratings for one in looked.withheld)
    changes = [one.at for one in space.store[Calls].versions(ident) if not one.same_words]
    results = () if chosen is None else _results(space, chosen, outcomes or {})
    made = CallPage(about, call, chosen, rubrics, cards, results, turns, withheld_sentence(looked.withheld), count)
    return replace(made, reworded=changes[-1] if changes else None, blind=chosen is not None and outcomes is None)


def shown_page(who: Who, ident: str, rubric: str = "") -> CallPage:
    """The page as `who` may see it, with what later slices add."""
    page = call_page(who.space, ident, who.name, rubric)
    return replace(page, panels=tuple(panels("call", who, page)))


def what_counts(space: Workspace, ident: str, rubric: Rubric) -> str:
    """What counts on a call, in one line, as its page has it; it shows no rating, so it is no look."""
    return line_of(_results(space, rubric, space.store[Ratings].outcomes(rubric.id, ident) or {}))


def _results(space: Workspace, rubric: Rubric, outcomes: Mapping[str, Counts | Split]) -> tuple[CallResult, ...]:
    present = space.rules.profiles.present_level
    return tuple(result_of(one, _said(outcomes.get(one.id)), present) for one in rubric.criteria)


def _said(outcome: Counts | Split | None) -> str:
    if not isinstance(outcome, Counts):
        return "none" if outcome is None else "differs"
    return str(outcome.rating.value) if outcome.rating.status == "rated" else outcome.rating.status


def _shown_rubric(space: Workspace, reference: str, rated: Sequence[Rubric]) -> Rubric:
    """The rubric asked for; else the one in use, where the call is rated against it or against none; else the newest of
    those that it is rated against."""
    chosen = rubric_in_use(space.store, reference)
    return chosen if reference or chosen in rated or not rated else rated[0]


def withheld_sentence(withheld: Sequence[Withheld]) -> str:
    """How many ratings are not shown, and until when; empty where all are."""
    parts = []
    for one in withheld:
        are = "rating is" if one.ratings == 1 else "ratings are"
        until = (
            _(
                "until {waiting} submitted: calibration round {value} is blind",
                waiting=", ".join(one.waiting),
                value=one.round,
            )
            if one.waiting
            else "until the calibration of these calls is over"
        )
        parts.append(f"{one.ratings} {are} hidden {until}.")
    return " ".join(parts)


def _cards(
    space: Workspace, rubric: Rubric, outcomes: Mapping[str, Counts | Split], ratings: Sequence[Rating]
) -> tuple[Card, ...]:
    against = [rating for rating in ratings if rating.provenance.rubric == rubric.id]
    superseded = {rating.supersedes for rating in ratings}
    current = [rating for rating in against if rating.id not in superseded]
    by_id = {rating.id: rating for rating in against}
    stands = {name: by_id.get(one.rating.id) for name, one in outcomes.items() if isinstance(one, Counts)}
    marks, sure = space.store[RubricStates].marks(rubric.id), confidences(current)
    return tuple(
        replace(
            _card(number, criterion, stands.get(criterion.id), against, current, sure),
            mark=marks.get(criterion.id, ""),
            split=isinstance(outcomes.get(criterion.id), Split),
        )
        for number, criterion in enumerate(rubric.criteria, 1)
    )


def _card(
    number: int,
    criterion: Criterion,
    stands: Rating | None,
    against: Sequence[Rating],
    current: Sequence[Rating],
    sure: dict[str, Confidence],
) -> Card:
    own = [rating for rating in against if rating.criterion == criterion.id]
    now = {rating.id for rating in current}
    beside = tuple(one for one in own if one.id in now and (stands is None or one.id != stands.id))
    earlier = tuple(rating for rating in reversed(own) if rating.id not in now)
    if stands is None:
        return Card(number, criterion, None, beside, earlier)
    # Readings that differ are a sign for the person who looks, also where a person's rating stands already.
    least = "low" if any(sure[r.id] == "low" for r in own if r.id in now) else sure[stands.id]
    return Card(number, criterion, stands, beside, earlier, least)


def marked_turns(call: Call, cards: Sequence[Card]) -> tuple[MarkedTurn, ...]:
    """The call's turns with the quotes of all cards."""
    by_turn: dict[int, list[tuple[str, Quote]]] = {}
    for card in cards:
        for label, quote in card.quotes:
            if call.transcript.holds(quote):  # else it is of words that were replaced since
                by_turn.setdefault(quote.span.turn, []).append((label, quote))
    marked = []
    for turn in call.transcript.turns:
        spans = [(quote.span, label) for label, quote in by_turn.get(turn.index, ())]
        cut = tuple(pieces(turn.text, turn.index, spans))
        first: dict[str, int] = {}
        last: dict[str, int] = {}
        for at, piece in enumerate(cut):
            for label in piece.labels:
                first.setdefault(label, at)
                last[label] = at
        starts = tuple(tuple(n for n in piece.labels if first[n] == at) for at, piece in enumerate(cut))
        ends = tuple(tuple(n for n in piece.labels if last[n] == at) for at, piece in enumerate(cut))
        role = call.transcript.roles.get(turn.speaker, "")
        marked.append(MarkedTurn(turn, role, cut, starts, ends, suspicion(turn)))
    return tuple(marked)


def level_words(criterion: Criterion, judgement: Judgement) -> str:
    """A judgement in words: "shown", "3 of 5", "does not apply", "failed"."""
    match judgement.status:
        case "not_applicable":
            return _("does not apply")
        case "failed":
            return _("failed")
        case "rated":
            return level_word(criterion, judgement.value)


def level_word(criterion: Criterion, value: int) -> str:
    """A level in words."""
    return criterion.scale.in_words(value)


def all_criteria(space: Workspace) -> dict[tuple[str, str], Criterion]:
    """All criteria by the ids of their rubric and their own."""
    return {(r.rubric.id, c.id): c for r in space.store[Rubrics].all() for c in r.rubric.criteria}
