"""Descriptions of the import endpoints for the API's documentation."""
