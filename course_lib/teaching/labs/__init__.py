"""One module a lab: its exercises, questions, predictions and budgets."""
