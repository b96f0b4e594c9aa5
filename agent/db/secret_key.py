"""The workspace's own secret: it signs cookies and cursors, and makes placeholders for names."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from agent.core.errors import Advice, ConfigError


def secret_key(folder: Path) -> str:
    """The secret key, from a file in the workspace that only its owner can read. The file is made at the first call."""
    path = folder / "secret-key"
    try:
        if not path.exists():
            # Written whole under another name first: a second process must not read half a key, or put its own over it.
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"{path.name}.{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(48))
            try:
                with suppress(FileExistsError):
                    os.link(draft, path)
            finally:
                draft.unlink()
        key = path.read_text().strip()
    except OSError as error:
        raise ConfigError(
            f"{path}: the key that signs sessions cannot be used: {error.strerror}",
            advice=Advice(text="give this user the right to write there"),
        ) from error
    if len(key) < 32:
        raise ConfigError(f"{path}: this key is too short to sign sessions; delete the file, and a new one is made")
    return key
