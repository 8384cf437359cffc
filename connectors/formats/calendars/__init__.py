"""A calendar's bytes become events: whatever is wrong in one line costs that event, never the feed.

The rules of RFC 5545 are the start, and what platforms and people make of them is the rest: other code pages, folds in
the middle of a letter, several calendars in one answer, text around them, components that nobody closed. Days are days
however they are written: midnight is no hour at which anybody arrives.

Nothing here knows rooms, bookings or what an event means. Everything runs in time that grows with the text, no faster.
"""
