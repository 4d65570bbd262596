"""The environment of base: what it asks for, beside this evobench, and what its project builds."""
