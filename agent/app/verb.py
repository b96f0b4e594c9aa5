"""A verb: one function for each thing that people can do. The page, the API and the command line all call it.

    @verb("ops_lead", audit="job_cancelled")
    def cancel_job(who: Who, job: str) -> Job:
        return who.space.store[Jobs].cancel(job, who.name)

Who may is asked before, and one line is written into the audit log after it has worked, whichever front end called. It
runs in English whatever its caller reads, so what it keeps, sends and raises is English; a page tells it again. Only
what makes a document (`spoken`) speaks its reader's language. A front end adds only how its input is parsed and how the
result is worded. Every verb is in `VERBS`; tests walk over all.
"""

import asyncio
import inspect
from collections.abc import Callable, Coroutine
from functools import cached_property, update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, cast

from agent.core.errors import Forbidden
from agent.core.language import ENGLISH, N_, _, current, speaking
from agent.core.people import Person, Role, Scope
from agent.db.audit import AuditLog
from agent.workspace import Workspace

P = ParamSpec("P")
R = TypeVar("R")

PLURAL: dict[Role, str] = {
    "ops_lead": N_("ops leads"),
    "manager": N_("managers"),
    "rep": N_("reps"),
    "viewer": N_("viewers"),
}


class Who:
    """Whoever acts: a person who signed in, a program with a token, or the owner of the database file (`local`).

    `base` is the workspace as its owner sees it, `space` as this person may see it. `as_name` is what the audit log
    calls the person at the command line.
    """

    person: Person | None = None
    """Whose account it is; None at the command line, and for a token that belongs to nobody."""

    def __init__(self, base: Workspace, scope: Scope, *, token: str = "", as_name: str = "") -> None:
        self.base, self.scope, self.token, self.as_name = base, scope, token, as_name

    @property
    def name(self) -> str:
        """The name that ratings and the like are stored under. A token without a person rates and views as nobody."""
        return self.scope.name

    @property
    def signature(self) -> str:
        """The name in the audit log, and that of whoever started a job or an upload; never empty."""
        return self.name or self.as_name or f"token:{self.token}"

    @cached_property
    def kept(self) -> dict[str, Any]:
        """Results that several parts of one answer share, by name. Every successful verb empties it."""
        return {}

    def keep(self, name: str, make: Callable[[], R]) -> R:
        """The result of `make`, computed once and kept under that name."""
        if name not in self.kept:
            self.kept[name] = make()
        return cast(R, self.kept[name])

    @cached_property
    def space(self) -> Workspace:
        """The workspace as this person may see it."""
        return self.base if self.scope.local else self.base.seen_by(self.scope)

    def audit(self, action: str, subject: str = "", **facts: Any) -> None:
        """Write one line into the audit log. Verbs call it by themselves."""
        self.base.store[AuditLog].append(action, subject, person=self.signature, **facts)

    def read(self, subject: str, action: str = "words_read") -> None:
        """Write into the audit log that somebody's words were shown or handed out. Called by routes and commands that
        show whole transcripts or hand out documents; repeats within minutes count once."""
        self.base.store[AuditLog].append_once(action, subject, person=self.signature)


class Verb(Generic[P, R]):
    """A function with the roles that may call it and what it writes into the audit log. It is called like the
    function itself."""

    def __init__(
        self,
        run: Callable[Concatenate[Who, P], R],
        roles: tuple[Role, ...],
        action: str,
        subject: Callable[[Any], str] | None,
        facts: Callable[[Any], dict[str, Any] | None],
        spoken: bool,
    ) -> None:
        self.run, self.roles, self.action, self.spoken = run, roles, action, spoken
        self._subject, self._facts = subject, facts
        update_wrapper(self, run)

    def __call__(self, who: Who, /, *args: P.args, **kwargs: P.kwargs) -> R:
        """Call the function for `who`. Raises Forbidden unless the role is allowed. A failed call writes nothing
        into the log."""
        self.check(who)
        who.base.store  # noqa: B018 - opened first: what cannot be written into the audit log is not done at all
        with speaking(current() if self.spoken else ENGLISH):
            made = self.run(who, *args, **kwargs)
        if not inspect.iscoroutine(made):
            with speaking(ENGLISH):
                self._note(who, made, args)
            return made
        return cast(R, self._await_and_note(who, made, args))

    def check(self, who: Who) -> None:
        """Raises Forbidden unless the role of `who` may call this."""
        if who.scope.role not in self.roles:
            raise Forbidden(_("this is for {who}", who=_(" and ").join(_(PLURAL[role]) for role in self.roles)))

    async def _await_and_note(self, who: Who, work: Coroutine[Any, Any, Any], args: tuple[Any, ...]) -> Any:
        with speaking(ENGLISH):
            made = await work
            await asyncio.to_thread(self._note, who, made, args)
        return made

    def _note(self, who: Who, made: Any, args: tuple[Any, ...]) -> None:
        who.kept.clear()
        facts = self._facts(made)
        if facts is None:  # nothing was changed
            return
        if self._subject is not None:
            subject = self._subject(made)
        else:
            named = args[0] if args and isinstance(args[0], str) else ""
            subject = named or str(getattr(made, "id", ""))
        who.audit(self.action, subject, **facts)


VERBS: dict[str, Verb[Any, Any]] = {}
"""Every verb of the slices that have been imported, by module and name."""


def verb(
    *roles: Role,
    audit: str,
    subject: Callable[[Any], str] | None = None,
    facts: Callable[[Any], dict[str, Any] | None] = lambda made: {},
    spoken: bool = False,
) -> Callable[[Callable[Concatenate[Who, P], R]], Verb[P, R]]:
    """Make a function a verb for these roles; the audit log calls it `audit`.

    `subject` and `facts` are made from the result. Without `subject` it is the first argument if that is an id (a
    text), else the result's `id`. `facts` holds no secret and no judgement; None says that nothing was changed, and
    nothing is written. A verb that is `spoken` changes nothing and makes a document in the language of its caller.
    """

    def made(run: Callable[Concatenate[Who, P], R]) -> Verb[P, R]:
        verb: Verb[P, R] = Verb(run, roles, audit, subject, facts, spoken)
        VERBS[f"{run.__module__}.{run.__name__}"] = verb
        return verb

    return made
