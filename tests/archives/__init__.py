"""Made-up archives of any size, with what should come out of them."""
