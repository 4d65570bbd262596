"""The engine of the driver's own machine: a server that has imported torch, and a fresh process a job."""
