"""What the collectors of several clouds share: rows of JSON, the facts made of them, and a gap for each that is not read."""
