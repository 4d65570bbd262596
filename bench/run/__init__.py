"""A run: its plan, what is kept from earlier ones, how long it takes, and the driver that goes through it."""
