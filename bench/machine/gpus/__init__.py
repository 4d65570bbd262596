"""What a machine's GPUs are, what they are doing, and who else works on them."""
