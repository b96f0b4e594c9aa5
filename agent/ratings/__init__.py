"""Ratings: which of several of the same place counts, and the table that says it for every call."""
