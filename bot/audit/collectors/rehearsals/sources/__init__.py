"""One module a product. `SOURCE` says what it is called, what has to be granted, and how its runs are read."""
