"""The Slack importers: a workspace's export, and its member list (importers.md 3)."""
