"""One file a monitoring product, each with a `SOURCE`; they never import each other."""
