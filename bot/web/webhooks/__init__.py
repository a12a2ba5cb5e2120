"""`POST /hooks/in/NAME`: alerts of other monitoring, authenticated by source."""
