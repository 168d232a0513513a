"""Importer for archives that this server or another one of its kind exported."""
