"""Figures, returned and never shown. Each carries a description in words: :func:`.description.alt_text`."""
