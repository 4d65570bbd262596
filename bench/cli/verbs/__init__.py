"""The verbs that measure, list and audit: one file each."""
