"""A copy of a whole workspace in one file, made while it is in use, and a workspace made of such a file again."""
