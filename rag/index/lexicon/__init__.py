"""Customers' words and the words that documents use for the same thing: the shipped list, and the administrator's own."""
