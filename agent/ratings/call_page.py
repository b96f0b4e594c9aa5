"""One call as a person reads it: its words with the quotes of each rating marked in place, and a card a rating.

Quotes are labelled `<card>-<quote>`, both counted from 1: the label joins a card's quote and its place in the words.
"""

from collections.abc import Container, Sequence
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
from agent.ratings.rule import Counts, candidate, is_person, which_counts
from agent.ratings.second_opinion import Confidence, confidences
from agent.ratings.store import Ratings
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.model import Criterion, Rubric
from agent.rubrics.store import Rubrics, RubricStates
from agent.text.suspicion import suspicion
from agent.workspace import Workspace


@dataclass(frozen=True)
class Card:
    """One criterion on this call. `stands` is the rating that counts, None where nothing does; `beside` the other current
    ones; `earlier` those that were superseded, newest first."""

    number: int
    criterion: Criterion
    stands: Rating | None
    beside: tuple[Rating, ...] = ()
    earlier: tuple[Rating, ...] = ()
    confidence: Confidence | None = None
    mark: str = ""  # that it is in use and not calibrated

    @property
    def split(self) -> bool:
        """Whether nothing counts because people differ."""
        return self.stands is None and sum(is_person(one.rater) for one in self.beside) > 1

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

    `rubrics` are those with ratings on this call, the newest first. `hidden` says in a sentence what is withheld;
    empty if nothing is. `panels` are what later slices add, `reworded` is when
    the call's words were replaced last.
    """

    about: CallRow
    call: Call | None
    rubric: Rubric | None
    rubrics: tuple[Rubric, ...]
    cards: tuple[Card, ...]
    turns: tuple[MarkedTurn, ...]
    hidden: str = ""
    hidden_count: int = 0
    panels: tuple[Panel, ...] = ()
    reworded: datetime | None = None

    @property
    def of_words_before(self) -> frozenset[str]:
        """Ids of the ratings that were given before the call's words were replaced."""
        given = [r for card in self.cards for r in (card.stands, *card.beside, *card.earlier) if r is not None]
        return frozenset(r.id for r in given if self.reworded is not None and r.at < self.reworded)

    @property
    def disputes(self) -> dict[str, str]:
        """By criterion the id of the dispute about it, as a later slice tells in its panel (`disputes` among its values)."""
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
    cards = () if chosen is None else _cards(space, chosen, looked.ratings)
    turns = () if call is None else marked_turns(call, cards)
    count = sum(one.ratings for one in looked.withheld)
    changes = [one.at for one in space.store[Calls].versions(ident) if not one.same_words]
    made = CallPage(about, call, chosen, rubrics, cards, turns, withheld_sentence(looked.withheld), count)
    return replace(made, reworded=changes[-1] if changes else None)


def shown_page(who: Who, ident: str, rubric: str = "") -> CallPage:
    """The page as `who` may see it, with what later slices add."""
    page = call_page(who.space, ident, who.name, rubric)
    return replace(page, panels=tuple(panels("call", who, page)))


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


def _cards(space: Workspace, rubric: Rubric, ratings: Sequence[Rating]) -> tuple[Card, ...]:
    against = [rating for rating in ratings if rating.provenance.rubric == rubric.id]
    superseded = {rating.supersedes for rating in ratings}
    current = [rating for rating in against if rating.id not in superseded]
    stands, sure = (
        _that_count(against, space.store[Ratings].submitted([rating.call for rating in ratings[:1]])),
        confidences(current),
    )
    if space.store.scope.only_rep is not None:  # a rep does not see all that decides what counts
        calls = list({rating.call for rating in ratings})
        counted = {one.rating.id for one in space.store[Ratings].that_count(rubric.id, calls)}
        stands = {criterion: one for criterion, one in stands.items() if one.id in counted}
    marks = space.store[RubricStates].marks(rubric.id)
    return tuple(
        replace(
            _card(number, criterion, stands.get(criterion.id), against, current, sure), mark=marks.get(criterion.id, "")
        )
        for number, criterion in enumerate(rubric.criteria, 1)
    )


def _that_count(against: Sequence[Rating], submitted: Container[str]) -> dict[str, Rating]:
    """By criterion, the rating that counts."""
    by_id = {rating.id: rating for rating in against}
    counted = {}
    for criterion in {rating.criterion for rating in against}:
        counts = which_counts([candidate(one, submitted) for one in against if one.criterion == criterion])
        if isinstance(counts, Counts):
            counted[criterion] = by_id[counts.rating.id]
    return counted


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
