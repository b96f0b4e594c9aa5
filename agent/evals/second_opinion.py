"""The second opinion: if two draws differ, the rating is unsure and a person looks at it first.

Is that list worth a person's time? On a suite it can be measured: how many of the model's true errors does it contain?
"""

from agent.core.statistic import percent
from agent.evals.run import Key, Run, right
from agent.evals.suite_files import FilePart


class Listed(FilePart):
    """How many ratings there are, on how many the draws differ, how many errors the first draw has, and how many of
    these are among the ratings that differ.

    `compared` is the number of draws.
    """

    compared: str
    ratings: int
    listed: int
    errors: int
    errors_listed: int
    keys: list[tuple[str, str]]

    @property
    def sentence(self) -> str:
        """The numbers in words."""
        if self.ratings == 0:
            return "No rating was made twice."
        share = self.listed / self.ratings
        return (
            f"Second opinion ({self.compared}): {self.listed} of {self.ratings} ratings differ ({percent(share)} to "
            f"look at); they hold {self.errors_listed} of the {self.errors} true errors."
        )


def listed(run: Run) -> Listed:
    """Compares the draws of one run: every rating on which they differ is on the list."""
    said: dict[Key, set[str]] = {}
    drawn: dict[Key, int] = {}
    for answer in run.answers:
        key = (answer.case, answer.criterion)
        said.setdefault(key, set()).add(answer.judgement.said)
        drawn[key] = drawn.get(key, 0) + 1
    differing = {key for key, words in said.items() if len(words) > 1}
    shared = {key for key, n in drawn.items() if n > 1}
    answers, references = run.drawn(), run.reference()
    wrong = {key for key in shared if not right(answers[key].judgement, references[key])}
    return Listed(
        compared=f"{run.draws} draws",
        ratings=len(shared),
        listed=len(differing),
        errors=len(wrong),
        errors_listed=len(wrong & differing),
        keys=sorted(differing),
    )
