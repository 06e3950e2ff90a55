"""Chinese text: normal form, tokens, figures, personal data."""
