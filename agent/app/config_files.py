"""The workspace's own configuration files, looked at before anything is done with them."""

import agent.workspace  # noqa: F401  it registers its files
from agent.app.slices import modules
from agent.settings import FILES, Settings


def check_files(settings: Settings) -> None:
    """ConfigError where a file is wrong, or is misspelt and so read by nothing.

    Each command does this, so that a file which holds for one holds for all. Slices are only asked for their files
    where one is there that is not known without them.
    """
    if any(name not in FILES for _, name in settings.own_files()):
        modules("config_files")
    settings.check_files()
