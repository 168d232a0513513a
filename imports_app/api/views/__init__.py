"""API views of imports."""
