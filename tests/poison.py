"""Words put into every text of a workspace, for walks that look at what becomes of them."""

import json
from collections.abc import Callable

from sqlalchemy import String, Text, select, update

from agent.db import schema

# Words that are no text of anybody: one of a few, or an address.
_FIXED = {
    *("verdict", "status", "kind", "scale", "speaker", "state", "role", "events", "event", "url", "reader", "analyst"),
    *("moment", "moments", "subject", "direction", "form", "ending", "outcome", "undefined", "method", "secret"),
}
_COLUMNS = ("reason", "reasons", "said")
_LEFT_ALONE = ("audit_log", "audit_head", "round_log", "computed", "paces", "people")
_CONTENT_IDS = ("rubrics", "ratings", "plans", "rounds")


def poisoned(store, change: Callable[[str], str]) -> dict[str, int]:
    """Change each stored text of several words, and each reason; how many rows of which tables were changed."""
    changed: dict[str, int] = {}
    with store.engine.begin() as connection:
        for table in schema.metadata.sorted_tables:
            texts = [c for c in table.columns if isinstance(c.type, String | Text)]
            columns = [c for c in texts if not c.primary_key and not c.foreign_keys and c.name not in _FIXED]
            if table.name in _LEFT_ALONE:
                continue
            for row in connection.execute(select(table)).mappings().all():
                values = {
                    c.name: made for c in columns if (made := _column(c.name, row[c.name], change)) != row[c.name]
                }
                if "body" in values and table.name in _CONTENT_IDS:
                    values["body"] = json.dumps(json.loads(values["body"]) | {"named": row["id"]}, ensure_ascii=False)
                if values:
                    keys = [key == row[key.name] for key in table.primary_key]
                    connection.execute(update(table).where(*keys).values(values))
                    changed[table.name] = changed.get(table.name, 0) + 1
    return changed


def _column(name, value, change):
    if not value or not isinstance(value, str):
        return value
    if value[0] in "{[":
        return json.dumps(_node(json.loads(value), change), ensure_ascii=False)
    return change(value) if " " in value or name in _COLUMNS else value


def _node(node, change, key=""):
    if isinstance(node, list):
        return [_node(one, change, key) for one in node]
    if isinstance(node, dict):
        return {k: _node(value, change, k) for k, value in node.items()}
    is_text = isinstance(node, str) and (" " in node or key == "reason") and key not in _FIXED
    return change(node) if is_text else node
