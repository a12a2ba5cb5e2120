"""The kinds of routes, one file each: a module here with a function `build` is a kind."""
