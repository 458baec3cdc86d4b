"""How long a training will take on this machine, from a few of its real steps: ``course doctor --time``."""
