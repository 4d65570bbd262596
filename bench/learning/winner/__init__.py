"""The network of a training, prepared for use without evobench."""
