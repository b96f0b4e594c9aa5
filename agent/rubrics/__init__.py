"""Criteria: drafted, edited, checked, versioned."""
