"""Endpoints that read imported rooms and messages, as in Rocket.Chat."""
