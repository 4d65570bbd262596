"""From one cell to one record, in a process of its own."""
