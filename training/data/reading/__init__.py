"""The generator of reading items: a question, passages that hold the answer or do not, and the one right answer."""
