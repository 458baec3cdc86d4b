"""Data sets as arrays of equally long clips: catalog, checked import, preparation, splits. Never Keras."""
