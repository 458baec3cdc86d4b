"""Many trainings of one preset, over a grid of settings, on one machine or on a cluster: ``course sweep``."""
