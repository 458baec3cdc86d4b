"""A run's numbers in words: ``examine.diagnose(run)``; the checks are in ``evaluation/diagnosis``."""
