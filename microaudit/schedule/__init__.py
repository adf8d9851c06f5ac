"""Crawls by calendar: when they are due, who runs them, what was missed, whom to tell."""
