"""Corrections by users, in staged records and in parts of messages."""
