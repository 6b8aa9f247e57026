"""Fast and slow: models taken apart by their time scales."""
