"""What the verbs and commands of models do."""

from agent.llm.model import Reply, Usage
from agent.models import verbs
from tests.api.walk import Walk
from tests.app.acts import Act
from tests.llm.replies import GOOD, Verdict, request


def _kept(site):
    """A reply in the cache."""
    asked = request()
    value = Verdict.model_validate_json(GOOD)
    site.space.cache.keep(asked, Reply(value, asked.id, GOOD, Usage(), "stub-1", "provider", asked=asked))
    return []


WALK: dict[str, Walk] = {}

ACTS = [Act(verbs.clear_cache, _kept, command=lambda site: ["cache", "clear", "--yes"])]

NO_VERB = {
    "POST /admin/models/line": "it words a line to be written by hand; nothing is kept",
    "POST /admin/models/{role}/probe": "it asks the model one question, as `closeread model check` does; nothing is kept",
    "POST /api/v1/models/{role}/probe": "as on the page",
}
