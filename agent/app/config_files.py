"""Checks the workspace's configuration files before a command does anything."""

import agent.workspace  # noqa: F401  it registers its files
from agent.app.slices import modules
from agent.settings import FILES, Settings


def check_files(settings: Settings) -> None:
    """ConfigError if a file is wrong, or has a name that nothing reads because it is misspelt.

    Every command calls this, so a file that is accepted by one is accepted by all. Slices are asked for the files they
    read only if a file is there that is not known without them.
    """
    if any(name not in FILES for _, name in settings.own_files()):
        modules("config_files")
    settings.check_files()
