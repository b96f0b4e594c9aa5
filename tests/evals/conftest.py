from tests.api.conftest import _site  # noqa: F401  the fixture `site`
from tests.cli.conftest import closeread, with_sample  # noqa: F401
