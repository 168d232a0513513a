"""Browser tests of the admin; run them with `make test-browser`."""
