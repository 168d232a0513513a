"""Comparison of a source with the records of its earlier imports."""
