"""Documents such as reports and guides, and the writers of all their formats."""
