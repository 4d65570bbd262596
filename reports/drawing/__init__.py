"""Style of charts, and the writing of charts to files."""
