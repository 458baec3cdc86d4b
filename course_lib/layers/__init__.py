"""Layers that the models share, written in ``keras.ops``."""
