"""Static pictures of results: every Dataset has them under ``ds.bn``.  No JAX here; Matplotlib only when drawing."""
