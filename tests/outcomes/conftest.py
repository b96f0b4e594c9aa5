from tests.coaching.conftest import closeread, season, season_folder  # noqa: F401
