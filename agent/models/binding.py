"""Binding models to roles from a page, the API or the command line: `models.yaml` is
written, as `closeread init` does."""

import os
import re
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, Field, SecretStr, ValidationError

from agent.app.verb import Who, verb
from agent.app.view import example
from agent.core.errors import Advice, ConfigError, InputError, NotFound
from agent.db.sealed_keys import endpoint_of, forget_key, keep_key
from agent.settings import Models

RoleName = Literal["analyst_a", "analyst_b", "drafter", "rater", "transcriber"]

_MODEL = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.:/@+-]+")
_BASE = re.compile(r"https?://[^\s@]+")
_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,99}")
_HEAD = "# Which model plays which role. All keys: docs/operations/settings.md, models.yaml\n"


class ModelsIn(BaseModel):
    """Models for roles, all at one endpoint: the provider's own, or `api_base`. The key is named by its environment
    variable, or given once and kept sealed; neither: as before. Without models: what holds for all, as the budget."""

    models: dict[RoleName, str] = Field(default_factory=dict, description="provider/name by role.")
    api_base: str = Field(default="", max_length=300)
    key_env: str = Field(default="", max_length=300, description="Name of the variable; never the key.")
    key: SecretStr | None = Field(default=None, max_length=1000, description="Kept sealed, and never sent back.")
    usd_per_million_input: float | None = Field(default=None, ge=0, le=1e5)
    usd_per_million_output: float | None = Field(default=None, ge=0, le=1e5)
    monthly_budget_usd: float | None = Field(default=None, gt=0, le=1e7, description="null: as it is.")
    language: str | None = Field(
        default=None, max_length=2, description="Code of the language that models write in, as de; null: as it is."
    )

    model_config = example(
        {
            "models": {"analyst_a": "openai/gpt-4.1", "rater": "openai/gpt-4.1-mini"},
            "key_env": "OPENAI_API_KEY",
            "monthly_budget_usd": 50,
        }
    )


@verb(
    "ops_lead",
    audit="models_bound",
    subject=lambda new: new.api_base or next(iter(new.models.values()), "models.yaml"),
    facts=lambda new: {
        "models": dict(new.models),
        "key": "kept" if new.key else new.key_env,
        **({} if new.language is None else {"language": new.language}),
    },
)
def bind_models(who: Who, new: ModelsIn) -> ModelsIn:
    """Bind models to roles in `models.yaml`. What else a role's line says stays where model and address are the same.

    InputError where a value does not fit, without repeating what may be a key; ConfigError where the file cannot be
    written.
    """
    settings = who.space.there
    path = settings.workspace / "config" / "models.yaml"
    data: dict[str, Any] = (yaml.safe_load(path.read_text(encoding="utf-8")) or {}) if path.exists() else {}
    roles: dict[str, Any] = data.get("roles") or {}
    _check(who, new, roles)
    for role, model in new.models.items():
        before = roles.get(role) or {}
        same = before.get("model") == model and before.get("api_base", "") == new.api_base
        given: dict[str, Any] = {"model": model, "api_base": new.api_base, "api_key_env": new.key_env}
        given |= {
            "input_usd_per_million": new.usd_per_million_input,
            "output_usd_per_million": new.usd_per_million_output,
        }
        line = {**(before if same else {}), **{name: value for name, value in given.items() if value not in ("", None)}}
        if new.key is not None:
            line.pop("api_key_env", None)  # the key that was given now is the one that is sent
        roles[role] = line
    data["roles"] = roles
    if new.monthly_budget_usd is not None:
        data["monthly_budget_usd"] = new.monthly_budget_usd
    if new.language is not None and new.language != (data.get("language") or ""):
        data["language"] = new.language
    _save(path, data)
    if new.key is not None:
        for endpoint in {endpoint_of(model, new.api_base) for model in new.models.values()}:
            keep_key(settings.workspace, endpoint, new.key.get_secret_value().strip())
    return new


@verb("ops_lead", audit="model_key_forgotten")
def forget_model_key(who: Who, endpoint: str) -> None:
    """Forget the key that is kept for an endpoint. NotFound where none is."""
    if not forget_key(who.space.there.workspace, endpoint):
        raise NotFound(f"no key is kept for {endpoint!r}", advice=Advice("model list", "/admin/models"))


def _check(who: Who, new: ModelsIn, roles: dict[str, Any]) -> None:
    if not new.models and new.monthly_budget_usd is None and new.language is None:
        raise InputError("name a model for a role, a budget or a language; there is nothing to be set")
    if not new.models and (new.key is not None or new.key_env or new.api_base):
        raise InputError("a key or an address belongs to a model: name the role and its model too")
    for role, model in new.models.items():
        if not _MODEL.fullmatch(model) or len(model) > 300:
            raise InputError(
                f"{role}: a model is provider/name, such as openai/gpt-4.1-mini or anthropic/claude-sonnet-4-5"
            )
    if new.api_base and (not _BASE.fullmatch(new.api_base) or _is_link_local(new.api_base)):
        raise InputError("a base URL begins with http:// or https:// and holds no user name and no password")
    if new.key is not None and len(new.key.get_secret_value().strip()) < 8:
        raise InputError("this is too short for a key")
    if not new.key_env:
        return
    if not _VARIABLE.fullmatch(new.key_env):
        raise InputError(
            "give the name of the environment variable that holds the key, such as OPENAI_API_KEY; never the key itself"
        )
    if who.scope.local:  # who holds the machine can read its environment anyway
        return
    # Whoever signs in from elsewhere must not have the server's secrets sent wherever he likes.
    there = {(one.get("api_base", ""), one.get("api_key_env")) for one in roles.values() if one}
    if (new.api_base, new.key_env) not in there and (new.api_base or not new.key_env.endswith("_API_KEY")):
        raise InputError(
            "a key of the server's environment goes to its own provider only: name a variable that ends with _API_KEY "
            "and give no base URL, or type the key itself"
        )


def _is_link_local(base: str) -> bool:
    """Where clouds hand out the secrets of their machines."""
    try:
        return ip_address(urlsplit(base).hostname or "").is_link_local
    except ValueError:
        return False


def _save(path: Path, data: dict[str, Any]) -> None:
    """Write the file whole; the one of before stays beside it, since its comments are lost."""
    try:
        Models.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        raise InputError(f"models.yaml: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    text = _HEAD + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=10_000)
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            path.with_name(f"{path.name}.before").write_bytes(path.read_bytes())
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o600)
        draft.replace(path)
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be written: {error.strerror}",
            advice=Advice(text=f"write there by hand: {yaml.safe_dump(data, default_flow_style=True).strip()[:500]}"),
        ) from error
