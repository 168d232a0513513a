"""Formats that an export can have: pure writers, without database and HTTP.

An exporter reads a `Workspace` and writes archives. What a format can't contain is
counted.
"""
