"""Whole imports with real processes that are killed, starved and cut off."""
