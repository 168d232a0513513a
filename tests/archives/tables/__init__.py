"""Oddities of tables of users, rooms and messages, with their exact effects."""
