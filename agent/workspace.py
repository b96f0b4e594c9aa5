"""The composition root: settings in, a store, prompts and models by role out. The only
place that puts them together."""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr

from agent.core.errors import ConfigError, RoleUnbound
from agent.core.people import Scope
from agent.core.tongues import TONGUES
from agent.db.known_names import known_bodies
from agent.db.ledger import SqlLedger
from agent.db.paces import SqlPace
from agent.db.sealed_keys import endpoint_of, kept_key
from agent.db.secret_key import secret_key
from agent.db.store import Store
from agent.llm.batch_replies import BatchDesk
from agent.llm.batches import OpenAIBatches
from agent.llm.budget import Budget, Month, MonthlyBudget
from agent.llm.cache import CachedModel
from agent.llm.fallback import Alternative, Fallback
from agent.llm.gateway import Gateway
from agent.llm.ledger import Ledger, Metered
from agent.llm.model import Model, Reply, Request, Setting, default_reply_mode
from agent.llm.pace import Pacer, SharedPace
from agent.llm.pacing import Limits
from agent.llm.prices import Price, Prices
from agent.llm.probe import Probe, probe
from agent.llm.prompts import LANGUAGE, Prompt, PromptLibrary, read_pins
from agent.llm.recording import Recorder, Replay
from agent.llm.retries import Patience, Retries
from agent.llm.roles import Disguise, Role
from agent.llm.wire import Endpoint, is_loopback
from agent.settings import Binding, Settings, Stages, register_file, shipped
from agent.stats.calibration import CalibrationRule
from agent.stats.rules import Rulebook
from agent.text.pseudonyms import Pseudonyms, names_of

register_file("calibration.yaml", CalibrationRule)
register_file("profiles.yaml", Rulebook)

T = TypeVar("T", bound=BaseModel)


_OWN = frozenset({"config", "evals", "metrics", "model-keys", "prompts", "secret-key", "staging"})
_OWN_BEGIN = ("cache", "closeread")


def make_private(folder: Path) -> None:
    """Make the workspace's folder, and let only its owner into what is in it, whoever made it and however.

    A folder that holds other things too keeps its own rights: somebody may work in the folder of a whole project.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    every = list(folder.iterdir())
    own = [path for path in every if path.name in _OWN or path.name.startswith(_OWN_BEGIN)]
    for path in [folder, *own] if len(own) == len(every) else own:
        status = path.stat()
        if status.st_mode & 0o077 and status.st_uid == os.getuid():
            path.chmod(status.st_mode & ~0o077)


@dataclass
class Workspace:
    """Everything one command works with, made when first asked for.

    `model` takes the place of every role's own for this command; it keeps their endpoint if the provider is the same.
    """

    settings: Settings
    model: str = ""
    start: Callable[[Settings], None] = Settings.make_folder
    """What is done where there is no workspace at that place; raises NoWorkspace where none is to be made."""
    fresh: bool = False
    """Whether models are asked anew although a reply is kept."""

    @cached_property
    def store(self) -> Store:
        """The workspace's database; its folder is made if there is none."""
        return Store.open(self.there.database_url)

    def close(self) -> None:
        """Close the connections to its database, where any were opened."""
        if "store" in vars(self):
            self.store.close()

    def seen_by(self, scope: Scope) -> "Workspace":
        """The same workspace for somebody who signed in: the store leaves out what `scope` does not cover."""
        scoped = copy(self)  # what was read already (prompts, stages) is shared
        scoped.store = self.store.seen_by(scope)
        return scoped

    def asked_anew(self, fresh: bool) -> "Workspace":
        """The same workspace, with models asked anew if `fresh`."""
        made = copy(self)
        made.fresh = fresh
        return made

    @cached_property
    def prompts(self) -> PromptLibrary:
        """The shipped prompts and the workspace's own; in replay, in the versions that
        the recordings were made with."""
        own = self.settings.workspace / "prompts"
        return PromptLibrary(shipped("prompts"), read_pins(self.settings.replay), own)

    @cached_property
    def stages(self) -> Stages:
        """Stages and moments."""
        return self.settings.stages()

    @cached_property
    def calibration_rule(self) -> CalibrationRule:
        """What a criterion must reach to count as calibrated. ConfigError where the values do not fit together."""
        return self.settings.load("calibration.yaml", CalibrationRule)

    @cached_property
    def rules(self) -> Rulebook:
        """The thresholds of everything after the scores. ConfigError where a value does not fit."""
        return self.settings.load("profiles.yaml", Rulebook)

    @property
    def concurrency(self) -> int:
        """Requests in flight, where no option says otherwise."""
        return self.settings.models().concurrency

    def prompt(self, name: str) -> Prompt:
        """The newest released version of a prompt, or `name@version`; with the language in which models
        are to write, if one is named."""
        prompt, language = self.prompts.get(name), self.settings.models_write
        if not language or prompt.meta.name == LANGUAGE:
            return prompt
        return prompt.ended_by(self.prompts.get(LANGUAGE), {"language": TONGUES[language]})

    def binding(self, role: str) -> Binding:
        """The model bound to `role`. RoleUnbound says how to bind one."""
        bound = self.settings.binding(role)
        if self.model:
            same = bound is not None and bound.model.partition("/")[0] == self.model.partition("/")[0]
            bound = bound.model_copy(update={"model": self.model}) if bound and same else Binding(model=self.model)
        if bound is None:
            raise RoleUnbound(role)
        return bound

    @cached_property
    def cache(self) -> CachedModel:
        """The cache of replies, over no model: for asking what it holds."""
        return CachedModel(_Nothing(), self.there.workspace / "cache")

    @property
    def there(self) -> Settings:
        """The settings of a workspace that is there: where it is not, it is made, or NoWorkspace is raised."""
        if not self.settings.is_there:
            self.start(self.settings)
        make_private(self.settings.workspace)
        return self.settings

    def prices(self, bindings: Sequence[Binding]) -> Prices:
        """litellm's price table, with the prices that the bindings name themselves."""
        own = {
            b.model: Price(b.input_usd_per_million / 1e6, b.output_usd_per_million / 1e6, b.input_usd_per_million / 1e6)
            for b in bindings
            if b.input_usd_per_million is not None and b.output_usd_per_million is not None
        }
        own |= {b.model: Price(0.0, 0.0, 0.0, b.usd_per_minute / 60) for b in bindings if b.usd_per_minute is not None}
        return Prices(own)

    def planned_role(self, name: str) -> Role:
        """The role for making requests and counting them, without any way to send them."""
        bound = self.binding(name)
        role = _role(name, bound, _Nothing(), self.endpoint_name(bound))
        return replace(role, fresh=self.fresh, disguise=self._disguise([bound, *self.fallbacks(name)]))

    def _disguise(self, chain: Sequence[Binding]) -> Disguise | None:
        """The placeholders for names, where one of these models is not on this machine, or the settings say so.

        Not where recordings are made or replayed, unless the settings say so: they are of requests without.
        """
        wanted = self.settings.privacy().pseudonyms
        if wanted is None:
            recording = self.settings.record is not None or self.settings.replay is not None
            wanted = not recording and any(not is_loopback(self.base_url(bound)) for bound in chain)
        return self.pseudonyms if wanted else None

    @cached_property
    def pseudonyms(self) -> Pseudonyms:
        """The placeholders of all names that are known now."""
        people, companies = names_of(known_bodies(self.store.engine))
        return Pseudonyms(secret_key(self.settings.workspace), sorted(people), sorted(companies))

    def fallbacks(self, role: str) -> list[Binding]:
        """Who is asked after the model bound to `role`; nobody where this command names the model itself."""
        return [] if self.model else self.settings.fallbacks(role)

    def answering_models(self, role: str) -> tuple[tuple[str, str], ...]:
        """Models and servers whose ratings count as this role's: the bound one and those that may take over."""
        return tuple((b.model, self.endpoint_name(b)) for b in (self.binding(role), *self.fallbacks(role)))

    @asynccontextmanager
    async def roles(
        self,
        *names: str,
        budget_usd: float | None = None,
        job: str = "",
        rubric: str = "",
        fallback: bool = True,
        fresh: bool = False,
        ledger: Ledger | None = None,
    ) -> AsyncIterator[dict[str, Role]]:
        """Roles that can ask; all share one cache, budget and ledger, which books on `job`
        and `rubric` unless it is given.

        Without `fallback` no other model takes over: for measuring the one that is bound. `fresh` asks anew what is in
        the cache: a model behind an alias changes with time.
        """
        chains = {name: [self.binding(name), *(self.fallbacks(name) if fallback else [])] for name in names}
        prices = self.prices([bound for chain in chains.values() for bound in chain])
        limit = self.settings.models().budget_usd if budget_usd is None else budget_usd
        async with AsyncExitStack() as closing:
            answering = self._answering(chains, prices, limit, closing)
            model: Model = Metered(answering, ledger or self.store[SqlLedger].within(job, rubric), prices)
            others = {
                name: [_alternative(b, self.endpoint_name(b)) for b in chain[1:]]
                for name, chain in chains.items()
                if chain[1:]
            }
            model = Fallback(model, others) if others else model
            made = {n: _role(n, chain[0], model, self.endpoint_name(chain[0])) for n, chain in chains.items()}
            yield {
                n: replace(role, fresh=fresh or self.fresh, disguise=self._disguise(chains[n]))
                for n, role in made.items()
            }

    @asynccontextmanager
    async def batches(self, name: str, budget_usd: float | None = None) -> AsyncIterator[BatchDesk]:
        """The batch interface of the model of role `name`: replies go to the workspace's cache."""
        bound = self.binding(name)
        if not bound.api_base and not bound.model.startswith("openai/"):
            raise ConfigError(f"{bound.model}: batches go to OpenAI or to a base URL that offers its Batch interface")
        if _role(name, bound, _Nothing(), "").reply_mode != "json_schema":
            raise ConfigError(f"{bound.model}: batches are asked with reply: json_schema, not {bound.reply}")
        limits = [self.settings.models().budget_usd if budget_usd is None else budget_usd]
        monthly = self.settings.models().monthly_budget_usd
        limits.append(None if monthly is None else Month(monthly, self.store[SqlLedger].spent_usd).left)
        left = min((limit for limit in limits if limit is not None), default=None)
        async with OpenAIBatches(_endpoint(self.settings, bound)) as model:
            yield BatchDesk(model, self.cache, self.prices([bound]), left)

    async def probe(self, name: str) -> Probe:
        """Whether the model of role `name` can be used; asks its endpoint, never a cache, as the role's prompts ask."""
        bound = self.binding(name)
        role = _role(name, bound, _Nothing(), "")
        endpoint = replace(_endpoint(self.settings, bound), reply_fixed=True)
        async with Gateway(endpoint) as gateway:
            return await probe(gateway, role, self._settings_of(role), self.prices([bound]), gateway.learned)

    def endpoint_of(self, bound: Binding) -> Endpoint:
        """Where the model of `bound` is asked, and with which key."""
        return _endpoint(self.settings, bound)

    def endpoint_name(self, bound: Binding) -> str:
        """Whose answers those of `bound` are: the name or the base URL of a server of one's own, else empty.

        Recordings are of requests, whoever answered them: where they are made or replayed, no server is named.
        """
        if self.settings.record is not None or self.settings.replay is not None:
            return ""
        if bound.server is not None:
            return bound.server
        return self.base_url(bound)

    def base_url(self, bound: Binding) -> str:
        """The address of a server of one's own, from the binding or the environment; empty for the provider's."""
        provider = bound.model.partition("/")[0]
        variable = "OPENAI_BASE_URL" if provider == "openai" else f"{provider.removesuffix('_chat').upper()}_API_BASE"
        base = bound.api_base or self.settings.environment.get(variable, "")
        return base.rstrip("/").partition("?")[0][:400]

    def _settings_of(self, role: Role) -> dict[str, Setting]:
        """The settings that the prompts of `role` are sent with: all of them, and the
        largest reply that one may need."""
        kind = "analyst" if role.name.startswith("analyst") else role.name
        prompts = [p for p in self.prompts.all() if p.meta.role == kind and p.meta.status == "released"]
        longest = sorted(prompts, key=lambda p: int(str(p.settings.get("max_tokens") or 0)))
        merged = {name: value for prompt in longest for name, value in prompt.settings.items()}
        return {name: value for name, value in {**merged, **role.settings}.items() if name not in role.dropped}

    def shared_pace(self, endpoint: str, limits: Limits) -> SharedPace:
        """The pace of an endpoint, kept in the database: all workers of the workspace ask at it together."""
        return SqlPace(self.store.engine, endpoint, limits)

    def _answering(
        self,
        chains: Mapping[str, Sequence[Binding]],
        prices: Prices,
        budget_usd: float | None,
        closing: AsyncExitStack,
    ) -> Model:
        """Recordings, or the cache over the budget over the providers."""
        if self.settings.replay is not None:
            return Replay(self.settings.replay, how_to_record="bind a model and set CLOSEREAD_RECORD to that folder")
        return self._paid(_Switchboard(self.settings, chains, self.shared_pace, closing), prices, budget_usd, closing)

    @asynccontextmanager
    async def hearing(
        self, bound: Binding, model: Callable[[Endpoint, Retries], Model], budget_usd: float | None, job: str = ""
    ) -> AsyncIterator[Model]:
        """What `model` makes of an endpoint and its pace, with cache, budgets and ledger around it."""
        pacer = Pacer(self.shared_pace(_pace_name(bound), bound.limits), longest=Patience().total_seconds)
        prices = self.prices([bound])
        limit = self.settings.models().budget_usd if budget_usd is None else budget_usd
        async with AsyncExitStack() as closing:
            if self.settings.replay is not None:
                raise ConfigError(
                    "recordings of sound are not answered from recorded replies; take CLOSEREAD_REPLAY away"
                )
            asked = model(_endpoint(self.settings, bound), Retries(pacer=pacer))
            yield Metered(self._paid(asked, prices, limit, closing), self.store[SqlLedger].within(job, ""), prices)

    def _paid(self, model: Model, prices: Prices, budget_usd: float | None, closing: AsyncExitStack) -> Model:
        """The cache over the budgets over `model`."""
        if budget_usd is not None:
            model = Budget(model, usd=budget_usd, prices=prices)
        monthly = self.settings.models().monthly_budget_usd
        if monthly is not None:
            model = MonthlyBudget(model, Month(monthly, self.store[SqlLedger].spent_usd), prices)
        cached = CachedModel(model, self.settings.workspace / "cache")
        closing.callback(cached.close)
        return cached if self.settings.record is None else Recorder(cached, self.settings.record)


def _role(name: str, bound: Binding, client: Model, endpoint: str) -> Role:
    settings = {key: value for key, value in bound.settings.items() if value is not None}
    dropped = frozenset(key for key, value in bound.settings.items() if value is None)
    mode = bound.reply or default_reply_mode(bound.model)
    return Role(name, bound.model, client, settings, bound.context_tokens, dropped, mode, endpoint)


def _alternative(bound: Binding, endpoint: str) -> Alternative:
    role = _role("", bound, _Nothing(), endpoint)
    return Alternative(role.model, role.settings, role.dropped, role.reply_mode, role.endpoint)


class _Switchboard:
    """Sends each request to the endpoint of its model in its role. Bindings of one endpoint share its connections.

    Those that share an endpoint, a key and a model share its pace as well, whatever else they differ in.
    """

    def __init__(
        self,
        settings: Settings,
        chains: Mapping[str, Sequence[Binding]],
        shared_pace: Callable[[str, Limits], SharedPace],
        closing: AsyncExitStack,
    ) -> None:
        every = [bound for chain in chains.values() for bound in chain]
        limits = {
            name: _strictest([b.limits for b in every if _pace_name(b) == name]) for name in map(_pace_name, every)
        }
        pacers = {
            name: Pacer(shared_pace(name, limit), longest=Patience().total_seconds) for name, limit in limits.items()
        }
        gateways: dict[str, Gateway] = {}
        self._by_model: dict[tuple[str, str], Gateway] = {}
        for role, chain in chains.items():
            for bound in chain:
                key = bound.model_dump_json(exclude={"settings", "fallback"})
                if key not in gateways:
                    retries = Retries(pacer=pacers[_pace_name(bound)])
                    gateways[key] = Gateway(_endpoint(settings, bound), retries=retries)
                    closing.push_async_callback(gateways[key].aclose)
                self._by_model[role, bound.model] = gateways[key]

    async def ask(self, request: Request[T]) -> Reply[T]:
        return await self._by_model[request.role, request.model].ask(request)


def _pace_name(bound: Binding) -> str:
    return f"{bound.api_base}|{bound.model}|{bound.api_key_env}"[:400]


def _strictest(limits: Sequence[Limits]) -> Limits:
    return Limits(
        requests_per_minute=min((r for one in limits if (r := one.requests_per_minute) is not None), default=None),
        tokens_per_minute=min((t for one in limits if (t := one.tokens_per_minute) is not None), default=None),
        in_flight=min(one.in_flight for one in limits),
    )


def _endpoint(settings: Settings, bound: Binding) -> Endpoint:
    return Endpoint(
        api_base=bound.api_base,
        api_key=_key(settings, bound),
        timeout_seconds=bound.timeout_seconds,
        context_tokens=bound.context_tokens,
        tokens_estimated=bound.tokens_estimated,
        reply_fixed=bound.reply is not None,
    )


def _key(settings: Settings, bound: Binding) -> SecretStr | None:
    """The key that the binding names, else the one that is kept for its endpoint, else None:
    the provider's usual variable."""
    if bound.api_key_env:
        return settings.secret(bound.api_key_env, bound.model)

    return kept_key(settings.workspace, endpoint_of(bound.model, bound.api_base))


class _Nothing:
    """Stands where no model may be asked."""

    async def ask(self, request: Request[Any]) -> Any:
        raise ConfigError(f"no model may be asked here ({request.prompt} for {request.subject})")
