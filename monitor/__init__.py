"""A press monitor: cuts news dumps into articles, matches rules, publishes feeds, sends alerts."""

__version__ = "0.1.0"
