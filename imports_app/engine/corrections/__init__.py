"""Corrections of people, in staged records and in parts of messages."""
