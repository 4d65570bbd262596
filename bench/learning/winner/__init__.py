"""The network of a training made ready to be used without evobench."""
