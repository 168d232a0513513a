"""OpenAPI descriptions of the endpoints that read the workspace."""
