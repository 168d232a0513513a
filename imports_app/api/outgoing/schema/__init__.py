"""OpenAPI descriptions of exports, connected servers and deliveries."""
