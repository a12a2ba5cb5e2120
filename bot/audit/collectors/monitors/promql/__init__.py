"""Alert rules in PromQL: what an expression selects, which labels its alerts can have, and what it measures."""
