"""The workspace on disk: SQLAlchemy 2 over SQLite or PostgreSQL. Takes and returns domain objects."""
