"""Straight-line wiring: which part gets which, in what order they start and stop.

app     the program as one object
intake  the loop from inbox to store
policy  a configuration compiled into what runs
state   the state folder: whose it is, where its database is
"""
