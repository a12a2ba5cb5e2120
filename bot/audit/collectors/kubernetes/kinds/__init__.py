"""The kinds of Kubernetes objects that facts are made of: each module lists its own as `KINDS`."""
