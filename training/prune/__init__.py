"""Smaller students out of larger models: fewer blocks, narrower blocks, a smaller vocabulary."""
