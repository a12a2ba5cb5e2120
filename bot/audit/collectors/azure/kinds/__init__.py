"""The types of Azure resources that are read, by product group."""
