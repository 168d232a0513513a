"""Rendering of message texts: Rocket.Chat's Markdown as HTML, without Django."""
