"""Collect and keep the public task listings of microwork markets."""

__version__ = "0.1.0"
