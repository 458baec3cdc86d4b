"""What can go wrong in a listening test."""


class ListeningError(ValueError):
    """A listening test that cannot be made, answered or read; the message says what to do."""
