"""The command line: verbs, options, and tables that fit a terminal."""
