"""Comparison of two imports."""
