"""What a slice hangs on: verbs, events, panels, the job queue, the web kit and the command-line kit."""
