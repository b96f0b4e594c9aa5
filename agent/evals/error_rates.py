"""The known error rates of a rating model, from the evaluation suites run in this workspace."""

from collections.abc import Mapping

from agent.app.telling import Note
from agent.evals.archive import Archive
from agent.ratings.store import Ratings
from agent.rubrics.model import Rubric
from agent.stats.correction import ErrorCounts
from agent.workspace import Workspace


def known_errors(space: Workspace, rubric: Rubric, note: Note) -> dict[str, ErrorCounts]:
    """Error counts for each yes/no criterion, from the newest run of exactly the model, server and prompt that gave the
    ratings.

    Empty if people or several models rated. A criterion that the run asked in other words is left out.
    """
    runs = Archive(space.settings.workspace / "evals").runs()
    made_with = space.store[Ratings].made_with(rubric.id) if runs else set()
    if len(made_with) != 1:  # ratings by people and imports have no prompt and no model
        return {}
    (rated_by,) = made_with
    for stored in runs:
        if (stored.run.prompt, stored.run.model, stored.run.endpoint) == rated_by:
            confusions = {report.criterion: report.confusion for report in stored.report.criteria}
            errors = {}
            for criterion in rubric.criteria:
                asked = stored.run.criterion(criterion.id)
                if asked is None or not criterion.scale.binary or asked.description != criterion.description:
                    continue
                counted = counts_of(confusions.get(criterion.id, {}))
                if counted is not None:
                    errors[criterion.id] = counted
            if errors:
                note(f"rates corrected for the model's errors in run {stored.run.id}: {', '.join(errors)}")
                return errors
    return {}


def counts_of(confusion: Mapping[str, Mapping[str, int]]) -> ErrorCounts | None:
    """The counts in a table of references (rows) by the model's ratings (columns); None if no case shows the
    behavior, or every case does. Not applicable and failed readings are not errors of level and are left out."""
    there, lacking = (confusion.get(level, {}) for level in ("1", "0"))
    present, absent = (there.get("1", 0) + there.get("0", 0)), (lacking.get("1", 0) + lacking.get("0", 0))
    if not present or not absent:
        return None
    return ErrorCounts(present_found=there.get("1", 0), present=present, absent_left=lacking.get("0", 0), absent=absent)
