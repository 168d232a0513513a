"""Users in the admin."""
