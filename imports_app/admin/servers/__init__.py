"""Admin pages of connected servers and of their imports."""
