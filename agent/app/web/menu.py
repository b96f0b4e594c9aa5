"""The menu: the method's steps in order, how far the team has come, and what waits for
the reader. Admin is separate."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.app.steps import STAGE_WORDS, STAGES, Stage, Step, Way, way_of
from agent.app.verb import Who
from agent.core.language import N_, _
from agent.core.people import ROLES, Role

_TEAM: tuple[Role, ...] = ("ops_lead", "manager", "viewer")
_OPS: tuple[Role, ...] = ("ops_lead",)


@dataclass(frozen=True)
class Entry:
    """A page in the menu and the roles that see it. `under` are more address prefixes that belong to it."""

    path: str
    text: str
    roles: tuple[Role, ...] = _TEAM
    under: tuple[str, ...] = ()

    def holds(self, address: str) -> int:
        """The length of the matching prefix of an address; 0 if it does not belong here."""
        fitting = (
            own
            for own in (self.path, *self.under)
            if address == own or address.startswith((f"{own}/", f"{own}?", f"{own}&", f"{own}#"))
        )
        return max(map(len, fitting), default=0)


_START = Entry("/", N_("Start"), ROLES)
_ADMIN = Entry("/admin", N_("Admin"), _OPS, ("/jobs", "/uploads"))
_STEPS: dict[Stage, tuple[Entry, ...]] = {
    "ask": (Entry("/interviews", N_("Interviews"), under=("/sides/interviews",)), Entry("/upload", N_("Upload"), _OPS)),
    "find": (Entry("/patterns", N_("Patterns"), under=("/pattern-merge", "/jobs/new/extract")),),
    "define": (Entry("/rubric", N_("Rubric"), under=("/jobs/new/draft", "/rubric-import")),),
    "calibrate": (Entry("/calibration", N_("Rounds")), Entry("/calibration/ongoing", N_("Ongoing"))),
    "score": (
        Entry("/calls", N_("Calls"), under=("/sides/calls", "/stages/calls", "/jobs/new/score", "/upload?kind=call")),
        Entry("/calls/review", N_("To look at")),
        Entry("/rules", N_("Rules")),
        Entry("/disputes", N_("Disputes")),
        Entry("/evals", N_("Evals"), under=("/prompts",)),
    ),
    "coach": (Entry("/profiles", N_("Profiles")), Entry("/coaching", N_("Plans"))),
    "prove": (
        Entry("/outcomes", N_("Outcomes"), under=("/upload?kind=deals",)),
        Entry("/coaching/movement", N_("What moved")),
    ),
}
_OF_ADMIN = (
    Entry("/admin/people", N_("People"), _OPS),
    Entry("/admin/names", N_("Names"), _OPS),
    Entry("/admin/tokens", N_("API tokens"), _OPS),
    Entry("/admin/webhooks", N_("Webhooks"), _OPS),
    Entry("/admin/models", N_("Models and budget"), _OPS),
    Entry("/admin/retention", N_("Retention"), _OPS),
    Entry("/admin/audit", N_("Audit log"), _OPS),
    Entry("/jobs", N_("Jobs"), _OPS),
)
_OF_A_REP = (
    Entry("/calls", N_("Calls"), ("rep",)),
    Entry("/rubric", N_("Rubric"), ("rep",)),
    Entry("/disputes", N_("Disputes"), ("rep",)),
    Entry("/profiles", N_("Profile"), ("rep",)),
    Entry("/coaching", N_("Coaching"), ("rep",)),
)


@dataclass(frozen=True)
class Line:
    """One entry of the menu as shown. `waiting` are the texts of the steps that wait there."""

    path: str
    text: str
    current: bool
    waiting: tuple[str, ...] = ()


@dataclass(frozen=True)
class Part:
    """One step of the method with its pages. `state`: `done`, `here` (the team is at it) or `ahead`."""

    text: str
    state: str
    lines: tuple[Line, ...]

    @property
    def current(self) -> bool:
        """Whether the page shown is one of this step's."""
        return any(line.current for line in self.lines)

    @property
    def waiting(self) -> tuple[str, ...]:
        """The texts of all steps that wait on its pages."""
        return tuple(text for line in self.lines for text in line.waiting)


@dataclass(frozen=True)
class Menu:
    """`lines` stand by themselves; a rep has only these. `parts` are the steps of the method."""

    start: Line
    parts: tuple[Part, ...] = ()
    lines: tuple[Line, ...] = ()

    @property
    def current(self) -> Part | None:
        """The method's step that the page shown belongs to, if that step has several pages."""
        return next((part for part in self.parts if part.current and len(part.lines) > 1), None)


def menu_of(who: Who, address: str, *, bare: bool = False) -> Menu:
    """The menu for the person who looks at the page at `address`; `bare` reads nothing from the workspace."""
    role = who.scope.role
    way = Way(frozenset(), None, ()) if bare or role == "rep" else way_of(who)
    shown = [
        one
        for one in (_START, _ADMIN, *(one for stage in STAGES for one in _STEPS[stage]), *_OF_A_REP)
        if role in one.roles
    ]
    now = _of(address, shown)

    def line(one: Entry, steps: Sequence[Step]) -> Line:
        return Line(one.path, _(one.text), one is now, tuple(step.text for step in steps))

    belonging = [(step, _of(step.page, shown)) for step in way.waiting]

    def there(one: Entry) -> list[Step]:
        return [step for step, place in belonging if place is one]

    start = line(_START, way.waiting)
    if role == "rep":
        return Menu(start, lines=tuple(line(one, ()) for one in _OF_A_REP))
    parts = [
        Part(
            _(STAGE_WORDS[stage]),
            "done" if stage in way.done else "here" if stage == way.here else "ahead",
            tuple(line(one, there(one)) for one in _STEPS[stage] if role in one.roles),
        )
        for stage in STAGES
    ]
    admin = [line(one, there(one)) for one in (_ADMIN,) if role in one.roles]
    return Menu(start, tuple(parts), tuple(admin))


def pages_called(who: Who, text: str) -> list[Line]:
    """The pages in the person's menu whose own name or step's name contains all words of `text`; for the search."""
    role, words = who.scope.role, text.casefold().split()
    steps = [(one, _(STAGE_WORDS[stage])) for stage in STAGES for one in _STEPS[stage]]
    alone = [(one, "") for one in (_START, *_OF_ADMIN, *_OF_A_REP)]
    named = ((one, f"{_(one.text)} {step}".casefold()) for one, step in (*alone, *steps) if role in one.roles)
    return [Line(one.path, _(one.text), False) for one, name in named if words and all(word in name for word in words)]


def _of(address: str, entries: Sequence[Entry]) -> Entry | None:
    """The entry with the longest prefix of an address."""
    best = max(entries, key=lambda one: one.holds(address), default=None)
    return best if best is not None and best.holds(address) else None
