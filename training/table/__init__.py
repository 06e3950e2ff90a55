"""Base, teacher, SFT-only and distilled student in one table: the same text, questions and retrieval for each."""
