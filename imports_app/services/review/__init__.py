"""Decisions and corrections between reading and running."""
