"""The command line: noun groups over the workspace. Nothing heavy is imported until a command runs."""
