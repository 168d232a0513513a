"""Planning of the effects of an import on users and rooms, without writing them."""
