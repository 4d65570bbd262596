"""Loading of catalogues: finding them, undoing what they set, and digests of the code behind a figure."""
