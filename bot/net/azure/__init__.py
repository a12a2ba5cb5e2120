"""Signs in to Azure."""
