"""Sentences that people see, with what each was put together from: a message of the catalogue and its values.

A `Said` is its English words, everywhere: in logs, in the database, for programs. A page says it in the language of
whoever reads (`web.languages`), by the message and the values, never by looking at the finished words. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from connectors.plain_text import LONGEST_REASON, plain

Value = str | int | float


class Moment(str):
    """An instant in a property's time, in English words; a page writes it as its reader does."""

    __slots__ = ("at", "only_hour", "with_year", "zone")
    at: datetime
    zone: str
    with_year: bool
    only_hour: bool

    def __new__(cls, text: str, at: datetime, zone: str, with_year: bool = False, only_hour: bool = False) -> Self:
        made = super().__new__(cls, text)
        made.at, made.zone, made.with_year, made.only_hour = at, zone, with_year, only_hour
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.at, self.zone, self.with_year, self.only_hour)


class Said(str):
    """A sentence, or a part of one. `message` is in the catalogue, with its `values` as {name}; `many`: the message for
    other numbers than one, of the value `number`."""

    __slots__ = ("many", "message", "values")
    message: str
    values: Mapping[str, Value]
    many: str | None

    def __new__(cls, text: str, message: str, values: Mapping[str, Value], many: str | None = None) -> Self:
        made = super().__new__(cls, text)
        made.message, made.values, made.many = message, values, many
        return made

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (str(self), self.message, dict(self.values), self.many)


def message(text: str) -> str:
    """The text, marked as one of the catalogue where it is not said at once."""
    return text


def messages(one: str, many: str) -> tuple[str, str]:
    """The messages of one and of other numbers, as `say_number` takes them."""
    return one, many


def _in_english(values: Mapping[str, Value]) -> Mapping[str, Value]:
    return {name: f"{one:,}" if isinstance(one, int) else one for name, one in values.items()}


def say(message: str, **values: Value) -> Said:
    """The sentence of a message. `values`: names of ours and of others, numbers, moments, other sentences."""
    return Said(message.format(**_in_english(values)), message, values)


PEOPLE: Mapping[str, Said] = {"guest": say("guest"), "tenant": say("tenant"), "person": say("person")}
"""What whoever stays there is called."""


def say_number(number: int, one: str, many: str, **values: Value) -> Said:
    """The same with a number, `{number}` in both messages."""
    of_all: dict[str, Value] = {"number": number, **values}
    return Said((one if number == 1 else many).format(**_in_english(of_all)), one, of_all, many)


_NUMBERS_OF_PEOPLE: Mapping[str, tuple[str, str]] = {
    "guest": messages("{number} guest", "{number} guests"),
    "tenant": messages("{number} tenant", "{number} tenants"),
    "person": messages("{number} person", "{number} people"),
}


def people(number: int, person: str) -> Said:
    """ "3 guests". `person`: `guest`, `tenant` or `person`."""
    return say_number(number, *_NUMBERS_OF_PEOPLE[person if person in _NUMBERS_OF_PEOPLE else "person"])


def of_setting(path: str, words: str) -> Said:
    """What is wrong with a setting, by its path."""
    return say("{path}: {words}", path=path, words=words)


def also_in_english(text: str, message: str, **values: Value) -> Said:
    """A sentence whose English words are put together otherwise than those of other languages."""
    return Said(text, message, values)


def together(parts: Iterable[str], between: str = "; ") -> str:
    """Sentences one behind the other; what of them is not ours stays as it is."""
    found = list(parts)
    if not found:
        return ""
    if len(found) == 1 or not any(isinstance(one, Said | Moment) for one in found):
        return found[0] if len(found) == 1 else between.join(found)
    values = {f"_{place}": one for place, one in enumerate(found)}
    return Said(between.join(found), between.join(f"{{{name}}}" for name in values), values)


def all_of(names: Sequence[str]) -> str:
    """ "1001, 1002 and 1003"."""
    if len(names) < 2:
        return "".join(names)
    return say("{these} and {last}", these=", ".join(names[:-1]), last=names[-1])


def named(names: Sequence[str], most: int) -> str:
    """Names one behind the other, at most so many of them, and how many more there are."""
    shown = ", ".join(names[:most])
    return say("{these} and {more} more", these=shown, more=len(names) - most) if len(names) > most else shown


def with_others(words: str, change: Callable[[str], str]) -> str:
    """The sentence with its names changed, such as a room's, of which several are told at once."""
    if isinstance(words, Moment):
        return words
    if not isinstance(words, Said):
        return change(words)
    values = {name: with_others(one, change) if isinstance(one, str) else one for name, one in words.values.items()}
    return Said(change(words), words.message, values, words.many)


# --- kept in the database beside the words ----------------------------------------------------------------------------


def kept(words: str) -> Any:
    """What of a sentence is kept beside its words, as JSON; None where there is nothing."""
    return _kept(words) if isinstance(words, Said | Moment) else None


def _kept(value: Value) -> Any:
    if isinstance(value, Moment):
        return {
            "text": str(value),
            "at": value.at.isoformat(),
            "zone": value.zone,
            "as": value.with_year * 2 + value.only_hour,
        }
    if isinstance(value, Said):
        values = {name: _kept(each) for name, each in value.values.items()}
        return {"text": str(value), "message": value.message, "values": values} | (
            {"many": value.many} if value.many else {}
        )
    return plain(value, LONGEST_REASON) if isinstance(value, str) else value


def with_word(reason: str, word: str | None) -> str:
    """With the PMS's own word for it behind."""
    return say("{why} ({word})", why=reason, word=word) if word else reason


def as_it_was(words: str, said: Any) -> str:
    """The sentence of these words, from what was kept beside them; the words alone where that is of others."""
    found = _read(said) if isinstance(said, dict) else words
    return found if isinstance(found, str) and found == words else words


def all_kept(**sentences: str | None) -> Any:
    """What of the sentences of a row is kept beside their words, as JSON, by their names; None where there is
    nothing."""
    found = {name: one for name, words in sentences.items() if words and (one := kept(words)) is not None}
    return found or None


def keep_together(row: Any, *names: str) -> None:
    """Of a row that has sentences under these names: they and what is kept beside them (`said`), each from the other.
    Of one alone, that is kept as it is; so it was of the first of several."""
    before = {} if not row.said else {names[0]: row.said} if "text" in row.said else row.said
    found = {}
    for name in names:
        words, said = getattr(row, name), before.get(name)
        # As it comes out of the database, unless other words have been put in its place.
        if said and words and not isinstance(words, Said | Moment):
            words = as_it_was(words, said)
            object.__setattr__(row, name, words)
            said = said if isinstance(words, Said | Moment) else None
        else:
            said = kept(words) if words else None
        if said is not None:
            found[name] = said
    object.__setattr__(row, "said", found.get(names[0]) if len(names) == 1 else found or None)


def sentence_of(problem: BaseException) -> str:
    """What an error says, with what that was put together from where it has it."""
    found = getattr(problem, "sentence", None)
    return found if isinstance(found, str) else str(problem)


def _read(value: Any) -> Value:
    if not isinstance(value, dict):
        return value  # type: ignore[no-any-return]
    if "at" in value:
        shape = value["as"]
        return Moment(value["text"], datetime.fromisoformat(value["at"]), value["zone"], shape >= 2, bool(shape % 2))
    values = {name: _read(each) for name, each in value["values"].items()}
    return Said(value["text"], value["message"], values, value.get("many"))
