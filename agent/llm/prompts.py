"""Prompts as data: `prompts/<name>/<NNN>.md`, append-only, checked on load, locked once released.

A prompt file is YAML front matter and a body in parts, each opened by a line `=== system ===`, `=== user ===` or
`=== assistant ===`. The body is split into parts first and rendered afterwards, so nothing that stands in a transcript
can open a part of its own; transcripts are values, never templates.
"""

import hashlib
import re
import tomllib
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from agent.core.base import Frozen
from agent.core.errors import Advice, ConfigError, ImportProblem, NotFound
from agent.core.lazy import lazy
from agent.core.yaml_files import parse_document
from agent.llm.model import Message, Setting

jinja2 = lazy("jinja2")
jinja_meta = lazy("jinja2.meta")
sandbox = lazy("jinja2.sandbox")

_MARKER = re.compile(r"^=== (system|user|assistant) ===$", re.MULTILINE)
_FILE = re.compile(r"^\d{3}\.md$")
PINS = "prompts.toml"
LANGUAGE = "reader_language"
"""The prompt that ends all others where a workspace says in which language models write."""
NO_REPLY = "none"
OWN_FROM = 101  # versions of a workspace's own


class FrontMatter(Frozen):
    """What stands above a prompt's body."""

    name: str = Field(pattern=r"^[a-z][a-z_]*$")
    version: int = Field(ge=1)
    status: Literal["draft", "released", "retired"]
    role: str
    reply: str
    inputs: list[str]
    settings: dict[str, Setting] = Field(default_factory=dict)
    changed: str = Field(min_length=1)


@dataclass(frozen=True)
class Prompt:
    """One version of one prompt. `added` comes at the end of its instructions: text that a workspace adds to every
    prompt."""

    meta: FrontMatter
    parts: tuple[tuple[Literal["system", "user", "assistant"], str], ...]
    hash: str
    path: Path
    added: str = ""

    @property
    def id(self) -> str:
        """`name@version#hash`, the hash shortened to 8 digits: what provenance names."""
        return f"{self.meta.name}@{self.meta.version}#{self.hash[:8]}"

    @property
    def key(self) -> str:
        return f"{self.meta.name}@{self.meta.version}"

    @property
    def lock_path(self) -> Path:
        return self.path.parent.parent / "lock.toml"

    @property
    def settings(self) -> Mapping[str, Setting]:
        """The model settings that the prompt was written for."""
        return self.meta.settings

    @cached_property
    def _templates(self) -> list[tuple[Literal["system", "user", "assistant"], Any]]:
        environment = _environment()
        return [(role, environment.from_string(body)) for role, body in self.parts]

    def render(self, inputs: Mapping[str, Any]) -> tuple[Message, ...]:
        """The messages for `inputs`, whose names must be exactly those in the front matter."""
        given, wanted = set(inputs), set(self.meta.inputs)
        if given != wanted:
            raise ConfigError(f"prompt {self.id} takes {sorted(wanted)}, was given {sorted(given)}")
        messages = [Message(role=role, content=t.render(inputs).strip()) for role, t in self._templates]
        if self.added:
            first = messages[0]
            messages[0] = first.model_copy(update={"content": f"{first.content}\n\n{self.added}"})
        return tuple(messages)

    def ended_by(self, other: "Prompt", inputs: Mapping[str, Any]) -> "Prompt":
        """The same prompt with `other`, rendered, at the end of its first message."""
        return replace(self, added="\n\n".join(message.content for message in other.render(inputs)))


def _environment() -> Any:
    return sandbox.ImmutableSandboxedEnvironment(
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )


def parse_prompt(path: Path) -> Prompt:
    """The prompt in the file at `path`; a `ConfigError` names what is wrong with it."""
    return _parsed(path, path.read_text(encoding="utf-8"))


@lru_cache(maxsize=200)
def _parsed(path: Path, text: str) -> Prompt:
    """The parsed prompt, cached by its text, so that its templates are parsed once."""
    pieces = text.split("---\n", 2)
    if len(pieces) != 3 or pieces[0].strip():
        raise ConfigError(f"{path}: a prompt starts with front matter between two lines of ---")
    try:
        meta: FrontMatter = parse_document(str(path), pieces[1], first_line=2).read_as(FrontMatter)
    except ImportProblem as problem:
        raise ConfigError(str(problem)) from problem
    if path.parent.name != meta.name or path.name != f"{meta.version:03d}.md":
        raise ConfigError(f"{path}: says it is {meta.name} version {meta.version}; file and front matter must agree")
    parts = _split(path, pieces[2])
    _check_inputs(path, meta, parts)
    # The status is left out, so that releasing a prompt does not change its name.
    hashed = re.sub(r"^status: .*$", "", text, count=1, flags=re.MULTILINE)
    return Prompt(meta, parts, hashlib.sha256(hashed.encode()).hexdigest(), path)


def _split(path: Path, body: str) -> tuple[tuple[Literal["system", "user", "assistant"], str], ...]:
    pieces = _MARKER.split(body)
    if pieces[0].strip() or len(pieces) < 3:
        raise ConfigError(f"{path}: the body starts with a line such as '=== system ==='")
    roles, texts = pieces[1::2], pieces[2::2]
    return tuple((role, text.strip("\n")) for role, text in zip(roles, texts, strict=True))  # type: ignore[misc]


def _check_inputs(path: Path, meta: FrontMatter, parts: tuple[tuple[str, str], ...]) -> None:
    environment = _environment()
    try:
        used = {name for _, text in parts for name in jinja_meta.find_undeclared_variables(environment.parse(text))}
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(f"{path}: the template does not parse: {error}") from error
    if used != set(meta.inputs):
        raise ConfigError(f"{path}: inputs says {sorted(meta.inputs)}, the body uses {sorted(used)}")


def read_pins(folder: Path | None) -> dict[str, int]:
    """The prompt versions that the recordings in `folder` were made with (`prompts.toml`); empty if there is none."""
    if folder is None or not (folder / PINS).is_file():
        return {}
    try:
        return {name: int(version) for name, version in tomllib.loads((folder / PINS).read_text("utf-8")).items()}
    except (tomllib.TOMLDecodeError, TypeError, ValueError) as error:
        raise ConfigError(f"{folder / PINS}: {error}; each line is: name = version") from error


class PromptLibrary:
    """All prompts below one folder and those of a workspace, with the lock files that hold the hash of each released
    prompt.

    `pins` names the version to use if a caller names none: recordings answer only the version they were made with. A
    workspace's `own` versions are numbered from 101, so that no version shipped later takes their number. The newest
    released version, which is then the workspace's own, is used until it is retired.
    """

    def __init__(self, root: Path, pins: Mapping[str, int] | None = None, own: Path | None = None) -> None:
        if not root.is_dir():
            raise ConfigError(f"{root}: no such folder of prompts")
        self._shipped, self._own = root, own
        self._pins = dict(pins or {})

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that exist: the shipped one, then the workspace's own."""
        own = [self._own] if self._own is not None and self._own.is_dir() else []
        return (self._shipped, *own)

    def names(self) -> list[str]:
        return sorted({p.name for root in self.roots for p in root.iterdir() if p.is_dir()})

    def versions(self, name: str) -> list[Prompt]:
        """All versions of one prompt, oldest first."""
        if name not in self.names():
            raise NotFound(f"there is no prompt {name!r}; there are {', '.join(self.names())}")
        files = [path for root in self.roots for path in (root / name).glob("*.md") if _FILE.match(path.name)]
        prompts = sorted(map(parse_prompt, files), key=lambda prompt: prompt.meta.version)
        for prompt in prompts:
            if (prompt.path.parent.parent != self._shipped) != (prompt.meta.version >= OWN_FROM):
                raise ConfigError(
                    f"{prompt.path}: versions from {OWN_FROM} on are a workspace's own, others are shipped"
                )
        return prompts

    def get(self, reference: str) -> Prompt:
        """`name` (the pinned version, else the newest released) or `name@version`. A
        released one must match the lock."""
        name, _, version = reference.partition("@")
        version = version or str(self._pins.get(name, ""))
        versions = self.versions(name)
        if version:
            prompts = [p for p in versions if str(p.meta.version) == version.lstrip("0")]
        else:
            prompts = [p for p in versions if p.meta.status == "released"][-1:]
        if not prompts:
            wanted = f"version {version}" if version else "released version"
            raise NotFound(f"prompt {name} has no {wanted}; there are {[p.id for p in versions]}")
        _check_lock(prompts[0])
        return prompts[0]

    def all(self) -> list[Prompt]:
        """Every version of every prompt, each checked against the lock."""
        prompts = [prompt for name in self.names() for prompt in self.versions(name)]
        for prompt in prompts:
            _check_lock(prompt)
        return prompts

    def lock(self) -> list[str]:
        """Add released prompts that are not locked yet; returns their names. What is locked is never changed, and a
        lock to which nothing is added is not written: the shipped folder may not be writable."""
        added: dict[Path, dict[str, str]] = defaultdict(dict)
        for prompt in (p for name in self.names() for p in self.versions(name)):
            if prompt.key in read_lock(prompt.lock_path):
                _check_lock(prompt)
            elif prompt.meta.status == "released":
                added[prompt.lock_path][prompt.key] = prompt.hash
        for path, hashes in added.items():
            lines = [f'"{key}" = "{hash}"' for key, hash in sorted({**read_lock(path), **hashes}.items())]
            head = "# SHA-256 of each released prompt (its status line left out). Written by: closeread prompts lock\n"
            path.write_text(head + "\n".join(lines) + "\n", encoding="utf-8")
        return [key for hashes in added.values() for key in hashes]

    def draft(self, name: str, version: int | None = None) -> Path:
        """Make a draft of a new version in the workspace, with the text of another version (by default the one in
        use). Returns the file to edit. ConfigError if there is no folder for own prompts."""
        if self._own is None:
            raise ConfigError("there is no workspace whose prompts folder a draft could be put into")
        source = self.get(name if version is None else f"{name}@{version}")
        number = max([OWN_FROM - 1, *(p.meta.version for p in self.versions(name))]) + 1
        front, body = source.path.read_text(encoding="utf-8").split("---\n", 2)[1:]
        lines = {"version": str(number), "status": "draft", "changed": f"made from version {source.meta.version}"}
        for key, value in lines.items():
            front = re.sub(rf"^{key}:.*\n(?:[ \t]+.*\n)*", f"{key}: {value}\n", front, flags=re.MULTILINE)
        path = self._own / name / f"{number:03d}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"---\n{front}---\n{body}", encoding="utf-8")
        return path


def read_lock(path: Path) -> dict[str, str]:
    """The hash of each released prompt, by its key."""
    if not path.exists():
        return {}
    return {str(key): str(value) for key, value in tomllib.loads(path.read_text(encoding="utf-8")).items()}


def _check_lock(prompt: Prompt) -> None:
    locked = read_lock(prompt.lock_path).get(prompt.key)
    if locked is None and prompt.meta.status == "draft":
        return
    if locked is None:
        raise ConfigError(
            f"{prompt.path}: released, but not in {prompt.lock_path.name}", advice=Advice(command="prompts lock")
        )
    if locked != prompt.hash:
        raise ConfigError(
            f"{prompt.path}: changed after its release; put the change into a new version "
            f"({prompt.meta.version + 1:03d}.md) and restore this file"
        )
