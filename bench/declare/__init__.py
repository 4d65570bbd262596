"""What a catalogue declares, how it is found, and which code makes a kept figure stale."""
