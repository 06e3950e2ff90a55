"""What customers do not know how to go about, told in their own words, and what several documents say to it."""
