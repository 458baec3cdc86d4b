"""Architecture and objective of each model; no training loop, no sound."""
