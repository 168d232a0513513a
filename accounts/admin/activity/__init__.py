"""The activity log in the admin."""
