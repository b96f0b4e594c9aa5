"""The composition root: settings in, a store, prompts and models by role out. The only place that puts them together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel, ValidationError

from agent.analysis.coding import Moments
from agent.errors import ConfigError, RoleUnbound
from agent.llm.gateway import Gateway
from agent.llm.ledger import Budget, Metered
from agent.llm.model import Model, Reply, Request
from agent.llm.prices import Price, Prices
from agent.llm.prompts import Prompt, PromptLibrary
from agent.llm.roles import Role
from agent.llm.wire import Endpoint
from agent.settings import Binding, Settings, Stages, shipped

if TYPE_CHECKING:
    from agent.analysis.rulebook import Rulebook
    from agent.llm.probe import Probe
    from agent.llm.recording import CachedModel
    from agent.stats.reliability import Thresholds
    from agent.store.workspace import Store

T = TypeVar("T", bound=BaseModel)


@dataclass
class Workspace:
    """Everything one command works with, made when first asked for.

    `model` takes the place of every role's own for this command; it keeps their endpoint if the provider is the same.
    """

    settings: Settings
    model: str = ""

    @cached_property
    def store(self) -> Store:
        """The workspace's database; its folder is made if there is none."""
        from agent.store.workspace import Store

        self.settings.workspace.mkdir(parents=True, exist_ok=True)
        return Store.open(self.settings.database_url)

    @cached_property
    def prompts(self) -> PromptLibrary:
        """The shipped prompts."""
        return PromptLibrary(shipped("prompts"))

    @cached_property
    def stages(self) -> Stages:
        """Stages and moments."""
        return self.settings.stages()

    @cached_property
    def thresholds(self) -> Thresholds:
        """What a criterion must reach to count as calibrated. ConfigError where the values do not fit together."""
        from agent.stats.reliability import Thresholds

        try:
            return Thresholds.model_validate(self.settings.calibration().model_dump())
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the file"
            path = self.settings.config_path("calibration.yaml")
            raise ConfigError(f"{path}: {where}: {first['msg']}") from error

    @cached_property
    def rules(self) -> Rulebook:
        """The thresholds of everything after the scores. ConfigError where a value does not fit."""
        from agent.analysis.rulebook import Rulebook

        try:
            return Rulebook.model_validate(self.settings.rule_sections().model_dump())
        except ValidationError as error:
            first = error.errors()[0]
            path = self.settings.config_path("profiles.yaml")
            raise ConfigError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error

    @property
    def moments(self) -> Moments:
        """The moments as models are given them."""
        return Moments(tuple({"id": m.id, "means": m.means} for m in self.stages.moments))

    @property
    def concurrency(self) -> int:
        """Requests in flight, where no option says otherwise."""
        return self.settings.models().concurrency

    def prompt(self, name: str) -> Prompt:
        """The newest released version of a prompt, or `name@version`."""
        return self.prompts.get(name)

    def binding(self, role: str) -> Binding:
        """The model bound to `role`. RoleUnbound says the line to write."""
        bound = self.settings.binding(role)
        if self.model:
            same = bound is not None and bound.model.partition("/")[0] == self.model.partition("/")[0]
            bound = bound.model_copy(update={"model": self.model}) if bound and same else Binding(model=self.model)
        if bound is None:
            raise RoleUnbound(role, str(self.settings.workspace / "config" / "models.yaml"))
        return bound

    @cached_property
    def cache(self) -> CachedModel:
        """The cache of replies, over no model: for asking what it holds."""
        from agent.llm.recording import CachedModel

        self.settings.workspace.mkdir(parents=True, exist_ok=True)
        return CachedModel(_Nothing(), self.settings.workspace / "cache")

    def prices(self, bindings: Sequence[Binding]) -> Prices:
        """litellm's price table, with the prices that the bindings name themselves."""
        own = {
            b.model: Price(b.input_usd_per_million / 1e6, b.output_usd_per_million / 1e6, b.input_usd_per_million / 1e6)
            for b in bindings
            if b.input_usd_per_million is not None and b.output_usd_per_million is not None
        }
        return Prices(own)

    def planned_role(self, name: str) -> Role:
        """The role for making requests and counting them, without any way to send them."""
        return _role(name, self.binding(name), _Nothing())

    @asynccontextmanager
    async def roles(self, *names: str, budget_usd: float | None = None) -> AsyncIterator[dict[str, Role]]:
        """Roles that can ask; all share one cache, budget and ledger."""
        bindings = {name: self.binding(name) for name in names}
        prices = self.prices(list(bindings.values()))
        limit = self.settings.models().budget_usd if budget_usd is None else budget_usd
        async with AsyncExitStack() as closing:
            model = Metered(self._answering(bindings, prices, limit, closing), self.store.ledger, prices)
            yield {name: _role(name, bound, model) for name, bound in bindings.items()}

    async def probe(self, name: str) -> Probe:
        """Whether the model of role `name` can be used; asks its endpoint, never a cache."""
        from agent.llm.probe import probe

        bound = self.binding(name)
        async with _gateway(self.settings, bound) as gateway:
            return await probe(gateway, bound.model, self.prices([bound]))

    def _answering(
        self, bindings: Mapping[str, Binding], prices: Prices, budget_usd: float | None, closing: AsyncExitStack
    ) -> Model:
        """Recordings, or the cache over the budget over the providers."""
        from agent.llm.recording import CachedModel, Recorder, Replay

        if self.settings.replay is not None:
            return Replay(self.settings.replay, how_to_record="bind a model and set CLOSEREAD_RECORD to that folder")
        model: Model = _Switchboard(self.settings, bindings, closing)
        if budget_usd is not None:
            model = Budget(model, usd=budget_usd, prices=prices)
        cached = CachedModel(model, self.settings.workspace / "cache")
        closing.callback(cached.close)
        return cached if self.settings.record is None else Recorder(cached, self.settings.record)


def _role(name: str, bound: Binding, client: Model) -> Role:
    settings = {key: value for key, value in bound.settings.items() if value is not None}
    dropped = frozenset(key for key, value in bound.settings.items() if value is None)
    return Role(name, bound.model, client, settings, bound.context_tokens, dropped)


class _Switchboard:
    """Sends each request to the endpoint of its role. Roles with the same endpoint share its connections."""

    def __init__(self, settings: Settings, bindings: Mapping[str, Binding], closing: AsyncExitStack) -> None:
        gateways: dict[str, Gateway] = {}
        self._by_role: dict[str, Gateway] = {}
        for role, bound in bindings.items():
            key = bound.model_dump_json(exclude={"model", "settings"})
            if key not in gateways:
                gateways[key] = _gateway(settings, bound)
                closing.push_async_callback(gateways[key].aclose)
            self._by_role[role] = gateways[key]

    async def ask(self, request: Request[T]) -> Reply[T]:
        return await self._by_role[request.role].ask(request)


def _gateway(settings: Settings, bound: Binding) -> Gateway:
    key = None
    if bound.api_key_env:
        key = settings.environment.get(bound.api_key_env)
        if not key:
            raise ConfigError(f"the environment variable {bound.api_key_env} for {bound.model} is not set")
    return Gateway(
        Endpoint(
            api_base=bound.api_base,
            api_key=key,
            timeout_seconds=bound.timeout_seconds,
            context_tokens=bound.context_tokens,
            tokens_estimated=bound.tokens_estimated,
        )
    )


class _Nothing:
    """Stands where no model may be asked."""

    async def ask(self, request: Request[Any]) -> Any:
        raise ConfigError(f"no model may be asked here ({request.prompt} for {request.subject})")
