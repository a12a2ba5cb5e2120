"""Reads Kubernetes: clusters by their API, and manifests in files. Takes contexts or texts, gives facts and gaps; changes no cluster."""
