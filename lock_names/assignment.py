"""Which lock is which room's, all locks and all rooms that are left over taken together.

Each lock goes to the room that explains most of its name, if no other room that is free explains as much, and no other
lock says that room as well. A few pairs that are certain teach what codes mean ("KH" is Kelham House), and which number
of a lock's name is which of a room's; that makes others certain. Nothing is sure of which a sign is not explained.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from lock_names import words as say
from lock_names.explaining import STRONG, Explained, Place, place_of
from lock_names.inventory import SAYS_NOTHING, SHORTEST_NAME, Inventory
from lock_names.shares import FEW, MOST, OFTEN, USUAL
from lock_names.sharing import TWICE
from lock_names.tokens import Token
from lock_names.vocabulary import meanings

_CLEARLY = 0.25
"""By how many bits a room must explain more than the next one."""
_ROUNDS = 8
_SIDES = frozenset(say.DIRECTIONS.values()) | {"left", "right"}


class _Assignment(Inventory):
    def solve(self) -> dict[str, int]:
        self._deny_words_of_taken_rooms()
        for _ in range(_ROUNDS):
            for door_id in self.open:
                if door_id not in self.explained:
                    self.explained[door_id] = self.rooms.explain(self.locks[door_id].tokens)
            self.customs = self.learn_customs()
            more = self._certain()
            self.certain |= more
            self.open = [door_id for door_id in self.open if door_id not in more]
            codes, places = self._codes(self.certain), self._places(self.certain)
            if codes or places:
                self.rooms.learn(codes, places)
                self.explained.clear()
            elif not more:
                break
        return {door_id: one.room for door_id, one in self._trusted().items()}

    def may_be(self) -> dict[str, set[int]]:
        """The rooms that explain all of a lock's name, by door id."""
        return {
            door_id: {one.room for one in found if not self.strange(door_id, one)}
            for door_id, found in self.explained.items()
        }

    def named_again(self) -> set[str]:
        """The lock systems in which more than a mistyped number or two name a room again: they may have two houses'
        locks."""
        claims: dict[str, Counter[int]] = defaultdict(Counter)
        for door_id, lock in self.locks.items():
            if door_id in self.known:
                claims[lock.system][self.known[door_id]] += 1
                continue
            found = self.explained.get(door_id) or self.rooms.explain(lock.tokens)
            if found and not self.strange(door_id, found[0]):
                is_clear = len(found) == 1 or found[0].told > found[1].told + _CLEARLY
                claims[lock.system].update([found[0].room] if is_clear else [])
        return {
            system
            for system, rooms in claims.items()
            if sum(count > 1 for count in rooms.values()) > max(1, TWICE * len(rooms))
        }

    def _deny_words_of_taken_rooms(self) -> None:
        """A word that only open locks have is none of taken rooms' own: "CH-03" is a chalet where "AE-03" is the room
        "Aile Est - Chambre 3"."""
        said = {token.text for door_id, lock in self.locks.items() if door_id in self.known for token in lock.tokens}
        taken = set(self.known.values())
        borne = Counter(word for door_id in self.open for word in {token.text for token in self.locks[door_id].tokens})
        for word, count in borne.items():
            if count >= FEW and len(word) > 1 and not word.isdecimal() and word not in said:
                self.rooms.deny(taken, word)

    # --- one round ---

    def _certain(self) -> dict[str, Explained]:
        taken = {*self.known.values(), *(one.room for one in self.certain.values())}
        best: dict[str, Explained] = {}
        claims: dict[int, list[tuple[bool, float, str]]] = defaultdict(list)
        for door_id in self.open:
            for one in self.explained[door_id]:
                if one.room not in taken and one.told > self.explained[door_id][0].told - _CLEARLY:
                    claims[one.room].append((bool(self.strange(door_id, one)), -one.told, door_id))
            if found := self._best(door_id, taken):
                best[door_id] = found
        result = {}
        for door_id, one in best.items():
            strange = self.strange(door_id, one)
            is_a_name = self.is_a_name(door_id, one)
            if (strange and not is_a_name) or not self.is_enough(door_id, one, is_a_name):
                continue
            if not self.tells(door_id, one):
                continue
            mine = (bool(strange), -one.told, door_id)
            if any(other[2] != door_id and (other[0], other[1] - _CLEARLY) <= mine[:2] for other in claims[one.room]):
                continue
            if one.told > 0:
                result[door_id] = one
        return self._with_words_of_several(result)

    def _best(self, door_id: str, taken: Collection[int]) -> Explained | None:
        """The room that explains a name clearly better than all others that are free, and not worse than those that
        are not."""
        found = self.explained[door_id]
        free = [one for one in found if one.room not in taken]
        if not free:
            return None
        best = free[0]
        others = 0
        for other in found:
            if other is best:
                continue
            more, less = _compared(best, other)
            is_whole = not self.strange(door_id, best) and self.strange(door_id, other)
            if more >= _CLEARLY + (less if is_whole else 2 * less):
                continue
            # "Rosa" is no "Rosa Canina" where that has its lock. But "Mill Lane" is no last flat of that lane.
            others += 1
            if other.room not in taken or less > _CLEARLY or self._left(best) >= self._left(other) or others == FEW:
                return None
        return best

    def _left(self, explained: Explained) -> int:
        """How many words of a room's name the lock's does not say."""
        said = {place for sign in explained.by.values() for place in sign.by}
        return len(self.rooms.tokens[explained.room]) - len(said)

    def _with_words_of_several(self, found: dict[str, Explained]) -> dict[str, Explained]:
        """Those without strange words, and those of which three others have the same."""
        strange = {door_id: self.strange(door_id, one) for door_id, one in found.items()}
        borne = Counter(word for words in strange.values() for word in set(words))
        borne.update(word for door_id, one in self.certain.items() for word in set(self.strange(door_id, one)))
        return {
            door_id: one
            for door_id, one in found.items()
            if not strange[door_id]
            or (
                # With a number it may be an annex's: "Orchard 3 - Thym".
                not any(token.is_number for token in self.locks[door_id].tokens)
                and all(borne[word] >= FEW and word not in self.words for word in strange[door_id])
            )
        }

    def _codes(self, certain: Mapping[str, Explained]) -> dict[tuple[str, str], float]:
        """What codes mean, as three locks bear out and hardly one denies."""
        meant: dict[str, Counter[str]] = defaultdict(Counter)
        for door_id, one in certain.items():
            tokens = self.locks[door_id].tokens
            for at, sign in one.by.items():
                if sign.like < STRONG and len(sign.by) == 1 and not tokens[at].is_number:
                    meant[tokens[at].text][self.rooms.tokens[one.room][sign.by[0]].text] += 1
        found = {}
        for code, words in meant.items():
            ((word, count),) = words.most_common(1)
            if count >= max(FEW, MOST * sum(words.values())) and (code, word) not in self.rooms.learned:
                found[code, word] = 0.85
        return found

    def _places(self, certain: Mapping[str, Explained]) -> dict[tuple[Place, int], int]:
        """Which number of a lock's name is which of a room's, as three locks bear out and hardly one denies."""
        meant: dict[tuple[Place, int], Counter[int]] = defaultdict(Counter)
        for door_id, one in certain.items():
            ours, theirs = self.locks[door_id].tokens, self.rooms.tokens[one.room]
            for at, sign in one.by.items():
                if ours[at].is_number and len(sign.by) == 1 and theirs[sign.by[0]].is_number:
                    numbers, place = place_of(theirs, sign.by[0])
                    meant[place_of(ours, at), numbers][place] += 1
        found = {}
        for which, places in meant.items():
            ((place, count),) = places.most_common(1)
            if which not in self.rooms.places and count >= max(FEW, MOST * sum(places.values())):
                found[which] = place
        return found

    # --- the house as a whole ---

    def _trusted(self) -> dict[str, Explained]:
        """Those of the certain that the house as a whole bears out."""
        certain = dict(self.certain)
        named = {door_id for door_id, one in certain.items() if self.is_a_name(door_id, one)}
        rooms = {*self.known.values(), *(one.room for one in certain.values())}
        if len(rooms) < OFTEN * len(self.rooms.tokens):
            certain = {door_id: one for door_id, one in certain.items() if door_id in named}
        certain = self._with_codes_borne_out(certain, named)
        for strangers, mine in self._forms(certain):
            rest = [door_id for door_id in mine if door_id not in named]
            if len(strangers) > max(1, (1 - MOST) * len(mine)) or self._may_be_counted_otherwise(mine, strangers):
                for door_id in rest:
                    del certain[door_id]
        return certain

    def _with_codes_borne_out(self, certain: Mapping[str, Explained], named: Collection[str]) -> dict[str, Explained]:
        """Those of which each code stands for the same word in another lock, and for most rooms with that word."""
        everyone = dict(certain)
        for door_id, at in self.known.items():
            found = self.rooms.explain(self.locks[door_id].tokens) if door_id in self.locks else ()
            everyone.update((door_id, one) for one in found if one.room == at)
        codes: Counter[tuple[str, str]] = Counter()
        words: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
        for door_id, one in everyone.items():
            for is_letter, there in words.items():
                there.update(self._words_to_be_coded(door_id, one, is_letter))
            codes.update(set(self._codes_of(door_id, one)))
        return {
            door_id: one
            for door_id, one in certain.items()
            if door_id in named
            or all(
                codes[coded]
                >= max(2, (OFTEN if codes[coded] > 2 * FEW else USUAL) * words[len(coded[0]) == 1][coded[1]])
                for coded in self._codes_of(door_id, one)
            )
        }

    def _words_to_be_coded(self, door_id: str, explained: Explained, by_a_letter: bool) -> set[str]:
        """The words of a room but those that its lock says itself, and those for a storey, of which the number is
        enough: such a lock denies no code of them. It does of a letter, which may be another house's: "A 4" beside
        "Annexe 3"."""
        theirs = {token.text for token in self.rooms.tokens[explained.room]} - say.FLOOR
        if by_a_letter or door_id not in self.locks:
            return theirs
        return theirs - {token.text for token in self.locks[door_id].tokens}

    def _codes_of(self, door_id: str, explained: Explained) -> Iterator[tuple[str, str]]:
        tokens, theirs = self.locks[door_id].tokens, self.rooms.tokens[explained.room]
        for at, sign in explained.by.items():
            if (
                not tokens[at].is_number
                and (sign.like < STRONG or (sign.like < 1 and len(tokens[at].text) < SHORTEST_NAME))
                and (len(sign.by) > 1 or theirs[sign.by[0]].text != tokens[at].text)
            ):
                # Of "RCE" for R/C Esq. it is enough that others are put together so, and of "S" for South or "L" for
                # Left that another side is said by its letter ("UP" beside "DN").
                whole = len(sign.by) == 1 or len(tokens[at].text) == len(sign.by)
                side = theirs[sign.by[0]].text
                if (tokens[at].is_letter and side in _SIDES) or (sign.like >= STRONG and _is_storey_of_two(side)):
                    whole = False
                yield (tokens[at].text, " ".join(theirs[place].text for place in sign.by)) if whole else ("", "")

    def _forms(self, certain: Mapping[str, Explained]) -> Iterator[tuple[list[str], list[str]]]:
        """By system and form with a number, the locks that no room explains, and those that one does."""
        forms: dict[tuple[str, tuple[str, ...]], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for door_id, lock in self.locks.items():
            if "#" not in lock.form or door_id in self.known:
                continue
            if door_id in certain:
                forms[lock.system, lock.form][1].append(door_id)
            elif not any(self._is_unknown(token.text, lock.system) for token in lock.tokens) and all(
                self.strange(door_id, one) for one in self.explained.get(door_id, ())
            ):
                forms[lock.system, lock.form][0].append(door_id)
        for _, (strangers, mine) in sorted(forms.items()):
            yield strangers, mine

    def _is_unknown(self, word: str, system: str) -> bool:
        return (
            len(word) > 1
            and not word.isdecimal()
            and not self.rooms.explaining(word)
            and word not in self.customs[system]
            and word not in self.noise[system]
            and word not in SAYS_NOTHING
        )

    def _may_be_counted_otherwise(self, mine: Sequence[str], strangers: Sequence[str]) -> bool:
        """Whether the locks of a form would fit as well with one or two more or less in one of their numbers."""
        if not strangers or not mine:
            return False
        form = self.locks[mine[0]].form
        for place in (at for at, sign in enumerate(form) if sign == "#"):
            for by in (-2, -1, 1, 2, -100, 100):
                rescued = sum(self._fits(door_id, place, by) for door_id in strangers)
                if not rescued:
                    continue
                fitting = sum(self._fits(door_id, place, by) for door_id in mine)
                if fitting + rescued >= len(mine) - max(1, len(mine) // 50):
                    return True
        return False

    def _fits(self, door_id: str, place: int, by: int) -> bool:
        tokens = list(self.locks[door_id].tokens)
        number = int(tokens[place].text[:9]) + by
        if number < 0:
            return False
        tokens[place] = Token(f"{number}", f"{number}", tokens[place].gap)
        found = self.rooms.explain(tokens)
        return any(not self.strange(door_id, one) and place in one.by for one in found)


def _is_storey_of_two(word: str) -> bool:
    """Whether a word says the upper or the lower of two."""
    return not meanings(word).isdisjoint(_UPPER_AND_LOWER)


_UPPER_AND_LOWER = meanings("upper") | meanings("lower")


def _compared(best: Explained, other: Explained) -> tuple[float, float]:
    """How much more the one explains than the other, and how much less: sign by sign, those together that either takes
    together."""
    more = less = 0.0
    left = best.by.keys() | other.by.keys()
    while left:
        together = {min(left)}
        while wider := {
            at
            for one in (best, other)
            for at, sign in one.by.items()
            if at not in together and any(sign is one.by.get(near) for near in together)
        }:
            together |= wider
        left -= together
        mine, theirs = (sum(one.by[at].told for at in together if at in one.by) for one in (best, other))
        more += max(0.0, mine - theirs)
        less += max(0.0, theirs - mine)
    return more, less


def assigned(
    rooms: Mapping[int, str],
    doors: Mapping[str, tuple[str, str]],
    known: Mapping[str, int],
    noise: Mapping[str, Collection[str]],
    have_names: bool,
) -> tuple[dict[str, int], dict[str, set[int]]]:
    """The rooms of locks that are left over, by door id; and those that may be a lock's by all of its name.

    `rooms`: the let rooms' cleaned names by place, in natural order. `doors`: by id, lock system and cleaned name.
    `known`: the doors of which the room is known already. `noise`: by lock system, words that say nothing in its names.
    `have_names`: whether the rooms are told apart by words alone.
    Pure; the order of the input does not matter.
    """
    if len(rooms) < FEW or len(known) >= len(doors) or rooms.keys() <= set(known.values()):
        return {}, {}
    house = _Assignment(rooms, doors, known, noise, have_names)
    found = house.solve()
    claims = Counter((found | dict(known)).values())
    again = house.named_again()
    found = {door_id: at for door_id, at in found.items() if doors[door_id][0] not in again}
    return {door_id: at for door_id, at in found.items() if claims[at] == 1}, house.may_be()
