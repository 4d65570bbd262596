"""Changes that a repository accepts: the file that lists them, and which verdicts it spares."""
