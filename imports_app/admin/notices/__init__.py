"""Admin pages of notices: webhooks, deliveries and subscriptions to e-mail."""
