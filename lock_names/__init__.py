"""Which lock is which room's: names compared number by number and word by word.

A wrong door that nobody looked at is the worst that can happen. So a proposal is sure only where exactly one room
fits, no other door fits that room as well, and every word of the lock's name is accounted for; whatever is merely
likely waits for a person. What a house writes throughout (a code before every number, floor-dash-room) is learned from
all doors of a lock system together, never from one.

read      one name: its numbers, floors, buildings, words, and the ways in which it may be read
mistyping words that are one slip of the finger away from another lock's
numerals  numbers in words
counting  numbers in words where a whole house counts in them
typecodes codes by which rooms are sold
numberings rooms that have two numbers each
notes     what stands behind a name and says no room: new batteries, how many sleep there
writing   all names of one lock system: serial numbers, dates and addresses that are no room's
models    models and serial numbers of locks that stand beside the room
storeys   storeys and buildings that locks say otherwise than rooms, or that rooms do not say
parts     words of locks for a wing or a type of room, where rooms have others
house     all rooms and all doors: which words tell, and how well a door fits a room
forms     names written alike: whether they fit the house at all, or are running numbers
alignment all locks and all rooms side by side, where no name says its room by itself
slots     a name's numbers and codes, put together in any way
likeness  words of locks that are like rooms' words
propose   one answer for each door
words     the words of hotels and lock systems, as data
"""
