"""Imported rooms, messages and files."""
