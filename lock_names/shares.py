"""From which count and share of doors on something is believed to be a custom of the house."""

FEW = 3
"""From how many doors on a way of writing counts as a custom of the house."""
MANY = 20
MOST = 0.9
USUAL = 0.75
"""From which share of an inventory's names on a word is noise, whatever the word."""
OFTEN = 0.5
RATHER = 0.25
SELDOM = 0.15
