"""Services of connected servers and of what is sent to them."""
