"""Single states of systems of any size: linearised, sought where it is slow."""
