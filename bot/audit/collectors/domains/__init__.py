"""Looks up what the domains of services show to everybody: name servers, mail, aliases, CDN headers and sign-in."""
