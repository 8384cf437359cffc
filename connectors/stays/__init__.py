"""One stay, however it is written: which events or rows are one stay, and which stay of before each of them is.

Feeds and files have no ids that can be relied upon: a calendar's UIDs may change with every read or count from nought,
a number may stand for two flats, and one stay may be a row a night. The rule is in `docs/identity.md`; this package is
the rule, and both connectors use it. Pure: what was read and what is remembered come in, stays with ids go out.
"""
