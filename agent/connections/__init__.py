"""Connections to programs of others."""
