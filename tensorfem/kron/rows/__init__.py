"""Chosen rows of Kronecker products, and products row by row."""
