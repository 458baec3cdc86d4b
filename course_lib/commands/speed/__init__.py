"""What ``course bench speed`` measures: the course's own ways beside the usual ones, in one run."""
