"""Where a difference comes from: both sides' profiles, laid beside each other layer by layer."""
