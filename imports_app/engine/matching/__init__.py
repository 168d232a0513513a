"""Matching of records with existing users, rooms and workspaces."""
