"""Oddities of real Slack exports, one function for each, with their exact effects."""
