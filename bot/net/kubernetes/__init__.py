"""Signs in to Kubernetes clusters and lists their objects."""
