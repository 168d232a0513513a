"""Full-text search over messages: tokenizer and queries."""
