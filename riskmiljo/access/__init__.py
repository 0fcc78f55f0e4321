"""Who may see what, and how finely, with the reason: the only place where that is decided."""
