"""Straight-line wiring: which part gets which, in what order they start and stop.

app     the program as one object
health  how the sources are, told when that changes
intake  the loop from inbox to store
policy  a configuration compiled into what runs
prune   forgetting old texts and archived files, once a day
state   the state folder: whose it is, where its database is
"""
