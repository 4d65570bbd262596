"""A run: its plan, the figures kept from earlier runs, its forecast, and the driver that works through it."""
