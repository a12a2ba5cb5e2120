"""Asset types of Google Cloud. Shapes: the REST reference of each API, as `resource.data` of an asset holds them."""
