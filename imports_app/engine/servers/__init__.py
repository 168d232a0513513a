"""Calls of connected servers: clients, checks."""
