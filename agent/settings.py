"""Where things are and what is set: environment, workspace folder, configuration files.

    CLOSEREAD_WORKSPACE     folder of the workspace (default: closeread-workspace)
    CLOSEREAD_DATABASE_URL  SQLAlchemy URL of a database; default: closeread.db in the workspace
    CLOSEREAD_MODEL         a model for every role that config does not bind
    CLOSEREAD_API_BASE      an OpenAI-compatible base URL for that model
    CLOSEREAD_API_KEY       the key for that base URL (a provider's own key is never sent to another host)
    CLOSEREAD_RECORD        folder to record replies into
    CLOSEREAD_REPLAY        folder to answer requests from; nothing is sent

A file `models.yaml`, `stages.yaml` … in the workspace's `config` folder wins over the one that is shipped.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from agent.core.errors import ConfigError
from agent.core.people import Role
from agent.llm.model import ReplyMode
from agent.llm.pacing import Limits

WORKSPACE = "closeread-workspace"
_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """A folder that travels with the program (`prompts`, `config`, `sample`, `recordings`): in the wheel or the repo."""
    inside = _PACKAGE / "_data" / name
    if inside.is_dir():
        return inside
    repository = _PACKAGE.parent / ("evals/recordings" if name == "recordings" else name)
    if repository.is_dir():
        return repository
    raise ConfigError(f"this installation lacks its {name} folder; install Closeread again")


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Binding(_File):
    """The model of one role. A setting of null takes the prompt's own setting away; settings may nest (`extra_body`).

    `reply` is how the reply's shape is asked for; unset, the provider's usual way, and the next where that is refused.
    `limits` is what its endpoint takes of this model; `fallback` names who is asked next where it cannot answer: roles,
    names below `bindings`, or bindings written out.
    """

    model: str = Field(min_length=1)
    api_base: str = ""
    api_key_env: str = ""
    reply: ReplyMode | None = None
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    context_tokens: int = Field(default=100_000, ge=1_000)
    timeout_seconds: float = Field(default=600.0, gt=0)
    input_usd_per_million: float | None = Field(default=None, ge=0)
    output_usd_per_million: float | None = Field(default=None, ge=0)
    tokens_estimated: bool = False
    limits: Limits = Field(default_factory=Limits)
    fallback: tuple[str | Binding, ...] = ()


class Models(_File):
    """`models.yaml`. `bindings` are models that play no role of their own, to be named as a fallback."""

    roles: dict[str, Binding] = Field(default_factory=dict)
    bindings: dict[str, Binding] = Field(default_factory=dict)
    concurrency: int = Field(default=16, ge=1, le=4096)
    budget_usd: float | None = Field(default=None, ge=0)
    monthly_budget_usd: float | None = Field(default=None, gt=0)

    def fallbacks(self, bound: Binding) -> list[Binding]:
        """Who is asked after `bound`, in order; their own fallbacks do not count. ConfigError names what is not there."""
        found = [self._named(one) if isinstance(one, str) else one for one in bound.fallback]
        names = [bound.model, *(b.model for b in found)]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ConfigError(
                f"models.yaml: {twice} stands twice in one chain of fallbacks; several servers of one model go behind "
                "a load balancer"
            )
        return found

    def _named(self, name: str) -> Binding:
        named = self.bindings.get(name) or self.roles.get(name)
        if named is None:
            there = ", ".join(sorted({*self.bindings, *self.roles})) or "none"
            raise ConfigError(f"models.yaml: fallback names {name!r}; there are: {there}")
        return named


class Stage(_File):
    """A stage of a deal; `won` says what is true when a deal leaves it in good order."""

    id: str
    name: str
    won: str


class Moment(_File):
    """A moment inside a stage where a rep's behavior can be seen."""

    id: str
    stage: str
    name: str
    means: str


class FunnelStage(_File):
    """A stage deals are counted by; `covers` names the stages that happen there."""

    id: str
    name: str = ""
    covers: list[str] = Field(default_factory=list)


_FUNNEL = [FunnelStage(id=name) for name in ("lead", "meeting", "proposal", "won")]


class Stages(_File):
    """`stages.yaml`. The last stage of the funnel is a won deal."""

    stages: list[Stage]
    moments: list[Moment]
    funnel: list[FunnelStage] = Field(default=_FUNNEL, min_length=2)
    endings: dict[Literal["no decision", "churned"], Literal["won", "lost", "neither"]] = Field(
        default={"no decision": "lost", "churned": "neither"}
    )

    @field_validator("endings")
    @classmethod
    def _every_ending(cls, given: dict[str, str]) -> dict[str, str]:
        return {"no decision": "lost", "churned": "neither", **given}

    def stage_of(self, words: str) -> str:
        """The id of the stage that a call's own words for it mean: its id or its name; empty where they mean none."""
        meant = words.strip().casefold()
        return next((s.id for s in self.stages if meant in (s.id.casefold(), s.name.casefold())), "")

    @property
    def funnel_steps(self) -> tuple[tuple[str, ...], dict[str, str]]:
        """The funnel's stages in order, and the funnel's stage of each of the other stages."""
        covered = {other: stage.id for stage in self.funnel for other in stage.covers if other != stage.id}
        return tuple(stage.id for stage in self.funnel), covered


class ExportMap(_File):
    """`maps/<name>.yaml`: how the words of a CRM's export map to ours."""

    columns: dict[str, str]
    stages: dict[str, str] = Field(default_factory=dict)
    outcomes: dict[str, Literal["won", "lost", "open"]] = Field(default_factory=dict)
    dates: Literal["", "month_first", "day_first"] = ""


class JobRules(_File):
    """`jobs.yaml`: how background jobs are cut, paced and tried again. The file says what each value means."""

    chunk_size: int = Field(default=50, ge=1, le=1_000)
    attempts: int = Field(default=3, ge=1, le=20)
    first_wait_seconds: float = Field(default=5.0, ge=0)
    chunks_at_once: int | None = Field(default=None, ge=1)
    chunks_a_minute: int | None = Field(default=None, ge=1)
    poll_seconds: float = Field(default=0.25, gt=0, le=60)
    batch_poll_seconds: float = Field(default=60.0, gt=0)


class DisputeRules(_File):
    """`disputes.yaml`: when disputes mark a criterion for calibration. The file says what each value means."""

    upheld_share: float = Field(default=0.25, gt=0, lt=1)
    error: float = Field(default=0.05, gt=0, lt=0.5)
    least_upheld: int = Field(default=3, ge=1)


class WebhookRules(_File):
    """`webhooks.yaml`: how events are sent, and which private addresses may be reached."""

    attempts: int = Field(default=8, ge=1, le=20)
    first_wait_seconds: float = Field(default=5.0, ge=0)
    longest_wait_seconds: float = Field(default=14_400.0, ge=0)
    timeout_seconds: float = Field(default=10.0, gt=0, le=60)
    at_once: int = Field(default=16, ge=1, le=256)
    allow: tuple[str, ...] = ()


class Oidc(_File):
    """A provider of single sign-on. `roles` maps values of the claim `role_claim` to roles here."""

    issuer: str = Field(pattern=r"^https?://")
    client_id: str = Field(min_length=1)
    client_secret_env: str = Field(min_length=1)
    label: str = "single sign-on"
    scopes: str = "openid email profile"
    role_claim: str = "groups"
    roles: dict[str, Role] = Field(default_factory=dict)
    default_role: Role | None = None
    rep_claim: str = "name"
    create: bool = True


class Auth(_File):
    """`auth.yaml`: how people sign in, besides name and password."""

    oidc: Oidc | None = None


F = TypeVar("F", bound=BaseModel)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times as fast, where PyYAML was built with it


@dataclass(frozen=True)
class Settings:
    """What one run of the program works with."""

    workspace: Path
    database_url: str
    environment: Mapping[str, str]
    record: Path | None = None
    replay: Path | None = None

    @classmethod
    def read(cls, workspace: Path | None = None, environment: Mapping[str, str] | None = None) -> Settings:
        """Settings from the environment; `workspace` wins over CLOSEREAD_WORKSPACE."""
        env = dict(os.environ if environment is None else environment)
        folder = workspace or Path(env.get("CLOSEREAD_WORKSPACE") or WORKSPACE)
        url = env.get("CLOSEREAD_DATABASE_URL") or f"sqlite:///{(folder / 'closeread.db').absolute()}"
        return cls(folder, url, env, _path(env, "CLOSEREAD_RECORD"), _path(env, "CLOSEREAD_REPLAY"))

    def config_path(self, name: str) -> Path:
        """The workspace's own configuration file of that name, else the shipped one."""
        own = self.workspace / "config" / name
        return own if own.exists() else shipped("config") / name

    def models(self) -> Models:
        """`models.yaml`, with CLOSEREAD_MODEL bound to every role that the file leaves open."""
        return self.load("models.yaml", Models)

    def binding(self, role: str) -> Binding | None:
        """What is bound to `role`, if anything is."""
        bound = self.models().roles.get(role)
        everywhere = self.environment.get("CLOSEREAD_MODEL", "")
        if bound is None and everywhere:
            key = "CLOSEREAD_API_KEY" if self.environment.get("CLOSEREAD_API_KEY") else ""
            base = self.environment.get("CLOSEREAD_API_BASE", "")
            return Binding(model=everywhere, api_base=base, api_key_env=key)
        return bound

    def fallbacks(self, role: str) -> list[Binding]:
        """Who is asked, in order, where the model bound to `role` cannot answer."""
        models = self.models()
        bound = models.roles.get(role)
        return [] if bound is None else models.fallbacks(bound)

    def stages(self) -> Stages:
        """`stages.yaml`."""
        return self.load("stages.yaml", Stages)

    def auth(self) -> Auth:
        """`auth.yaml`."""
        return self.load("auth.yaml", Auth)

    def jobs(self) -> JobRules:
        """`jobs.yaml`."""
        return self.load("jobs.yaml", JobRules)

    def disputes(self) -> DisputeRules:
        """`disputes.yaml`."""
        return self.load("disputes.yaml", DisputeRules)

    def webhooks(self) -> WebhookRules:
        """`webhooks.yaml`."""
        return self.load("webhooks.yaml", WebhookRules)

    def export_map(self, name: str) -> ExportMap:
        """`maps/<name>.yaml`. ConfigError names those there are."""
        if not self.config_path(f"maps/{name}.yaml").is_file():
            there = sorted({p.stem for at in (self.workspace / "config", shipped("config")) for p in at.glob("maps/*")})
            raise ConfigError(f"there is no map {name!r}; there are: {', '.join(there)}")
        return self.load(f"maps/{name}.yaml", ExportMap)

    def load(self, name: str, shape: type[F]) -> F:
        """A file of the configuration: the workspace's own, else the shipped one. ConfigError says what does not fit."""
        path = self.config_path(name)
        try:
            return shape.model_validate(yaml.load(path.read_text(encoding="utf-8"), _LOADER) or {})
        except (OSError, yaml.YAMLError) as error:
            raise ConfigError(f"{path}: cannot be read: {error}") from error
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"]))
            raise ConfigError(f"{path}: {place or 'the file'}: {first['msg']}") from error


def _path(environment: Mapping[str, str], name: str) -> Path | None:
    value = environment.get(name)
    return Path(value) if value else None
