"""Conversion of staged records into users, rooms and messages."""
