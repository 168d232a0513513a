"""What Slack messages contain: text, blocks, attachments, files."""
