"""Closeread: win-loss interviews into coaching criteria, calls scored with quoted evidence."""

__version__ = "0.1.0"
