"""The first page, the next step, the demo."""
