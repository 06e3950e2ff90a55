"""Files in many formats become pages of Markdown, and pages become pieces with a heading path."""
