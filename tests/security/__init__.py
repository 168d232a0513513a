"""Attacks on the server. Each test passes when the attack fails."""
