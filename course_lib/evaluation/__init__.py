"""Scores: arrays in, numbers out. The reference always comes first, the estimate second."""
