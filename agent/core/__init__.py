"""Frozen, strict types for everything the program talks about. Words as in docs/glossary.md."""
