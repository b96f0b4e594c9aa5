"""Pages, a file a topic. Each file has a `router`."""
