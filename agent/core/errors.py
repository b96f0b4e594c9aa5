"""The error tree. Every error a user can cause or meet has a place here.

    CloseReadError                     exit 1   never raised itself
    ├── UsageError                     exit 2   the command's words do not fit together
    ├── InputError                     exit 3   a file or value from outside is wrong
    │   ├── ImportProblem                       one line of one file: where, what, what to do
    │   └── NotFound                            an id or label that is not in the workspace
    ├── GateClosed                     exit 4   a check said no: nothing was changed
    ├── ConfigError                    exit 5   settings, prompts or role bindings are wrong
    │   ├── RoleUnbound                         a role has no model; says how to set one up
    │   ├── NoWorkspace                         there is none at that place
    │   └── DiskFull                            there is no room left to write
    ├── ModelError                     exit 6   a model did not give a usable reply
    │   ├── ModelUnreachable                    no answer after bounded retries
    │   ├── ModelRejected                       the provider refused the request (4xx)
    │   ├── ModelRefused                        the model declined to answer
    │   ├── ReplyTruncated                      stopped at the token limit
    │   ├── ReplyEmpty                          no choices or no content
    │   ├── ReplyInvalid                        not the asked-for shape after the re-asks
    │   ├── InputTooLong                        longer than the model's context
    │   └── RecordingMissing                    replay was asked for and has no such request
    ├── Forbidden                      exit 9   the role may not do or see this
    ├── BudgetExceeded                 exit 7   the next request would pass the limit set
    └── Conflict                       exit 8   somebody else changed it first

`str(error)` is one complete sentence for a person: what and where, in words that fit every front end. What to do about
it is the error's `advice`: each front end renders it in its own way, as a command, a link or a field.
"""

import errno
from dataclasses import dataclass, replace

from agent.core.language import N_


@dataclass(frozen=True)
class Advice:
    """What to do about an error. `command` is without the program's name (`score run`), `page` a path (`/calls`);
    `text` is for what is neither, in words that hold everywhere. `option` is what is to be typed behind the command
    that failed (`--map "THEIRS=rep"`), `there` the same in words for the page whose form was refused. `label` is the
    speaker's label that it is about, so that a page can ask."""

    command: str = ""
    page: str = ""
    text: str = ""
    option: str = ""
    there: str = ""
    label: str = ""

    def at_the_terminal(self) -> str:
        """For the command line: the sentence, the option to add, the command to type."""
        said = (self.text, self.option and f"say {self.option}", self.command and f"run: closeread {self.command}")
        return "; ".join(part for part in said if part)

    def on_a_page(self) -> str:
        """For pages and the API: the sentence, and what the form takes."""
        return "; ".join(part for part in (self.text, self.there) if part)


class CloseReadError(Exception):
    """Root of all errors this program raises on purpose.

    `where` is the call, file or other thing that `what` is about; a page that names it already says `what` alone.
    """

    exit_code = 1
    code = "error"

    def __init__(self, what: str = "", *, where: str = "", advice: Advice | None = None) -> None:
        super().__init__(f"{where}: {what}" if where else what)
        self.what, self.where, self.advice = what, where, advice

    def at_the_terminal(self) -> str:
        """The sentence with its advice, worded for the command line."""
        advice = self.advice.at_the_terminal() if self.advice else ""
        return f"{self}; {advice}" if advice else str(self)

    @property
    def explained(self) -> str:
        """The sentence with its advice in words that hold on every front end. Used where the text is stored and may
        be shown anywhere later."""
        text = self.advice.text if self.advice else ""
        return f"{self}; {text}" if text else str(self)


class UsageError(CloseReadError):
    """Options that do not fit together."""

    exit_code = 2
    code = "usage"


class InputError(CloseReadError):
    """Something from outside (a file, a value) is wrong."""

    exit_code = 3
    code = "input"


class ImportProblem(InputError):
    """One thing wrong with one imported file.

    `where` is the file's path as given, `line` its 1-based line number where that is known. A hint that holds
    everywhere is a text; one that a terminal and a page say differently is an Advice.
    """

    code = "import"

    def __init__(self, where: str, line: int | None, what: str, hint: str | Advice = "") -> None:
        told = Advice(text=hint) if isinstance(hint, str) else hint
        place = f"{where}:{line}" if line is not None else where
        super().__init__(f"{place}: {what}" + (f" ({told.text})" if told.text else ""))
        self.where, self.line, self.what, self.told, self.hint = where, line, what, told, told.text
        self.advice = replace(told, text="") if told.option or told.there else None  # the text stands in the sentence

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.where, self.line, self.what, self.told))


class NotFound(InputError):
    """An id or label that is not in the workspace."""

    code = "not_found"


class GateClosed(CloseReadError):
    """A check said no; nothing was changed."""

    exit_code = 4
    code = "gate"


class ConfigError(CloseReadError):
    """Settings, prompts or role bindings are wrong."""

    exit_code = 5
    code = "config"


_NO_MODEL = N_("no model is bound to the role {role}")


class RoleUnbound(ConfigError):
    """A role has no model bound to it."""

    code = "role_unbound"

    def __init__(self, role: str) -> None:
        self.role = role
        model = "openai/whisper-1" if role == "transcriber" else "openai/gpt-4.1-mini"
        advice = Advice(command=f"model bind --role {role}={model}", page="/admin/models")
        super().__init__(_NO_MODEL.format(role=role.replace("_", " ")), advice=advice)

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.role,))


class NoWorkspace(ConfigError):
    """There is no workspace at the place that is named."""

    code = "no_workspace"

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(f"there is no workspace at {folder}", advice=Advice(command="init"))

    def __reduce__(self) -> tuple[object, ...]:
        return (type(self), (self.folder,))


class DiskFull(ConfigError):
    """There is no room left to write. What was written before is intact."""

    code = "disk_full"

    @staticmethod
    def is_said_by(error: BaseException | None) -> bool:
        """Whether `error` means a full disk: the operating system, SQLite (SQLITE_FULL) and PostgreSQL (SQLSTATE
        disk_full) each report it in their own way."""
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
        return full or getattr(error, "sqlite_errorcode", 0) == 13 or getattr(error, "sqlstate", "") == "53100"

    @classmethod
    def at(cls, place: str) -> "DiskFull":
        """The error for `place`, a folder or a database."""
        return cls(
            f"there is no room left on the disk of {place}; what is stored is intact: make room, then run this again"
        )


class ModelError(CloseReadError):
    """A model did not give a usable reply. A failed request may have cost money all the same, so the error carries what
    was spent.

    `attempts` counts the requests sent; the token counts are of those that were answered (`estimated` if they are a
    guess). `model`, `endpoint` and `request` name the model, its server and the request that failed. If another model
    took over, these are not the ones first asked. `model` and `request` are empty if unknown.
    """

    exit_code = 6
    code = "model"
    model: str = ""
    endpoint: str = ""
    request: str = ""
    attempts: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    estimated: bool = False


class ModelUnreachable(ModelError):
    """No answer after bounded retries (connection, time-out, 429, 5xx)."""

    code = "model_unreachable"


class ModelRejected(ModelError):
    """The provider refused the request as it stands (authentication, unknown model, bad request)."""

    code = "model_rejected"


class ModelRefused(ModelError):
    """The model declined to answer."""

    code = "model_refused"


class ReplyTruncated(ModelError):
    """The reply stopped at the token limit."""

    code = "reply_truncated"


class ReplyEmpty(ModelError):
    """The reply has no choices or no content."""

    code = "reply_empty"


class ReplyInvalid(ModelError):
    """The reply did not fit the reply model, also after the re-asks."""

    code = "reply_invalid"


class InputTooLong(ModelError):
    """The request is longer than the model's context."""

    code = "input_too_long"


class RecordingMissing(ModelError):
    """Replay was asked for, and there is no recording of this request."""

    code = "recording_missing"


class BudgetExceeded(CloseReadError):
    """The next request would pass the spending limit."""

    exit_code = 7
    code = "budget"


class Conflict(CloseReadError):
    """Somebody else changed it first, or it is already final."""

    exit_code = 8
    code = "conflict"


class Forbidden(CloseReadError):
    """The person's role may not do or see this."""

    exit_code = 9
    code = "forbidden"
