"""Other tasks beside reading, made from the same tables and clauses, so that their answers are known to be right."""
