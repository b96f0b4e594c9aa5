"""Puts every case of a suite to a model: many at a time, with every reply kept in the request cache."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, TypeVar

from pydantic import BaseModel

from agent.calls.model import Call
from agent.core.errors import ConfigError, InputError, ModelError, ModelRejected, ModelUnreachable, RecordingMissing
from agent.core.transcript import Quote
from agent.evals.reading_interviews import OneReading
from agent.evals.run import Answer, Mode, Run, Spending
from agent.evals.suite import Case, Suite
from agent.llm.asking import each
from agent.llm.model import Model, Reply, Request
from agent.llm.prices import Prices
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.checking import TESTS, check_request
from agent.ratings.model import Failed, Rated
from agent.rubrics.model import Rubric
from agent.scoring.reading import COUNTING, Prompts, Reading
from agent.settings import Stages
from agent.text.importers import read_transcript_bytes
from agent.text.quotes import QuoteIndex

T = TypeVar("T", bound=BaseModel)

CRITERION_KIND = "Criterion for rating sales calls"  # as `closeread rubric lint` says it
_REPEATABLE = (ModelUnreachable, ModelRejected, RecordingMissing)


class _Unasked:
    """Stands in for the model in suites that our code decides and no model is asked about."""

    async def ask(self, request: Request[Any]) -> Any:
        raise ConfigError(f"no model is asked in this suite ({request.subject})")


CODE = Role("code", "none: code decides", _Unasked())


@dataclass
class Meter:
    """A wrapper around a model that adds up what its replies cost."""

    model: Model
    prices: Prices = field(default_factory=Prices)
    requests: int = 0
    answered: Counter[str] = field(default_factory=Counter)
    _tokens: list[tuple[int, int, bool]] = field(default_factory=list)
    _seconds: list[float] = field(default_factory=list)
    _usd: float | None = 0.0
    _paid: float = 0.0

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The wrapped model's reply."""
        reply = await self.model.ask(request)
        self.requests += 1
        self.answered[reply.source] += 1
        self._tokens.append((reply.usage.input_tokens, reply.usage.output_tokens, reply.usage.estimated))
        price = self.prices.cost(request.model, reply.usage)
        self._usd = None if price is None or self._usd is None else self._usd + price
        self._paid += reply.cost_usd or 0.0
        if reply.source == "provider" and reply.seconds is not None:
            self._seconds.append(reply.seconds)
        return reply

    def spending(self) -> Spending:
        """The total so far."""
        return Spending(
            requests=self.requests,
            input_tokens=sum(i for i, _, _ in self._tokens),
            output_tokens=sum(o for _, o, _ in self._tokens),
            estimated=any(e for _, _, e in self._tokens),
            usd=self._usd if self.requests else None,
            paid_usd=self._paid,
            seconds=sum(self._seconds) / len(self._seconds) if self._seconds else None,
            answered=dict(sorted(self.answered.items())),
        )


@dataclass(frozen=True)
class Plan:
    """What a run asks: which cases, how many draws, with which prompt and model."""

    suite: Suite
    cases: tuple[Case, ...]
    role: Role
    prompt: Prompt | None
    draws: int = 1
    mode: Mode = "all criteria"
    split: str = ""
    stages: Stages | None = None  # in a suite of notes or drafts: what is told of stages and moments
    beside: Prompt | None = None  # in a suite that rates and counts: the prompt of the other kind

    @property
    def asked(self) -> tuple[Case, ...]:
        """The cases that a model is asked about."""
        return tuple(c for c in self.cases if c.call is not None or c.criterion is not None or c.reads)

    @property
    def _prompt(self) -> Prompt:
        if self.prompt is None:
            raise ConfigError(f"suite {self.suite.name} names no prompt; write prompt: in its suite.yaml")
        return self.prompt

    def rubrics(self, case: Case) -> list[Rubric]:
        """The whole rubric, or one rubric for each criterion. The whole one also asks criteria without a reference,
        because that is the request made in production; single ones leave these out."""
        rubric = self.suite.rubric
        if rubric is None:
            raise ConfigError(f"suite {self.suite.name} has no rubric")
        if self.mode == "all criteria":
            return [rubric]
        wanted = {r.criterion for r in case.references}
        return [Rubric(criteria=(c,), label=rubric.label) for c in rubric.criteria if c.id in wanted]

    def requests(self) -> Iterator[Request[Any]]:
        """Every first request of the run; re-asks for faults come on top."""
        for draw in range(self.draws):
            for case in self.asked:
                if case.criterion is not None:
                    yield self.check(case, self.role, draw)
                elif case.reads:
                    yield from self._one(case).requests(self.role)
                elif case.call is not None:
                    for rubric in self.rubrics(case):
                        yield from self._reading(case.call, rubric, draw).requests(self.role)

    def _reading(self, call: Call, rubric: Rubric, draw: int) -> Reading:
        """The reading of a call; it asks all criteria if the case does not give the call's stage."""
        asked = rubric.asked_in(call.stage) if call.stage else rubric.criteria
        prompt = self._prompt
        prompts = (
            Prompts(self.beside or prompt, prompt) if prompt.meta.name == COUNTING else Prompts(prompt, self.beside)
        )
        return Reading(call, rubric, asked, prompts, draw)

    def check(self, case: Case, role: Role, draw: int) -> Request[Any]:
        """The request that lets the checker judge a description."""
        given = case.criterion
        if given is None:
            raise InputError(f"case {case.id} is no description")
        request = check_request(CRITERION_KIND, given.name, given.description, role, self._prompt)
        return replace(request, draw=draw, subject=case.id)

    async def answers(self, case: Case, draw: int, role: Role) -> list[Answer]:
        """The answers for one case and draw. A failure of the model that would repeat is an answer too: failed."""
        if case.criterion is not None:
            return await self._checked(case, draw, role)
        if case.reads:
            return await self._read(case, role)
        if case.call is None:
            return []
        answers = []
        for rubric in self.rubrics(case):
            reading = self._reading(case.call, rubric, draw)
            try:
                ratings = await reading.ratings(role)
            except _REPEATABLE:
                raise
            except ModelError as error:
                ratings = reading.failed(error, role)
            answers += [
                Answer(
                    case=case.id,
                    criterion=r.criterion,
                    draw=draw,
                    judgement=r.judgement,
                    reason=r.reason,
                    request=r.provenance.request,
                )
                for r in ratings
            ]
        return answers

    def _one(self, case: Case) -> OneReading:
        if self.stages is None:
            raise ConfigError(f"suite {self.suite.name} is asked with the workspace's stages, and none were given")
        return OneReading(self.suite, case, self._prompt, self.stages)

    async def _read(self, case: Case, role: Role) -> list[Answer]:
        one, judgements = self._one(case), dict[str, Rated | Failed]()
        requests = one.requests(role)
        try:
            judgements |= one.found(role, [(await role.ask(request)).value for request in requests])
        except _REPEATABLE:
            raise
        except ModelError as error:
            failed = Failed(kind="model", detail=f"{error.code}: {error.explained}")
            judgements |= {r.criterion: failed for r in case.references}
        return [
            Answer(case=case.id, criterion=name, draw=0, judgement=judgement, request=requests[0].id)
            for name, judgement in judgements.items()
        ]

    async def _checked(self, case: Case, draw: int, role: Role) -> list[Answer]:
        request = self.check(case, role, draw)
        names = [c.id for c in self.suite.criteria]
        try:
            reply = (await role.ask(request)).value
        except _REPEATABLE:
            raise
        except ModelError as error:
            judgement = Failed(kind="model", detail=f"{error.code}: {error.explained}")
            return [
                Answer(case=case.id, criterion=n, draw=draw, judgement=judgement, request=request.id) for n in names
            ]
        tests = {name: getattr(reply, name) for name in TESTS}
        values = {"passes": int(all(t.passes for t in tests.values()))} | {n: int(t.passes) for n, t in tests.items()}
        whys = {n: t.why for n, t in tests.items()} | {"passes": reply.rewrite}
        return [
            Answer(
                case=case.id,
                criterion=n,
                draw=draw,
                judgement=Rated(value=values[n]),
                reason=whys[n],
                request=request.id,
            )
            for n in names
        ]


async def run_suite(
    plan: Plan, concurrency: int, step: Callable[[], None], prices: Prices | None = None, at: datetime | None = None
) -> Run:
    """Ask about every case of `plan`. Cases that cannot be answered now (unreachable, key refused, not recorded) are
    listed in `unanswered` and asked again by the next run; answered ones are in the cache."""
    meter = Meter(plan.role.client, prices or Prices())
    role = replace(plan.role, client=meter)
    jobs = [(draw, case) for draw in range(plan.draws) for case in plan.asked]
    answers: list[Answer] = [a for case in plan.cases if case.quote is not None for a in _check_quote(case)]
    unanswered: dict[str, str] = {}

    async def work(job: tuple[int, Case]) -> list[Answer]:
        return await plan.answers(job[1], job[0], role)

    def done(job: tuple[int, Case], result: list[Answer] | ModelError) -> None:
        if isinstance(result, ModelError):
            unanswered[job[1].id] = str(result)
        else:
            answers.extend(result)
        step()

    await each(jobs, work, concurrency, done)
    return finished(plan, answers, unanswered, meter.spending(), at)


def finished(
    plan: Plan, answers: Sequence[Answer], unanswered: dict[str, str], spending: Spending, at: datetime | None = None
) -> Run:
    """The run, with answers in the order of cases, criteria and draws; answers without a reference are left out."""
    suite, prompt = plan.suite, plan.prompt
    references = tuple(r for case in plan.cases for r in case.references)
    order = {(r.case, r.criterion): i for i, r in enumerate(references)}
    # A case that lacks one of its draws is incomplete as a whole: half a case would count differently from the others.
    kept = [a for a in answers if (a.case, a.criterion) in order and a.case not in unanswered]
    used = {r.criterion for r in references}
    return Run(
        suite=suite.name,
        kind=suite.file.kind,
        suite_id=suite.id,
        split=plan.split,
        model=plan.role.model,
        prompt=prompt.id if prompt is not None else "",
        rubric=suite.rubric.id if suite.rubric is not None else "",
        mode=plan.mode,
        draws=plan.draws,
        criteria=tuple(c for c in suite.criteria if c.id in used),
        cases=tuple(c.id for c in plan.cases),
        must_pass=tuple(c.id for c in plan.cases if c.must_pass),
        test_cases=tuple(c.id for c in plan.cases if c.split == "test"),
        references=references,
        answers=tuple(sorted(kept, key=lambda a: (order[a.case, a.criterion], a.draw))),
        refused={c.id: _refusal(c) for c in plan.cases if c.import_problem},
        unanswered=unanswered,
        no_ceiling=suite.file.no_ceiling,
        endpoint=plan.role.endpoint,
        spending=spending,
        at=at or datetime.now(UTC),
    )


def _refusal(case: Case) -> str:
    """What is wrong with how the import refused the case; empty if it refused it as it should."""
    if case.refused is None:
        return "import took it, and had to refuse it"
    return "" if case.import_problem in case.refused else f"import refused it with other words: {case.refused}"


def _check_quote(case: Case) -> list[Answer]:
    """A claimed quote checked by the code that locates quotes."""
    given = case.quote
    if given is None:
        return []
    transcript = read_transcript_bytes(given.transcript.encode(), f"{case.id}.txt", format="text")
    place = QuoteIndex(transcript.turns).locate(given.quote, {given.speaker} if given.speaker else None)
    if isinstance(place, Quote):
        return [Answer(case=case.id, criterion="located", draw=0, judgement=Rated(value=1, quotes=(place,)))]
    return [Answer(case=case.id, criterion="located", draw=0, judgement=Rated(value=0), reason=place.detail)]
