"""Sound as arrays: files, transforms and their inverses. NumPy and librosa, never Keras."""
