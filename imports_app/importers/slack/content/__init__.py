"""Conversion of Slack's message content: text, blocks, attachments, files."""
