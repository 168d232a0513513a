"""OpenAPI descriptions of the endpoints for logins, users, roles and tokens."""
