"""What a catalogue declares, how catalogues are found, and which code makes a kept figure stale."""
