"""What is wrong with a run's numbers, in words: each check takes arrays and gives a Symptom or None."""
