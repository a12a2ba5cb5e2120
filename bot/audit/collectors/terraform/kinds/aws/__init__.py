"""Resource types of the provider hashicorp/aws."""
