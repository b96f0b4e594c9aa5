from tests.cli.conftest import closeread, with_sample

__all__ = ["closeread", "with_sample"]
