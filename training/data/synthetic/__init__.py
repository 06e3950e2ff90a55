"""Made-up product documents: institutions, products and figures are invented, plausible, and say nothing of the world."""
