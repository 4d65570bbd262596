"""The user's own images on disk: folders, tables, what of them is read, digests, and where downloads lie."""
