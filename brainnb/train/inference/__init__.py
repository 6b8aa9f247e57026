"""How sure data make what was learned: what they determine, and draws of what they allow."""
