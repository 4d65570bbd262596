"""The user's own images on disk: folders, lists, digests, and where downloads lie."""
