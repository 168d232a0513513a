"""Pages of decisions about users and rooms."""
