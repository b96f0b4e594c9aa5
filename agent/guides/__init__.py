"""Interview guides: rules for questions, rewrites, sets, drafts, and what asked questions brought."""
