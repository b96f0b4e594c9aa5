"""Rating in the terminal: the call, one criterion after the other, a level, the words it rests on, a reason."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from agent.calibration.model import Draft
from agent.calibration.sheet import shown_examples
from agent.calls.model import Call
from agent.core.errors import InputError
from agent.ratings.human import NOT_APPLICABLE, human_judgement, rated_speakers, shown_levels
from agent.ratings.model import Judgement, Rated
from agent.rubrics.model import Criterion, Rubric

STOP, SHOW = "q", "?"


class Stopped(Exception):
    """The rater wants to go on another time."""


@dataclass(frozen=True)
class Session:
    """One rater's sitting. `ask` shows a prompt and returns what was typed; `keep` stores each rating at once."""

    rubric: Rubric
    ask: Callable[[str], str]
    out: Console
    keep: Callable[[Draft], None]

    def rate(self, calls: list[tuple[Call, list[Criterion]]]) -> int:
        """Go through the calls, each with the criteria that are missing; how many ratings were given."""
        given = 0
        try:
            for place, (call, criteria) in enumerate(calls, 1):
                self.show_call(call, f"call {place} of {len(calls)}")
                for criterion in criteria:
                    self.keep(self._one(call, criterion))
                    given += 1
        except (Stopped, EOFError):
            self.out.print(f"stopped; {given} ratings saved in this sitting")
        return given

    def show_call(self, call: Call, title: str) -> None:
        """The transcript with turn numbers. Who sold, and when, is part of it; who rated what is not."""
        self.out.rule(f"{escape(call.id)} ({title}), {escape(call.rep)}, {call.date}")
        for turn in call.transcript.turns:
            self.out.print(f"[dim]{turn.index:>3}[/dim] [bold]{escape(turn.speaker)}[/bold]: {escape(turn.text)}")

    def _show_criterion(self, criterion: Criterion, call: Call) -> None:
        self.out.print(f"\n[bold]{escape(criterion.name)}[/bold] ({criterion.id}, rates: {criterion.speaker})")
        self.out.print(f"  {escape(criterion.description)}")
        for level, text in sorted(criterion.anchors.items()):
            self.out.print(f"  {level} = {escape(text)}")
        for kind, words, _ in shown_examples(criterion, call.id):
            self.out.print(f"  {kind}: “{escape(words)}”")
        if criterion.not_applicable_when:
            self.out.print(f"  does not apply when: {escape(criterion.not_applicable_when)}")

    def _one(self, call: Call, criterion: Criterion) -> Draft:
        self._show_criterion(criterion, call)
        value = self._value(call, criterion)
        if value in NOT_APPLICABLE:
            judgement: Judgement = human_judgement(criterion, call, value)
        else:
            judgement = self._with_words(call, criterion, value)
        reason = self._typed("why, in one line [enter = none]: ")
        return Draft(call=call.id, criterion=criterion.id, judgement=judgement, reason=reason)

    def _value(self, call: Call, criterion: Criterion) -> str:
        question = f"{criterion.id} [{shown_levels(criterion)}; n = n/a, {SHOW} = call again, {STOP} = stop]: "
        for value in self._answers(question):
            if value == SHOW:
                self.show_call(call, "again")
                continue
            try:
                human_judgement(criterion, call, value)
            except InputError as error:
                self.out.print(str(error), style="red")
                continue
            return value
        raise Stopped

    def _with_words(self, call: Call, criterion: Criterion, value: str) -> Rated:
        """The judgement with its quote, which a level above the lowest needs."""
        needed = criterion.shown(int(value))
        speakers = rated_speakers(criterion, call)
        turns = [t for t in call.transcript.turns if speakers is None or t.speaker in speakers]
        which = "turn that shows it" if needed else "turn that comes closest [enter = none]"
        for turn in self._answers(f"{which}, {turns[0].index} to {turns[-1].index}: " if turns else f"{which}: "):
            if not turn and needed:
                self.out.print(f"{value} says the behavior was there: name the turn that shows it", style="red")
                continue
            try:
                judgement = human_judgement(criterion, call, value, turn)
                if turn and (words := self._typed("words of it [enter = the whole turn]: ")):
                    judgement = human_judgement(criterion, call, value, turn, words)
            except InputError as error:
                self.out.print(str(error), style="red")
                continue
            assert isinstance(judgement, Rated)
            return judgement
        raise Stopped

    def _answers(self, question: str) -> Iterator[str]:
        while True:
            yield self._typed(question)

    def _typed(self, question: str) -> str:
        answer = self.ask(question).strip()
        if answer.casefold() == STOP:
            raise Stopped
        return answer
