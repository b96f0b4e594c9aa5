"""What the verbs of recordings do. There is no command of their own: `calls import` and `interviews import` call them."""

from typing import Any

WALK: dict[str, Any] = {}
ACTS: list[Any] = []
NOT_ACTED = {"speech.verbs.hear": "tests/speech/test_importing.py::test_hearing_stands_in_the_audit_log"}
