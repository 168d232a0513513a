"""Selections: rules, and the database queries they compile to."""
