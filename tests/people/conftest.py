from tests.cli.conftest import closeread

__all__ = ["closeread"]
