"""Guides are files of whoever writes them: the API knows none."""

from typing import Any

ACTS: list[Any] = []
NOT_ACTED = {
    name: "asks a model; tests/guides/test_audit.py holds its entry in the log"
    for name in ("guides.verbs.draft_guide", "guides.verbs.check_with_model")
}
WALK: dict[str, Any] = {}
JSON: dict[str, Any] = {}
NO_API = {name: "guides are files of the person at the terminal" for name in ("guide lint", "guide review")}
