"""Clients that were not written for this server, run against it unchanged."""
