"""Figures, returned and never shown. Each carries its description as text: see :mod:`.alt_text`."""
