"""Shared parts of all admin pages: base classes, lookups, formatting and theme."""
