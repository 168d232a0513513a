"""Clients of the APIs of other servers."""
