"""Admin pages of deliveries to connected servers."""
