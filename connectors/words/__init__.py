"""What the words of people and platforms mean: that days are nobody's stay, a status, a guest in a text."""
