"""Comparison of a source with what earlier imports of it brought."""
