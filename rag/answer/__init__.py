"""A question and its history become a short answer that stands on cited words, or a refusal."""
