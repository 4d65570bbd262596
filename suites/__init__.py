"""What is measured: declarations of architectures, data sets and suites, and the models that no library has."""
