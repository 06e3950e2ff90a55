"""More questions by a language model, each checked before it counts."""
