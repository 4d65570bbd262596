"""The engine of many machines: Ray carries, on each node stands the local engine."""
