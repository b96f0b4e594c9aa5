"""This slice's file of the configuration, which `read_guides` reads."""

from agent.settings import register_file

register_file("guide.yaml", None)
