"""The portals: one file each, found by looking into this folder. None of them imports another."""
