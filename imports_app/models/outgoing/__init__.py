"""Models of exports, connected servers and deliveries."""
