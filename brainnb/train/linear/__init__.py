"""Linear rules: what is learned is a readout, and what it reads does not depend on it."""
