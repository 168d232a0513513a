"""The comparison of two imports."""
