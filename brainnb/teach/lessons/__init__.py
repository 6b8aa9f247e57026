"""One file a notebook: its exercises and how they are checked."""
