"""The models bound to roles: what they cost, and whether they can be used."""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, get_args

from pydantic import Field

from agent.app.verb import Who, verb
from agent.app.view import View
from agent.core.errors import RoleUnbound
from agent.db.sealed_keys import kept_keys
from agent.llm.probe import Probe
from agent.models.binding import RoleName
from agent.settings import Binding
from agent.speech.hearing import ROLE as TRANSCRIBER
from agent.speech.hearing_files import bound_transcriber
from agent.speech.probing import probe_transcriber
from agent.workspace import Workspace

_EVERY: Sequence[RoleName] = get_args(RoleName)


class BindingView(View):
    """A role and its model; null where none is bound. Prices are list prices, null where not known; `usd_per_minute` is
    that of sound, for the transcriber."""

    role: RoleName
    model: str | None
    api_base: str
    usd_per_million_input: float | None
    usd_per_million_output: float | None
    usd_per_minute: float | None = None


class KeptKey(View):
    """A key that is kept sealed: for which endpoint, and its last letters."""

    endpoint: str
    ends: str


class BindingList(View):
    """All roles, the file in which they are bound, and the keys that are kept here. `language` is the code of the one
    that models write in; empty: English, and they are not told."""

    items: list[BindingView]
    file: str
    language: str
    keys: list[KeptKey]


class ProbeView(View):
    """What one small question to the model found. `problem` is empty where it can be used."""

    role: RoleName
    model: str
    reachable: bool
    structured: Annotated[bool, Field(description="Whether the reply had the asked-for shape.")]
    reply_mode: Annotated[str, Field(description="How the shape was asked for; empty where no way gave it.")]
    write: Annotated[dict[str, Any], Field(description="What the role's binding should say besides.")]
    priced: bool
    seconds: float
    problem: str

    @classmethod
    def of(cls, role: RoleName, probe: Probe) -> "ProbeView":
        """What was found about the model of `role`."""
        return super().of(
            probe, role=role, write=dict(probe.write), priced=probe.price is not None, seconds=round(probe.seconds, 3)
        )


class ProbeList(View):
    """What was found about the model of each role that was asked."""

    items: list[ProbeView]


def bindings(space: Workspace) -> BindingList:
    """Which model plays which role, and its list price."""
    rows = []
    for role in _EVERY:
        bound, hears = _bound(space, role), role == TRANSCRIBER
        price = None if bound is None else space.prices([bound]).of(bound.model)
        rows.append(
            BindingView(
                role=role,
                model=None if bound is None else bound.model,
                api_base="" if bound is None else bound.api_base,
                usd_per_million_input=None if price is None or hears else price.input * 1e6,
                usd_per_million_output=None if price is None or hears else price.output * 1e6,
                usd_per_minute=price.second * 60 if price is not None and hears and price.second else None,
            )
        )
    folder = space.settings.workspace
    keys = [KeptKey(endpoint=endpoint, ends=ends) for endpoint, ends in kept_keys(folder).items()]
    file, language = str(folder / "config" / "models.yaml"), space.settings.models_write
    return BindingList(items=rows, file=file, language=language, keys=keys)


def _bound(space: Workspace, role: RoleName) -> Binding | None:
    return bound_transcriber(space) if role == TRANSCRIBER else space.settings.binding(role)


async def probes(space: Workspace, roles: Sequence[RoleName] = ()) -> ProbeList:
    """Ask each role's model (none named: all that are bound) one small question: reachable,
    structured reply, price known.

    RoleUnbound where a role has no model, or none has.
    """
    read = [role for role in _EVERY if role != TRANSCRIBER]
    asked = roles or [role for role in _EVERY if (space.model and role in read) or _bound(space, role)] or read
    return ProbeList(items=[ProbeView.of(role, await _probe(space, role)) for role in asked])


async def _probe(space: Workspace, role: RoleName) -> Probe:
    if role != TRANSCRIBER:
        return await space.probe(role)
    if (bound := bound_transcriber(space)) is None:
        raise RoleUnbound(role)
    return await probe_transcriber(space, bound)


class KeptReplies(View):
    """The cache of replies: where it is, what it takes, and how many are of which model, the most first."""

    folder: str
    replies: int
    bytes: int
    models: dict[str, int]


def kept_replies(space: Workspace) -> KeptReplies:
    """What is kept."""
    counted = Counter(model for _, model in space.cache.models())
    folder = str(space.settings.workspace / "cache")
    return KeptReplies(
        folder=folder, replies=counted.total(), bytes=space.cache.size, models=dict(counted.most_common())
    )


@verb("ops_lead", audit="cache_cleared", facts=lambda count: {"replies": count})
def clear_cache(who: Who, model: str = "") -> int:
    """Forget all replies, or those of one model; how many there were."""
    cache = who.space.cache
    return cache.forget([ident for ident, answered in cache.models() if not model or answered == model])
