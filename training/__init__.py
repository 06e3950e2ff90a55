"""Teacher and student: the training that makes OD-FinLLM."""
