"""Long orbits: exponents, sections, rates over an input."""
