"""The user's own images on disk: folders, tables, reading options, digests, and the folder of downloads."""
