"""Parsing of API input: bodies, fields, parameters, offsets and cursors."""
