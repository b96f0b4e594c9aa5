"""Removes secrets from what providers say before it is shown or stored.

Several providers repeat a refused key in the error, shortened or not, and proxies repeat whole requests.
"""

import os
import re

_SECRET = re.compile(r"(?:KEY|KEY_ID|TOKEN|SECRET|PASSWORD|BEARER_TOKEN_\w+)\Z")
_LEAST = 8  # characters: a shorter value is a word of its own somewhere
# Keys as vendors write them, whoever's they are; what stands behind Bearer; a password in an address.
_SHAPES = re.compile(
    r"\b(?:sk|pk|rk|gsk|xai|hf)[-_][A-Za-z0-9_*-]{8,}|\bAIza[\w-]{20,}|\bAKIA[A-Z0-9]{12,}"
    r"|(?i:(?<=bearer )[\w.~+/=-]{8,})|(?<=://)[^\s/@:]+:[^\s/@]+(?=@)"
)
_HIDDEN = "***"
_known: set[str] = set()


def hide(secret: str) -> None:
    """Mask `secret` from now on, wherever it appears."""
    if len(secret) >= _LEAST:
        _known.add(secret)


def masked(text: str) -> str:
    """`text` without secrets: those registered with `hide`, those of the environment, and everything that looks like
    one."""
    named = {value for name, value in os.environ.items() if len(value) >= _LEAST and _SECRET.search(name.upper())}
    for secret in sorted(_known | named, key=len, reverse=True):
        text = text.replace(secret, _HIDDEN)
    return _SHAPES.sub(_HIDDEN, text)
