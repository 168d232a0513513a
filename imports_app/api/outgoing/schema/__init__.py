"""OpenAPI descriptions of the endpoints of connected servers and deliveries."""
