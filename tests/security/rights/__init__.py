"""Attackers with few permissions, and every act that could give them more."""
