"""The verbs that the command line and the web API share: a Workspace and plain arguments in, domain objects out."""
