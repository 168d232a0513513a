"""Services of exports, connected servers and deliveries."""
