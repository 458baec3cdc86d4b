"""Notes and drums made by rule: no recording, no licence, every parameter known."""
