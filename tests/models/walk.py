"""What the verbs and commands of models do."""

from agent.db.sealed_keys import keep_key
from agent.llm.model import Reply, Usage
from agent.models import binding, verbs
from agent.models.binding import ModelsIn
from tests.api.walk import OPS_LEAD, Walk
from tests.app.acts import Act, Json
from tests.llm.replies import GOOD, Verdict, request


def _kept(site):
    """A reply in the cache."""
    asked = request()
    value = Verdict.model_validate_json(GOOD)
    site.space.cache.keep(asked, Reply(value, asked.id, GOOD, Usage(), "stub-1", "provider", asked=asked))
    return []


def _binding(site):
    return [ModelsIn(models={"rater": "openai/gpt-4.1-mini"}, key="sk-walk-0123456789abcdef")]


def _key(site):
    """A key that is kept."""
    keep_key(site.space.there.workspace, "openai", "sk-walk-0123456789abcdef")
    return ["openai"]


BODY = {"models": {"rater": "openai/gpt-4.1-mini"}}

WALK: dict[str, Walk] = {}

ACTS = [
    Act(verbs.clear_cache, _kept, command=lambda site: ["cache", "clear", "--yes"]),
    Act(
        binding.bind_models,
        _binding,
        walks={
            "POST /admin/models": Walk(OPS_LEAD, form={"rater": "openai/gpt-4.1-mini"}, status=303),
            "POST /api/v1/models": Walk(OPS_LEAD, json=BODY),
        },
        command=lambda site: ["model", "bind", "--role", "rater=openai/gpt-4.1-mini"],
    ),
    Act(
        binding.forget_model_key,
        _key,
        walks={
            "POST /admin/models/keys/forget": Walk(
                OPS_LEAD, path=lambda site: _key(site) and {}, form={"endpoint": "openai"}, status=303
            ),
            "DELETE /api/v1/models/keys": Walk(
                OPS_LEAD, path=lambda site: _key(site) and {}, query={"endpoint": "openai"}
            ),
        },
        command=lambda site: ["model", "forget-key", *_key(site)],
    ),
]

JSON = {
    "model bind": Json("POST /api/v1/models", lambda site: ["--role", "rater=openai/gpt-4.1-mini"]),
    "model list": Json("GET /api/v1/models"),
}
NO_API = {
    "model check": "it asks the models: all at once what POST /api/v1/models/{role}/probe asks of one",
    "cache show": "a folder of this machine",
    "cost": "as GET /api/v1/costs: both are `costs` of agent/models/spending.py",
}

NO_VERB = {
    "POST /admin/models/probe": "it asks each model one question, as `closeread model check` does; nothing is kept",
    "POST /admin/models/{role}/probe": "it asks the model one question, as `closeread model check` does; nothing is kept",
    "POST /api/v1/models/{role}/probe": "as on the page",
}
