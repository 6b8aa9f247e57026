"""How the order of every method is measured: one file for each kind of equation, one section of the page each."""
