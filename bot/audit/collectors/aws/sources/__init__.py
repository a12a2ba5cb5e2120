"""The sources of AWS facts: one file per product, each with a `SOURCE`."""
