"""The folder of artifacts beside a store: what lies there, which runs need it, and what is removed."""
