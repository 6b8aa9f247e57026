"""The phase plane under sliders: field, nullclines and points move with every value, a click starts a trajectory."""
