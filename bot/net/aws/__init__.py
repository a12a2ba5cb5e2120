"""AWS API calls: sessions, accounts, rate limits, retries, and errors as readable reasons."""
