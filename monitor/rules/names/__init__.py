"""Names of persons, organisations and places in all the spellings that newspapers print."""

from __future__ import annotations
