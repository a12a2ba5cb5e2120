"""The formats of status feeds: one file a format, with `recognise` and `parse`."""
