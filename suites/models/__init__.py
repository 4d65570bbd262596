"""Models that no library has. They import torch: declarations reach them through `bench.lazy`."""
