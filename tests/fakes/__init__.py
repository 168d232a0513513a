"""Strict stand-ins for servers of other products."""
