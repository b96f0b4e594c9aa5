"""This slice's file of the configuration."""

from agent.rubrics.compliance import FILE, Catalogue
from agent.settings import register_file

register_file(FILE, Catalogue)
