"""The story, stage by stage. Each stage begins where the one before left the workspace."""

from tests.browser.story.framework import (
    change_patterns,
    draft_criteria,
    edit_and_publish,
    find_patterns,
    upload_of_sixty,
    upload_the_sample,
)
from tests.browser.story.rounds import (
    deploy,
    open_first_round,
    open_next_round,
    rate_again,
    rate_blind,
    sharpen_wording,
)
from tests.browser.story.season import coach, dispute, outcomes, score

STAGES = (
    upload_the_sample,
    find_patterns,
    change_patterns,
    draft_criteria,
    edit_and_publish,
    open_first_round,
    rate_blind,
    sharpen_wording,
    open_next_round,
    rate_again,
    deploy,
    score,
    dispute,
    coach,
    outcomes,
)
PUBLISHED = STAGES.index(edit_and_publish)
STAGES_OF_SIXTY = (*STAGES[:PUBLISHED], upload_of_sixty, *STAGES[PUBLISHED:])
