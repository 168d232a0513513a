"""OpenAPI descriptions of the import endpoints."""
