"""Pinned model files: where they come from, and the embedder."""
