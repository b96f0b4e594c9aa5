"""Makes agent/app/web/examples.json: an answer of each shape that the API sends, as the walk over all routes gets it.

    python -m tests.api.examples

Of a list the first element is kept and of a long text its beginning.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from anyio.from_thread import start_blocking_portal

from agent.app.web.openapi import EXAMPLES
from tests.api.conftest import Site, made_site
from tests.api.test_walk import KEYS, TABLES, sent
from tests.app.acts import Act, all_of, asking

LONGEST = 160
SECRETS = ("secret", "url")  # of a token, a webhook, an invitation


def short(value: Any, key: str = "") -> Any:
    """`value` with what is enough to see its shape."""
    if isinstance(value, dict):
        return {name: short(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [short(inner) for inner in value[:1]]
    if isinstance(value, str) and (key in SECRETS or len(value) > LONGEST):
        return value[: 6 if key == "secret" else 40 if key in SECRETS else LONGEST - 1] + "…"
    return value


def shape_of(response: dict[str, Any]) -> str:
    """The name of the schema of an answer, empty where it has none."""
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return str(schema.get("$ref", "")).rpartition("/")[2]


def gathered(site: Site) -> dict[str, Any]:
    """By schema an answer, the longest of those that came."""
    document = site.anonymous().get("/api/v1/openapi.json").json()
    reading = [key for key in KEYS if key.startswith("GET ")]
    changing = [key for key in KEYS if key not in reading]
    acts = [(route, act) for act in all_of("ACTS") for route in (*act.routes, *act.walks)]
    steps: list[tuple[str, Callable[[], Any]]] = [(key, partial(walked, site, key)) for key in reading]
    steps += [(route, partial(acted, site, act, route)) for route, act in acts]
    steps += [
        (key, partial(walked, site, key)) for key in (*changing, *reading, *reading)
    ]  # figures are there the second time
    found: dict[str, str] = {}
    for key, send in steps:
        method, path = key.split(" ")
        if path in document["paths"]:
            answer = send()
            shape = shape_of(document["paths"][path][method.lower()]["responses"].get(str(answer.status_code), {}))
            if shape not in ("", "Problem"):
                text = json.dumps(short(answer.json()), ensure_ascii=False)
                text = text.replace(str(site.space.settings.workspace), "/srv/closeread")
                found[shape] = max(found.get(shape, ""), text, key=len)
    return {name: json.loads(found[name]) for name in sorted(found)}


def acted(site: Site, act: Act, route: str) -> Any:
    """What the request of a verb gets."""
    return asking(site, act, route)()


def walked(site: Site, key: str) -> Any:
    """What a role that may gets for the walk's request."""
    return sent(site.program(sorted(TABLES[key].roles or ["ops_lead"])[-1]), site, key)


if __name__ == "__main__":
    logging.disable()
    with TemporaryDirectory() as folder, start_blocking_portal() as Site.loop, made_site(Path(folder)) as made:
        examples = gathered(made)
    lines = (f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in examples.items())
    EXAMPLES.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
