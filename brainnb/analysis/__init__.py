"""What a model does in the long run: resting points, oscillations, and where they come and go."""
