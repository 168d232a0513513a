"""Formats of exports: writers without access to database and HTTP.

An exporter reads a `Workspace` and writes archives. What a format can't contain is
counted.
"""
