"""What is to be removed, and how much that is."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from agent.core.errors import UsageError


@dataclass(frozen=True)
class Chosen:
    """What is to go: everything before a day, of one rep, or of one customer; what is empty does not limit.

    `customer` is a customer or account of a call, or the buyer or account of an interview, whatever its case.
    """

    before: date | None = None
    rep: str = ""
    customer: str = ""

    @classmethod
    def of(cls, older_than: int | None, rep: str = "", customer: str = "", today: date | None = None) -> "Chosen":
        """Calls and interviews of more than `older_than` days ago, of one rep, or of one customer; all given hold."""
        if older_than is not None and older_than < 0:
            raise UsageError("older than how many days: 0 or more")
        day = today or datetime.now(UTC).date()
        before = None if older_than is None else day - timedelta(days=min(older_than, 100_000))
        return cls(before, rep.strip(), customer.strip())

    def check(self) -> None:
        """UsageError where nothing limits: nobody means to remove everything."""
        if self.before is None and not self.rep and not self.customer:
            raise UsageError("say what is to go: older than so many days, of one rep, or of one customer")


@dataclass(frozen=True)
class Removal:
    """Ids of what goes. `waiting` are calls of running calibration rounds, which stay until their round is over.

    `ratings`, `plans` and `disputes` count what loses its quotes and reasons; `requests` names those whose replies are
    to be deleted from the cache.
    """

    calls: tuple[str, ...]
    interviews: tuple[str, ...]
    waiting: tuple[str, ...]
    ratings: int
    plans: int
    disputes: int
    requests: tuple[str, ...]

    @property
    def nothing(self) -> bool:
        """Whether there is nothing to remove."""
        return not self.calls and not self.interviews


@dataclass(frozen=True)
class Forgotten:
    """Whose place a pseudonym took, and in how many rows."""

    pseudonym: str
    rows: int
