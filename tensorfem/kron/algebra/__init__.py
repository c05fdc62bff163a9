"""Operators made of operators: sums, products, multiples and powers, which stay structured."""
