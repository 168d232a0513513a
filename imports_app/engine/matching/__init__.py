"""Matching of records with existing users and rooms."""
