"""Remembers what a model's provider refuses in a request, so that it is not sent again.

Providers differ in the settings they take, and change that with each model: OpenAI's reasoning models refuse a
temperature and want `max_completion_tokens`, Anthropic's newer ones refuse sampling settings, many servers know no
`seed`. Their answer to the first such request says so, costs nothing, and holds for all that follow.
"""

import logging
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from agent.llm.masking import masked

# Left out where they are refused. They steer how a reply is drawn, not what is asked.
_OPTIONAL = ("seed", "temperature", "top_p", "top_k")
_LIMITS = {"max_tokens": "max_completion_tokens", "max_completion_tokens": "max_tokens"}
_READ = 400  # characters of the provider's words; some repeat the whole request
_UNKNOWN = re.compile(
    r"unsupported|not support|n't support|unknown|unrecogni[sz]ed|unexpected|not permitted|not allowed"
    r"|extra (?:input|field)|extra_forbidden|deprecated|invalid (?:parameter|argument)|no such parameter"
)
_log = logging.getLogger(__name__)


class Refusals:
    """What one endpoint does not take, by model."""

    def __init__(self) -> None:
        self._dropped: dict[str, set[str]] = defaultdict(set)
        self._renamed: dict[str, dict[str, str]] = defaultdict(dict)
        self._limits: dict[str, Any] = {}

    def taken(self, model: str, settings: Mapping[str, Any]) -> dict[str, Any]:
        """`settings` without what `model` is known to refuse."""
        dropped, renamed = self._dropped[model], self._renamed[model]
        return {renamed.get(name, name): value for name, value in settings.items() if name not in dropped}

    def learn(self, model: str, sent: Mapping[str, Any], parameter: str, said: str) -> bool:
        """Whether the refusal of the settings `sent` names one that can be left out or renamed. If so, `taken` does
        that from now on."""
        words = masked(said[:_READ]).lower()
        for name in _OPTIONAL:
            if name in sent and (parameter == name or _complains_of(words, name)):
                self._dropped[model].add(name)
                _log.warning("%s does not take %s=%s; it is asked without: %s", model, name, sent[name], words[:200])
                return True
        for name, other in _LIMITS.items():
            if name in sent and other not in sent and _asks_for_other_name(words, parameter, name, other):
                self._renamed[model], self._limits[model] = {name: other}, sent[name]
                _log.warning("%s wants %s instead of %s; it is sent so: %s", model, other, name, words[:200])
                return True
        return False

    def lines(self, model: str) -> dict[str, Any]:
        """What was learned about `model`, as settings to write into its binding. The seed is left out: it is set by
        us."""
        dropped: dict[str, Any] = {name: None for name in _OPTIONAL[1:] if name in self._dropped[model]}
        for name, other in self._renamed[model].items():
            dropped |= {name: None, other: self._limits[model]}
        return dropped


def _complains_of(words: str, name: str) -> bool:
    return re.search(rf"\b{name}\b", words) is not None and (name == "seed" or bool(_UNKNOWN.search(words)))


def _asks_for_other_name(words: str, parameter: str, name: str, other: str) -> bool:
    named = parameter == name or re.search(rf"\b{name}\b", words) is not None
    return named and (f"use '{other}'" in words or f"use {other}" in words or bool(_UNKNOWN.search(words)))
