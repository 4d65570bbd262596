"""The command line: verbs, their options, and tables that fit a terminal."""
