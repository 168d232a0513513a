"""The admin's dashboard."""
