"""Losses: pure functions of tensors, written in ``keras.ops``."""
