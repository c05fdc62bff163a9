"""Block diagonal and block circulant operators."""
