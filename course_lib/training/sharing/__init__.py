"""Runs as files that can be mailed: ``course runs export`` and ``course runs import``."""
