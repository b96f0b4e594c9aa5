"""Where things are and what is set: environment, workspace folder, configuration files.

A file `models.yaml`, `stages.yaml` … in the workspace's `config` folder wins over the one that is shipped. All are read
by `Settings.load`; what is wrong with one is said alike: file, line, key, what to write.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from agent.core.errors import ConfigError, ImportProblem
from agent.core.people import Role
from agent.core.tongues import TONGUES
from agent.core.yaml_files import content_of, parse_document
from agent.llm.model import ReplyMode
from agent.llm.pacing import Limits

DATABASE = "closeread.db"
_PREFIX = "CLOSEREAD_"
_PACKAGE = Path(__file__).parent


def shipped(name: str) -> Path:
    """A folder that travels with the program (`prompts`, `config`, `sample`,
    `recordings`): in the wheel or the repo."""
    inside = _PACKAGE / "_data" / name
    if inside.is_dir():
        return inside
    repository = _PACKAGE.parent / ("evals/recordings" if name == "recordings" else name)
    if repository.is_dir():
        return repository
    raise ConfigError(f"this installation lacks its {name} folder; install Closeread again")


class Environment(BaseModel):
    """The variables that are ours, without `CLOSEREAD_`. The table in docs/operations/settings.md is made from here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    workspace: Path = Field(Path("closeread-workspace"), description="folder of the workspace; `--workspace` wins")
    database_url: SecretStr | None = Field(
        None,
        description="the database, if it is not `closeread.db` in the workspace: "
        "`postgresql://user:password@host/name` needs the extra `postgresql`",
    )
    model: str = Field("", description="a model for every role that `models.yaml` leaves open")
    api_base: str = Field("", description="an OpenAI-compatible base URL for that model; else the provider's own")
    api_key: SecretStr | None = Field(
        None, description="the key for that base URL; a provider's own key is never sent to another host"
    )
    log: Literal["text", "json"] = Field(
        "text", description="`json` for a JSON object a line; `--log-format` of `serve` and `worker` wins"
    )
    language: Literal["", "de", "en", "es"] = Field(
        "",
        description="the workspace's language (`en`, `de`, `es`): of pages and briefs for people who chose none; "
        "commands, their documents and the API are English",
    )
    rater: str = Field("", description="your name as a rater (`--as`)")
    token: SecretStr | None = Field(
        None, description="for `closeread mcp` over standard input and output: the token of whom it reads for"
    )
    record: Path | None = Field(None, description="folder to record replies into")
    replay: Path | None = Field(None, description="folder to answer requests from; nothing is sent")

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> "Environment":
        """Our part of `variables`; an empty one counts as not set. ConfigError names the one that is wrong."""
        ours = {name: value for name, value in variables.items() if name.startswith(_PREFIX) and value}
        try:
            return cls.model_validate({name.removeprefix(_PREFIX).lower(): value for name, value in ours.items()})
        except ValidationError as error:
            first = error.errors()[0]
            name = _PREFIX + str(first["loc"][0]).upper()
            raise ConfigError(f"the environment variable {name} {first['msg'].replace('Input ', '')}") from error

    @classmethod
    def names(cls) -> dict[str, str]:
        """Each variable and what it says."""
        return {_PREFIX + name.upper(): field.description or "" for name, field in cls.model_fields.items()}

    @classmethod
    def misspelt(cls, variables: Mapping[str, str]) -> dict[str, str]:
        """Variables that nothing reads and that look like one of ours, with the one that is probably meant.

        Others that begin like ours are let be: a key's variable has a name of the user's own.
        """
        strangers = [name for name in variables if name.startswith(_PREFIX) and name not in cls.names()]
        near = {name: get_close_matches(name, cls.names(), 1, 0.9) for name in strangers}
        return {name: alike[0] for name, alike in near.items() if alike and alike[0] not in variables}


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Binding(_File):
    """The model of one role. A setting of null takes the prompt's own setting away; settings may nest (`extra_body`).

    `reply` is how the reply's shape is asked for; unset, the provider's usual way, and the next where that is refused.
    `server` names whose answers they are, so that ratings stay its own when the address changes; unset, `api_base`
    does. `usd_per_minute`, `part_seconds` and `folder` are for what hears recordings: the price of a minute, how much
    is sent at once, and where a model of this machine lies. `limits` is what its endpoint takes of this model;
    `fallback` names who is asked next where it cannot answer: roles, names below `bindings`, or bindings written out.
    """

    model: str = Field(min_length=1)
    api_base: str = ""
    server: str | None = Field(default=None, max_length=400)
    api_key_env: str = ""
    reply: ReplyMode | None = None
    settings: dict[str, JsonValue] = Field(default_factory=dict)
    context_tokens: int = Field(default=100_000, ge=1_000)
    timeout_seconds: float = Field(default=600.0, gt=0)
    input_usd_per_million: float | None = Field(default=None, ge=0)
    output_usd_per_million: float | None = Field(default=None, ge=0)
    usd_per_minute: float | None = Field(default=None, ge=0)
    part_seconds: int = Field(default=600, ge=30, le=1_800)
    folder: str = ""
    tokens_estimated: bool = False
    limits: Limits = Field(default_factory=Limits)
    fallback: "tuple[str | Binding, ...]" = ()


class Models(_File):
    """`models.yaml`. `bindings` are models that play no role of their own, to be named as a fallback. `language` is the
    code of the one that models write reasons, notes and drafts in; empty: as the prompts are, in English."""

    roles: dict[str, Binding] = Field(default_factory=dict)
    bindings: dict[str, Binding] = Field(default_factory=dict)
    concurrency: int = Field(default=16, ge=1, le=4096)
    budget_usd: float | None = Field(default=None, ge=0)
    monthly_budget_usd: float | None = Field(default=None, gt=0)
    language: str = ""

    @field_validator("language")
    @classmethod
    def _a_known_language(cls, code: str) -> str:
        if code and code not in TONGUES:
            there = ", ".join(f"{known} ({name})" for known, name in TONGUES.items())
            raise ValueError(f"{code!r} is no language that is known here; there are: {there}")
        return code

    @model_validator(mode="after")
    def _fallbacks_are_there(self) -> Self:
        for bound in self.roles.values():
            names = [bound.model, *(b.model for b in self.fallbacks(bound))]
            if twice := next((name for name in names if names.count(name) > 1), None):
                raise ValueError(
                    f"{twice} stands twice in one chain of fallbacks; several servers of one model "
                    "go behind a load balancer"
                )
        return self

    def fallbacks(self, bound: Binding) -> list[Binding]:
        """Who is asked after `bound`, in order; their own fallbacks do not count."""
        return [self._named(one) if isinstance(one, str) else one for one in bound.fallback]

    def _named(self, name: str) -> Binding:
        named = self.bindings.get(name) or self.roles.get(name)
        if named is None:
            there = ", ".join(sorted({*self.bindings, *self.roles})) or "none"
            raise ValueError(f"fallback names {name!r}; there are: {there}")
        return named


class Stage(_File):
    """A stage of a deal; `won` says what is true when a deal leaves it in good order. `also`: what else calls and CRMs
    call it, in other languages too."""

    id: str
    name: str
    won: str
    also: tuple[str, ...] = ()


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
        """The id of the stage that a call's own words for it mean: its id, its name or what else it is called;
        empty where they mean none."""
        meant = words.strip().casefold()
        return next((s.id for s in self.stages if meant in map(str.casefold, (s.id, s.name, *s.also))), "")

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


class Privacy(_File):
    """`privacy.yaml`: what leaves this machine. `pseudonyms` unset: on for every endpoint that is not this machine.
    `sound_may_leave`: recordings are sent there without asking, though names are spoken in them."""

    pseudonyms: bool | None = None
    sound_may_leave: bool = False
    keep_sound_days: int = Field(default=90, ge=0)


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class WeeklyRules(_File):
    """`weekly.yaml`: when the week's summary is sent to the webhooks that want it."""

    day: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "monday"
    hour: int = Field(default=7, ge=0, le=23)
    zone: str = "UTC"

    @field_validator("zone")
    @classmethod
    def _known(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{zone!r} is no time zone; write one as Europe/Berlin") from error
        return zone

    @property
    def weekday(self) -> int:
        """The day as Python counts: Monday is 0."""
        return _WEEKDAYS.index(self.day)


class MailRules(_File):
    """`mail.yaml`: the server that e-mails are handed to; none is sent while `host` is empty."""

    host: str = ""
    port: int = Field(default=587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str = ""
    password_env: str = ""
    sender: str = ""
    timeout_seconds: float = Field(default=20.0, gt=0, le=120)


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
    """`auth.yaml`: where people reach the server, and how they sign in besides name and password."""

    address: str = Field(default="", pattern=r"^(https?://[^/?#\s@]+/?)?$")
    oidc: Oidc | None = None


F = TypeVar("F", bound=BaseModel)


FILES: dict[str, type[BaseModel] | None] = {
    "models.yaml": Models,
    "stages.yaml": Stages,
    "auth.yaml": Auth,
    "jobs.yaml": JobRules,
    "disputes.yaml": DisputeRules,
    "privacy.yaml": Privacy,
    "webhooks.yaml": WebhookRules,
    "weekly.yaml": WeeklyRules,
    "mail.yaml": MailRules,
}
"""Files of the configuration and what each is read as; None for one that its slice reads in its own way."""


def register_file(name: str, shape: type[BaseModel] | None) -> None:
    """Add a file of the configuration. Slices do it in their modules called `config_files`, which are found by
    themselves (`agent.app.config_files`)."""
    FILES[name] = shape


def shape_of(name: str) -> type[BaseModel] | None:
    """What a file of the configuration is read as; None for one that its slice reads, or nothing."""
    return ExportMap if name.startswith("maps/") else FILES.get(name)


@lru_cache(maxsize=64)
def _parsed(name: str, content: bytes, shape: type[BaseModel]) -> Any:
    """Of what has not changed since it was last asked for, the same: one page asks for five files."""
    document = parse_document(name, content)
    return document.read_as(shape, document.data or {})


@dataclass(frozen=True)
class Settings:
    """What one run of the program works with. Neither the database's address nor the
    environment shows in a traceback."""

    workspace: Path
    database_url: str = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    record: Path | None = None
    replay: Path | None = None

    @classmethod
    def read(cls, workspace: Path | None = None, environment: Mapping[str, str] | None = None) -> "Settings":
        """Settings from the environment; `workspace` wins over CLOSEREAD_WORKSPACE."""
        variables = dict(os.environ if environment is None else environment)
        said = Environment.read(variables)
        folder = workspace or said.workspace
        url = said.database_url.get_secret_value() if said.database_url else ""
        url = url or f"sqlite:///{(folder / DATABASE).absolute()}"
        return cls(folder, url, variables, said.record, said.replay)

    @cached_property
    def said(self) -> Environment:
        """Our variables of the environment."""
        return Environment.read(self.environment)

    def secret(self, variable: str, of: str) -> SecretStr:
        """The secret in an environment variable. ConfigError where it is not set; `of` says what needs it."""
        value = self.environment.get(variable, "")
        if not value:
            raise ConfigError(f"the environment variable {variable} for {of} is not set")
        return SecretStr(value)

    @property
    def is_there(self) -> bool:
        """Whether there is a workspace: its database, or a folder of configuration for it, or a database elsewhere."""
        if not self.database_url.endswith(f"/{(self.workspace / DATABASE).absolute()}"):
            return self.workspace.is_dir()
        return (self.workspace / DATABASE).is_file() or (self.workspace / "config").is_dir()

    @property
    def is_unused_folder(self) -> bool:
        """Whether the workspace's folder is there and holds nothing but what a server that
        did not get far left in it."""
        left = {"lost+found", "metrics", "secret-key"}
        return self.workspace.is_dir() and {path.name for path in self.workspace.iterdir()} <= left

    def make_folder(self) -> None:
        """A folder for a new workspace."""
        self.workspace.mkdir(parents=True, exist_ok=True)

    def config_path(self, name: str) -> Path:
        """The workspace's own configuration file of that name, else the one that the recordings
        answer, else the shipped one."""
        folders = [self.workspace / "config", *([self.replay] if self.replay else [])]
        return next((f / name for f in folders if (f / name).exists()), shipped("config") / name)

    def check_files(self) -> None:
        """ConfigError where a file of the workspace's own is wrong, or is misspelt and so read by nothing. Commands
        call `agent.app.config_files.check_files`, which knows the slices' files too."""
        folder = self.workspace / "config"
        for path, name in self.own_files():
            if shape := shape_of(name):
                self.load(name, shape)
            elif name not in FILES:
                near = get_close_matches(path.with_suffix(".yaml").name, FILES, 1, 0.8)
                if near and not (folder / near[0]).exists():
                    raise ConfigError(f"{path}: no file of this name is read (call it {near[0]})")

    def own_files(self) -> list[tuple[Path, str]]:
        """The workspace's own configuration files, each with its name below `config`."""
        folder = self.workspace / "config"
        paths = sorted([*folder.glob("*.y*ml"), *folder.glob("maps/*.yaml")])
        return [(path, path.relative_to(folder).as_posix()) for path in paths]

    def models(self) -> Models:
        """`models.yaml`. `binding` and `fallbacks` know CLOSEREAD_MODEL as well."""
        return self.load("models.yaml", Models)

    def binding(self, role: str) -> Binding | None:
        """What is bound to `role`, if anything is: CLOSEREAD_MODEL where `models.yaml` leaves it open."""
        bound = self.models().roles.get(role)
        if bound is None and self.said.model:
            key = f"{_PREFIX}API_KEY" if self.said.api_key else ""
            return Binding(model=self.said.model, api_base=self.said.api_base, api_key_env=key)
        return bound

    def fallbacks(self, role: str) -> list[Binding]:
        """Who is asked, in order, where the model bound to `role` cannot answer."""
        models = self.models()
        bound = models.roles.get(role)
        return [] if bound is None else models.fallbacks(bound)

    @property
    def models_write(self) -> str:
        """The code of the language that models write in; empty: they are not told, and write English.

        What `models.yaml` says, else the workspace's language where it is not English. Recordings
        were made with the former alone.
        """
        workspace = "" if self.said.language == "en" or self.replay is not None else self.said.language
        return self.models().language or workspace

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

    def privacy(self) -> Privacy:
        """`privacy.yaml`."""
        return self.load("privacy.yaml", Privacy)

    def webhooks(self) -> WebhookRules:
        """`webhooks.yaml`."""
        return self.load("webhooks.yaml", WebhookRules)

    def weekly(self) -> WeeklyRules:
        """`weekly.yaml`."""
        return self.load("weekly.yaml", WeeklyRules)

    def mail(self) -> MailRules:
        """`mail.yaml`."""
        return self.load("mail.yaml", MailRules)

    def export_map(self, name: str) -> ExportMap:
        """`maps/<name>.yaml`. ConfigError names those there are."""
        if not self.config_path(f"maps/{name}.yaml").is_file():
            there = sorted({p.stem for at in (self.workspace / "config", shipped("config")) for p in at.glob("maps/*")})
            raise ConfigError(f"there is no map {name!r}; there are: {', '.join(there)}")
        return self.load(f"maps/{name}.yaml", ExportMap)

    def load(self, name: str, shape: type[F]) -> F:
        """A file of the configuration: the workspace's own, else the shipped one.
        ConfigError says what does not fit."""
        try:
            path = self.config_path(name)
            made: F = _parsed(str(path), content_of(path), shape)
        except ImportProblem as problem:
            raise ConfigError(str(problem)) from problem
        return made
