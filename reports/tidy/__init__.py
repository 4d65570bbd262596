"""Reads the store into tidy pandas tables, from which everything is displayed."""
