"""Resource types of the provider hashicorp/google."""
