"""People's judgements, typed in or from a file: a level of the scale, or n/a, with words that code locates."""

from collections.abc import Collection, Sequence

from agent.calls.model import Call
from agent.core.errors import InputError
from agent.core.transcript import Quote, Span
from agent.ratings.model import Judgement, NotApplicable, Rated
from agent.rubrics.model import Criterion
from agent.text.quotes import NotLocated, QuoteIndex

NOT_APPLICABLE = ("n/a", "na", "n")


def human_judgement(criterion: Criterion, call: Call | None, value: str, turn: str = "", words: str = "") -> Judgement:
    """The judgement that a person wrote. InputError, in one sentence, for what does not fit scale or transcript.

    `turn` alone quotes the whole turn; `words` are located, in that turn if it is given. Without both there is no
    quote: a file of another tool may have none. `call` is None for one without a transcript.
    """
    named = bool(turn.strip() or words.strip())
    return quoted_judgement(criterion, call, value, [(turn, words)] if named else [])


def quoted_judgement(
    criterion: Criterion, call: Call | None, value: str, quotes: Sequence[tuple[str, str]]
) -> Judgement:
    """The same with any number of quotes, each a turn and words of it as in `human_judgement`; the same passage counts
    once. "Does not apply" has none."""
    if value.strip().casefold() in NOT_APPLICABLE:
        return NotApplicable()
    if not value.strip():
        raise InputError(f"{criterion.id} has no rating yet; choose {shown_levels(criterion)}, or n/a")
    try:
        level = int(value)
    except ValueError:
        level = None
    if level is None or level not in criterion.levels:
        raise InputError(f"{value!r} is not a level of {criterion.id}; give {shown_levels(criterion)}, or n/a")
    if call is None:
        if quotes:
            raise InputError("this call has no transcript to quote from; leave turn and words empty")
        return Rated(value=level)
    located = dict.fromkeys(human_quote(criterion, call, turn, words) for turn, words in quotes)
    return Rated(value=level, quotes=tuple(located))


def shown_levels(criterion: Criterion) -> str:
    """The levels of the criterion's scale as a person types them."""
    return ", ".join(map(str, criterion.levels))


def human_quote(criterion: Criterion, call: Call, turn: str, words: str) -> Quote:
    """The quote of a whole turn, or of words in it. InputError if the words are not there, or not said by the person
    who is rated."""
    number = _turn(call, turn) if turn.strip() else None
    speakers = rated_speakers(criterion, call)
    if words.strip():
        located = QuoteIndex(call.transcript.turns).locate(words, speakers, number)
        if isinstance(located, NotLocated):
            raise InputError(located.detail, where=call.id)
        return located
    assert number is not None
    said = call.transcript.turns[number]
    if speakers is not None and said.speaker not in speakers:
        raise InputError(
            f"turn {number} is {said.speaker}'s; {criterion.id} rates the {criterion.speaker}", where=call.id
        )
    return Quote(span=Span(turn=number, start=0, end=len(said.text)), speaker=said.speaker, text=said.text)


def rated_speakers(criterion: Criterion, call: Call) -> Collection[str] | None:
    """Who may show the behavior; None for anybody."""
    return None if criterion.speaker == "any" else call.transcript.speakers_as(criterion.speaker)


def _turn(call: Call, turn: str) -> int:
    last = len(call.transcript.turns) - 1
    if not turn.strip().isdecimal() or int(turn) > last:
        raise InputError(f"{call.id} has no turn {turn!r}; its turns are 0 to {last}")
    return int(turn)
