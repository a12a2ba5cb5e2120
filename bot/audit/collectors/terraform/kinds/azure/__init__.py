"""Resource types of the provider hashicorp/azurerm."""
