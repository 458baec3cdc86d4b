"""Latent Sound: a course in deep generative audio, and the library its labs and dashboards share."""

__version__ = "0.1.0"
