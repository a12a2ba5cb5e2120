"""The kinds of routes: one file a kind. A file with a `build` in this folder is a kind of its own."""
