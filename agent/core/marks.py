"""One language of marks for what a call shows, for how a rep stands and for what moved:
lists, charts, documents, terminal.

    result_sign("shown", 1.0)              # "●"; "◔", "◑", "◕" for a level in between, "○" where it is not shown
    result_sign("shown", 1.0, avoid=True)  # "◆": a behavior to avoid that is there ("◈" in part, "◇" not there)
    STATE_SIGNS["variable"], VERDICT_SIGNS["moved"]

Pages draw the same shapes with CSS (agent/app/web/templates/marks.html). No mark stands without its words, and none
differs from another by its color alone.
"""

from collections.abc import Mapping
from typing import Literal

from agent.core.language import N_, _

Kind = Literal["shown", "not_shown", "not_applicable", "failed", "differs", "none"]
RESULT_WORDS: Mapping[Kind, str] = {
    "shown": N_("shown"),
    "not_shown": N_("not shown"),
    "not_applicable": N_("does not apply"),
    "failed": N_("failed"),
    "differs": N_("raters differ"),
    "none": N_("not rated"),
}
_WITHOUT_LEVEL: Mapping[str, str] = {"not_applicable": "–", "failed": "✕", "differs": "◧", "none": "·"}
_FILLED = "○◔◑◕●"
_AVOIDED = "◇◈◈◈◆"

STATE_SIGNS: Mapping[str, str] = {
    "consistently present": "+",
    "consistently absent": "−",
    "variable": "~",
    "cannot tell": "?",
}
_VERDICTS = (
    *(N_("moved"), N_("not moved"), N_("cannot tell")),
    *(N_("association"), N_("none seen"), N_("still tells"), N_("fading")),
)
# By their names, with and without what the second page about deals calls the same things.
VERDICT_SIGNS: Mapping[str, str] = {
    **{"moved": "▲", "not_moved": "■", "cannot_tell": "○"},
    **{"association": "●", "none_seen": "■", "still_tells": "●", "fading": "▼"},
}


def result_sign(kind: str, part: float = 0.0, *, avoid: bool = False) -> str:
    """The mark of a result. `part` is the level's share of the scale, 0 to 1, drawn in quarters."""
    return _WITHOUT_LEVEL.get(kind) or (_AVOIDED if avoid else _FILLED)[round(part * 4)]


def state_in_words(state: str, words: str) -> str:
    """A state with its mark in front. `words` are given because they depend on the criterion's direction."""
    return f"{STATE_SIGNS[state]} {words}"


def verdict_in_words(verdict: str) -> str:
    """A verdict with its mark: "▲ moved"."""
    return f"{VERDICT_SIGNS[verdict]} {_(verdict.replace('_', ' '))}"
