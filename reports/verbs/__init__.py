"""The verbs that show stored runs."""
