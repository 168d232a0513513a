"""Deliveries to connected servers, in steps that survive an interruption."""
