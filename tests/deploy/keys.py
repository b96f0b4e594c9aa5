"""The keys that configuration files may have, with their defaults, out of the types that read them."""

from __future__ import annotations

from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from agent.llm.pacing import Limits
from agent.settings import (
    Auth,
    Binding,
    DisputeRules,
    ExportMap,
    FunnelStage,
    JobRules,
    MailRules,
    Models,
    Moment,
    Oidc,
    Privacy,
    Stage,
    Stages,
    WebhookRules,
    WeeklyRules,
    shipped,
)
from agent.stats.calibration import CalibrationRule
from agent.stats.ongoing import OngoingRule
from agent.stats.rules import Rulebook

# File -> type of the whole, and types of what stands under one of its keys.
FILES: dict[str, dict[str, type[BaseModel]]] = {
    "models.yaml": {"": Models, "roles.*.": Binding, "roles.*.limits.": Limits},
    "jobs.yaml": {"": JobRules},
    "auth.yaml": {"": Auth, "oidc.": Oidc},
    "disputes.yaml": {"": DisputeRules},
    "privacy.yaml": {"": Privacy},
    "webhooks.yaml": {"": WebhookRules},
    "weekly.yaml": {"": WeeklyRules},
    "mail.yaml": {"": MailRules},
    "calibration.yaml": {"": CalibrationRule, "ongoing.": OngoingRule},
    "profiles.yaml": {
        f"{name}.": field.annotation for name, field in Rulebook.model_fields.items() if field.annotation is not None
    },
    "stages.yaml": {"": Stages, "stages.*.": Stage, "moments.*.": Moment, "funnel.*.": FunnelStage},
    "maps/NAME.yaml": {"": ExportMap},
}


def keys(name: str) -> dict[str, str]:
    """Dotted keys of a file, with what holds where they are not given."""
    in_file: dict[str, Any] = {}
    if "NAME" not in name:
        in_file = yaml.safe_load((shipped("config") / name).read_text()) or {}
    found = {}
    for prefix, shape in FILES[name].items():
        for key, field in shape.model_fields.items():
            value = field.get_default(call_default_factory=True)
            if prefix == "" and value is PydanticUndefined and key in in_file:
                value = in_file[key]
            found[prefix + key] = shown(value)
    return found


def shown(value: Any) -> str:
    """A default in a table."""
    if value is PydanticUndefined:
        return "required"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, BaseModel) or value in ("", (), {}, []):
        return "empty"
    return "see the file" if isinstance(value, dict | list | tuple) else str(value)
