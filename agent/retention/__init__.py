"""Removing what people said after a while or when somebody asks, and giving out everything about one person."""
