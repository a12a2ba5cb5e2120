"""The world -> signals: DNS, TCP, TLS and HTTP on the endpoints of what we depend on, seen from outside."""
