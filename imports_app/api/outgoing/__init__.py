"""Endpoints of exports, connected servers and deliveries."""
