"""One run as a text file without raw samples, to be shown and compared with on other machines."""
