"""How `web.py` fills the addresses of routes: ids, the words that stand in their place, and queries."""

from __future__ import annotations

import re

from evals.bench.one_of_each import Made

LIMIT_MS = 150.0
# What may take longer, and why.
_ALLOWED = {
    # A file is made once for somebody who waits for it, not for a page.
    re.compile(r"[=/](pdf|docx|xlsx)$|/export\?|^/report$"): 10_000.0,
    # A page fetches its estimate after it is shown: it counts the tokens of dozens of transcripts.
    re.compile(r"/job-plans/|/estimate$|/suites/[^/]+/plan$"): 500.0,
}

_WORKS = ("extract", "draft", "score")
_BLIND = ("/rate", "/submit", "/drafts")
_OPEN = ("/correct", "/sharpen", "/reworded", "/report", "/record", "/next")
_FORMS = {"/rubric/{ref}/guide/{form}": ("html", "docx", "pdf"), "/rubric/{ref}/file/{form}": ("yaml", "json")}
_FILTERS = (
    "",
    "?rep={rep}",
    "?stage=demo",
    "?deal=d-0003-050",
    "?first=2025-03-01&last=2025-03-31",
    "?rep={rep}&stage=demo&first=2025-03-01",
)
_DIFF = ("?against=scale%20draft%201",)
_COMPARE = ("?first={first}&second={second}",)
_VERSIONS = ("?first=rate_call@1&second=rate_call@2",)

# What is asked instead of the bare address. Words in braces are Made's names.
QUERIES: dict[str, tuple[str, ...]] = {
    "/calls": (*_FILTERS, "?show=rated", "?show=unrated", "?show=low", "?rep={rep}&show=unrated"),
    "/api/v1/calls": (*_FILTERS, "?rated=true", "?rated=false", "?to_review=true", "?limit=200"),
    "/api/v1/ratings": (
        "",
        "?call={call}",
        "?rep={rep}",
        "?criterion={criterion}",
        "?rater=ann",
        "?rubric={rubric}&status=failed",
        "?rep={rep}&criterion={criterion}&status=not_applicable",
        "?current=false&limit=200",
    ),
    "/api/v1/audit": ("", "?subject={call}", "?action=round_opened"),
    "/api/v1/disputes": ("", "?state=open", "?rep={rep}", "?criterion={criterion}"),
    "/disputes": ("", "?state=open", "?rep={rep}"),
    "/api/v1/movement": ("", "?rep={rep}", "?cycles=last&verdict=moved"),
    "/coaching/movement": ("", "?cycles=all", "?criterion={criterion}"),
    "/api/v1/gaps": ("", "?rep={rep}"),
    "/api/v1/cycles": ("", "?rep={rep}"),
    "/api/v1/sessions": ("", "?rep={rep}"),
    "/api/v1/funnel": ("", "?rep={rep}"),
    "/outcomes": ("", "?rep={rep}"),
    "/profiles": ("", "?intervals=true"),
    "/api/v1/interviews": ("", "?outcome=won"),
    "/interviews/{ident}": ("", "?pattern={pattern}"),
    "/pattern-merge": ("", "?pattern={pattern}"),
    "/api/v1/jobs": ("", "?state=running", "?kind=score"),
    "/api/v1/evals/runs": ("", "?suite={suite}"),
    "/evals": ("", "?suite={suite}"),
    "/evals/compare": _COMPARE,
    "/api/v1/evals/compare": _COMPARE,
    "/api/v1/evals/suites/{suite}/verdict": ("", "?run={second}&against={first}"),
    "/prompts/diff": _VERSIONS,
    "/api/v1/prompts/diff": _VERSIONS,
    "/rubric/{ref}/diff": _DIFF,
    "/api/v1/rubrics/{ref}/diff": _DIFF,
    "/api/v1/rubrics/{ref}/file": ("?format=yaml", "?format=json"),
    "/api/v1/rubrics/{ref}/guide": ("?format=html", "?format=md", "?format=docx", "?format=pdf"),
    "/api/v1/plans/{rep}/brief": ("?format=html", "?format=md", "?format=docx", "?format=pdf"),
    "/coaching/{rep}/brief": ("?format=html", "?format=docx", "?format=pdf"),
    "/api/v1/rounds/{number}/record": ("?format=html", "?format=md", "?format=docx", "?format=pdf"),
    "/calibration/{number}/record": ("?format=docx", "?format=pdf"),
    "/calibration/{number}/correct": ("?call={round_call}&criterion={criterion}",),
    "/calibration/{number}/rate": ("", "?call={blind_call}&criterion={criterion}"),
    "/calibration/open": ("", "?pick=50"),
    "/rubric/{base}/edit/{criterion}": ("", "?source={call}"),
    "/admin/retention": ("", "?older_than=730", "?rep={rep}", "?customer=nobody"),
    "/api/v1/retention": ("?older_than=730", "?rep={rep}", "?customer=nobody"),
    "/admin/retention/export": ("?name={rep}",),
    "/api/v1/retention/export": ("?name={rep}",),
    "/upload": ("", "?kind=interview"),
}


def limit_of(address: str) -> float:
    """The most that an address may take, in milliseconds."""
    return next((limit for pattern, limit in _ALLOWED.items() if pattern.search(address)), LIMIT_MS)


def values_of(made: Made, path: str, before: str, name: str) -> tuple[str, ...]:
    """What can stand for `name` in `path`; `before` is the word in front of it. Empty where nothing is known."""
    if name == "ident":
        return (made.ids[before],) if before in made.ids else ()
    if name == "work":
        return _WORKS
    if name == "form":
        return _FORMS.get(path, ())
    if name == "number":
        blind, submitted = (str(found.number) for found in made.rounds)
        return (blind,) if path.endswith(_BLIND) else (submitted,) if path.endswith(_OPEN) else (blind, submitted)
    return (made.names[name],) if name in made.names else ()
