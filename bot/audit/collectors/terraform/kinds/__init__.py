"""The resource types of Terraform that are read, by provider. Each module of a folder lists its own as `KINDS`."""
