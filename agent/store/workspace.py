"""One workspace: everything a team has imported, concluded and rated."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from agent.domain.people import Scope
from agent.store.audit import AuditLog
from agent.store.baselines import Baselines
from agent.store.calls import Calls
from agent.store.coaching import Coaching
from agent.store.computed import Computed
from agent.store.database import open_database
from agent.store.deals import Deals
from agent.store.disputes import Disputes
from agent.store.idempotency import Idempotency
from agent.store.job_work import JobWork
from agent.store.jobs import Jobs
from agent.store.ledger import SqlLedger
from agent.store.overview import Overview
from agent.store.pattern_edits import PatternEdits
from agent.store.patterns import Extractions
from agent.store.people import Invitations, People
from agent.store.planner import tell_planner
from agent.store.rating_import import ImportedRatings
from agent.store.ratings import Ratings
from agent.store.retention import Retention
from agent.store.reviews import Reviews
from agent.store.rounds import Rounds
from agent.store.rubric_drafts import RubricDrafts
from agent.store.rubric_states import RubricStates
from agent.store.rubrics import Rubrics
from agent.store.sign_in_failures import SignInFailures
from agent.store.tokens import Tokens
from agent.store.transcripts import interview_documents
from agent.store.uploads import Uploads
from agent.store.webhooks import Webhooks

if TYPE_CHECKING:
    from agent.ratings.counted import Counting
    from agent.store.rating_columns import RatingColumnsReader
    from agent.store.tallies import Tallies


class Store:
    """The workspace's collections on one database, as far as `scope` covers them.

    `Store.open` covers everything: it is for whoever holds the database. For somebody who signed in: `seen_by`.
    """

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self.engine, self.scope = engine, scope
        self.interviews = interview_documents(engine, scope)
        self.calls = Calls(engine, scope)
        self.extractions = Extractions(engine, scope)
        self.pattern_edits = PatternEdits(engine, scope)
        self.rubrics = Rubrics(engine, scope)
        self.rubric_states = RubricStates(engine, scope)
        self.rubric_drafts = RubricDrafts(engine, scope)
        self.ratings = Ratings(engine, scope)
        self.rounds = Rounds(engine, scope)
        self.computed = Computed(engine)
        self.imported_ratings = ImportedRatings(engine, scope)
        self.reviews = Reviews(engine, scope)
        self.disputes = Disputes(engine, scope)
        self.deals = Deals(engine, scope)
        self.coaching = Coaching(engine, scope)
        self.baselines = Baselines(engine, scope)
        self.ledger = SqlLedger(engine, scope)
        self.people = People(engine, scope)
        self.invitations = Invitations(engine, scope)
        self.tokens = Tokens(engine, scope)
        self.audit = AuditLog(engine, scope)
        self.sign_in_failures = SignInFailures(engine, scope)
        self.idempotency = Idempotency(engine, scope)
        self.webhooks = Webhooks(engine, scope)
        self.jobs = Jobs(engine, scope)
        self.job_work = JobWork(engine, scope)
        self.uploads = Uploads(engine, scope)
        self.overview = Overview(engine, scope)
        self.retention = Retention(engine, scope)

    @cached_property
    def rating_columns(self) -> RatingColumnsReader:
        """Ratings as columns. Made when asked for: it needs numpy, and a worker does not."""
        from agent.store.rating_columns import RatingColumnsReader

        return RatingColumnsReader(self.engine, self.scope)

    @cached_property
    def counting(self) -> Counting:
        """What counts on each call. Made when asked for: it needs numpy, and a worker does not."""
        from agent.ratings.counted import Counting

        return Counting(self.engine, self.scope)

    @cached_property
    def tallies(self) -> Tallies:
        """Packed rows of ratings; made when asked for, as `rating_columns`."""
        from agent.store.tallies import Tallies

        return Tallies(self.engine, self.scope)

    @classmethod
    def open(cls, url: str) -> Store:
        """The store at a SQLAlchemy database URL, brought up to date."""
        engine = open_database(url)
        tell_planner(engine)
        return cls(engine, Scope.everything())

    def seen_by(self, scope: Scope) -> Store:
        """The same database as `scope` sees it."""
        return Store(self.engine, scope)

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
