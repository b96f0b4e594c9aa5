"""Sales calls, their words and their page."""
