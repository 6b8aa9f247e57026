"""What a model is: declarations, frozen models, records, paths, checks, units.  Knows no neuroscience."""
