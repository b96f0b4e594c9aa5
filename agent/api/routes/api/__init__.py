"""Routes under /api/v1, a file a topic. Each file has a `router`."""
