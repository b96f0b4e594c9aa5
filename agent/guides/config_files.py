"""Registers this slice's configuration file, which `read_guides` reads."""

from agent.settings import register_file

register_file("guide.yaml", None)
