"""Descriptions of the endpoints around people."""
