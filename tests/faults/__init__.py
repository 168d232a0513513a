"""Fault tests: imports with real processes, crashes and outages."""
