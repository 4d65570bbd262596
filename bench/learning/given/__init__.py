"""Weights as they are given: their answers on pictures, without any training."""
