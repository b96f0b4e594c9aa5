"""One workspace: everything a team has imported, concluded and rated."""

from __future__ import annotations

from sqlalchemy import Engine

from agent.store.baselines import Baselines
from agent.store.coaching import Coaching
from agent.store.database import open_database
from agent.store.deals import Deals
from agent.store.ledger import SqlLedger
from agent.store.patterns import Extractions
from agent.store.rating_columns import RatingColumnsReader
from agent.store.rating_import import ImportedRatings
from agent.store.ratings import Ratings
from agent.store.rounds import Rounds
from agent.store.rubric_states import RubricStates
from agent.store.rubrics import Rubrics
from agent.store.transcripts import call_documents, interview_documents


class Store:
    """The workspace's collections on one database."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.interviews = interview_documents(engine)
        self.calls = call_documents(engine)
        self.extractions = Extractions(engine)
        self.rubrics = Rubrics(engine)
        self.rubric_states = RubricStates(engine)
        self.ratings = Ratings(engine)
        self.rounds = Rounds(engine)
        self.rating_columns = RatingColumnsReader(engine)
        self.imported_ratings = ImportedRatings(engine)
        self.deals = Deals(engine)
        self.coaching = Coaching(engine)
        self.baselines = Baselines(engine)
        self.ledger = SqlLedger(engine)

    @classmethod
    def open(cls, url: str) -> Store:
        """The store at a SQLAlchemy database URL, brought up to date."""
        return cls(open_database(url))

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()
