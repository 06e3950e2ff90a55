"""Training data: what is read in, made, cleaned and written for the trainer."""
