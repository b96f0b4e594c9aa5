"""Stores keys of model endpoints in the workspace, encrypted with its secret key. They are used for requests and never
shown.

A key belongs to one endpoint (the base URL, or the provider if there is none) and is never sent to another.
"""

import base64
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from agent.core.errors import Advice, ConfigError
from agent.core.lazy import lazy
from agent.db.secret_key import secret_key

if TYPE_CHECKING:
    from cryptography import fernet
else:
    fernet = lazy("cryptography.fernet")

FILE = "model-keys"
_ENDS = 4  # letters that are shown


def endpoint_of(model: str, api_base: str) -> str:
    """The endpoint whose key is sent with a binding's requests."""
    return api_base.rstrip("/") or model.partition("/")[0]


def keep_key(folder: Path, endpoint: str, key: str) -> None:
    """Encrypt and store the key of an endpoint, replacing an earlier one."""
    ends = key[-_ENDS:] if len(key) >= 4 * _ENDS else ""
    sealed = _lock(folder).encrypt(key.encode()).decode()
    _write(folder, _read(folder) | {endpoint: {"sealed": sealed, "ends": ends}})


def forget_key(folder: Path, endpoint: str) -> bool:
    """Delete the key of an endpoint; returns whether one was stored."""
    kept = _read(folder)
    removed = kept.pop(endpoint, None)
    if removed is not None:
        _write(folder, kept)
    return removed is not None


def kept_keys(folder: Path) -> dict[str, str]:
    """The last letters of each stored key, by endpoint, to recognise it by; empty for a short key."""
    return {endpoint: kept["ends"] for endpoint, kept in sorted(_read(folder).items())}


def kept_key(folder: Path, endpoint: str) -> SecretStr | None:
    """The key of an endpoint; None if none is stored. ConfigError if it was encrypted with another secret key."""
    kept = _read(folder).get(endpoint)
    if kept is None:
        return None

    try:
        return SecretStr(_lock(folder).decrypt(kept["sealed"].encode()).decode())
    except fernet.InvalidToken as error:
        raise ConfigError(
            f"the key that is kept for {endpoint} cannot be read: the workspace's secret key is another one now",
            advice=Advice(page="/admin/models", text="type the key again"),
        ) from error


def _lock(folder: Path) -> "fernet.Fernet":
    return fernet.Fernet(
        base64.urlsafe_b64encode(hashlib.sha256(f"model keys\n{secret_key(folder)}".encode()).digest())
    )


def _read(folder: Path) -> dict[str, dict[str, str]]:
    path = folder / FILE
    kept: dict[str, dict[str, str]] = json.loads(path.read_text()) if path.exists() else {}
    return kept


def _write(folder: Path, kept: dict[str, dict[str, str]]) -> None:
    draft = folder / f"{FILE}.{os.getpid()}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(kept, file)
    draft.replace(folder / FILE)
