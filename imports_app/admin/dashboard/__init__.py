"""Dashboard of the admin."""
