"""Models of other servers and of what is sent to them."""
