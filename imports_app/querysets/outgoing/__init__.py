"""Query sets of exports, connected servers and deliveries."""
