"""Separable filters of images, and the coordinates of grids."""
