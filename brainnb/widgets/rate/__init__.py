"""The f-I curve under sliders: how often a neuron fires for every input, and what it does at the clicked one."""
