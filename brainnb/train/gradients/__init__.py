"""Rules that follow a slope: of the whole run backward or forward, of what each synapse knows, and minimisers that use its curvature."""
