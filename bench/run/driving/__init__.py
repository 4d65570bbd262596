"""The parts of the driver: works and hosts, attempts, artifacts, records."""
