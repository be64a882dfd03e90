"""Plain programs that do the least a program can do for the same effect."""
