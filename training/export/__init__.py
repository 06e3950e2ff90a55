"""Trained weights as files a device runs: GGUF models, GGUF adapters, and the card that comes with them."""
