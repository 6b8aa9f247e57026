"""Pictures made of named curves: what phase planes, diagrams, slow points and f-I curves under sliders share."""
