"""Calls to connected servers: clients, checks and the mirror of their imports."""
