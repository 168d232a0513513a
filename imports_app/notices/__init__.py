"""Delivery of notices about imports: webhooks and e-mail."""
