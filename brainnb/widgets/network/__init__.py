"""A network at work: raster, rates, potentials, wiring, spectrum, while it runs."""
