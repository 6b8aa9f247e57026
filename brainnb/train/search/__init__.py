"""Search without gradients: populations that are judged by the same objective."""
