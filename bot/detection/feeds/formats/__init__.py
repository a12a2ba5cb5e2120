"""Status feed formats, one module each: `recognise(payload)` tells whether a payload has the format, `parse(payload)` reads it."""
