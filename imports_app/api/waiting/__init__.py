"""Versions and events that clients wait for."""
