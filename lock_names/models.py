"""Models and serial numbers of locks, which people write beside the room: "Cabin7_S411", "Rorbu 3 Doorman V2N", "Koala
S202_9c07"."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet

from lock_names import words as say
from lock_names.read import is_known
from lock_names.shares import FEW, MOST, OFTEN
from lock_names.sharing import is_rare
from lock_names.tokens import Token, numbers_in, plain_number, texts_of, tokens_of, words_in
from lock_names.words import folded


def without_models(names: Mapping[str, str], room_words: AbstractSet[str]) -> dict[str, str]:
    """Names of one account without a model in each: "Cabin7" for "Cabin7_S411", "Dome2" for "Dome2_M302".

    `names` by door id; `room_words` the words, letters and numbers of the rooms' names, which are no models.
    """
    found = {
        door_id: [one for one in _MODEL.finditer(name) if room_words.isdisjoint((folded(one[1]), one[2]))]
        for door_id, name in names.items()
    }
    borne = Counter(one[0] for models in found.values() for one in models)
    models = {door_id: [one for one in there if borne[one[0]] >= FEW] for door_id, there in found.items()}
    if sum(map(bool, models.values())) < max(FEW, MOST * len(names)):
        return dict(names)
    result = dict(names)
    for door_id, there in models.items():
        for one in there:
            shorter = result[door_id].replace(one[0], " ")
            # What is named by its model alone has no other name.
            result[door_id] = shorter if any(map(str.isalnum, shorter)) else result[door_id]
    return result


_MODEL = re.compile(r"(?<![^\W_])([A-Za-z])(\d{3,})(?![^\W_])")


_SERIAL_BEHIND = re.compile(
    r"(?<=[^\W_])[\s_(\[-]+(?P<model>[A-Za-z]{2,}\d?|[A-Za-z]+\d+)[-_](?P<serial>[0-9A-Fa-f]{3,12})[)\]]?$"
)
_STUMP = re.compile(r"(?<=[^\W_])[\s_(\[-]+(?P<code>[A-Za-z]{2,}\d?|[A-Za-z]+\d+)[-_]\s*[)\]]?$")
"""What stood before a serial number that is gone."""
_MODEL_BEHIND = re.compile(
    r"""(?<=[^\W_])[\s_(\[-]+(?P<code>(?P<letters>[A-Za-z]{2,})(?P<number>\d{3,})|(?P<capitals>[A-Z]{3})\d
    |[A-Za-z]+\d+[A-Za-z]+)[)\]]?$""",
    re.VERBOSE,
)
_VERSION_BEHIND = re.compile(
    r"(?<![\s_(\[-])[\s_(\[-]+(?P<code>\d\.\d|[A-Za-z]\d)(?:\s+(?:pro|plus|ultra|lite|mini))?[)\]]?$", re.IGNORECASE
)
_LAST_WORD = re.compile(r"(?<![\s_(\[-])[\s_(\[-]+(?P<word>[^\W\d_]+)[)\]]?$")
_SHORTEST_MODEL = 4


def without_models_behind(names: Mapping[str, str], rooms: Sequence[str]) -> dict[str, str]:
    """Names of one account, by door id, without the model or the serial number of the lock behind a name of a room:
    "PL1" of "PL1 TT-a31", "Rorbu 3" of "Rorbu 3 Doorman V2N", "Lavanda" of "Lavanda Nuki 3.0".

    `rooms` are the names of those let; what one of them says is no model. A serial number has the same letters before
    it as two others, is as long as they are and different in each. A model is the same behind three locks, and looks
    like nothing that people call a house; or stands right behind its maker. As they are where that leaves a number
    alone, or a name that another lock has: an annex may have other locks than the house.
    """
    words = words_in(rooms)
    chunks = {folded(chunk) for room in rooms for chunk in re.split(r"[\W_]+", room)}
    serials: dict[tuple[str, int], dict[str, re.Match[str]]] = defaultdict(dict)
    models: dict[str, dict[str, str]] = defaultdict(dict)
    result = dict(names)
    for door_id, name in names.items():
        if serial := _SERIAL_BEHIND.search(name):
            serials[folded(serial["model"]), len(serial["serial"])][door_id] = serial
        elif stump := _STUMP.search(name):
            if folded(stump["code"]) not in words | chunks:
                models[folded(stump["code"])][door_id] = name[: stump.start()]
        elif model := _MODEL_BEHIND.search(name):
            left, makers = _without_makers(name[: model.start()], words)
            code = folded(model["code"])
            is_known_word = model["letters"] and (is_known(folded(model["letters"])) or model["number"] in words)
            capitals = folded(model["capitals"] or "")
            is_known_word = is_known_word or (capitals and (is_known(capitals) or capitals in words))
            if code not in chunks and not is_known_word and (makers or len(code) >= _SHORTEST_MODEL):
                models[code][door_id] = left
        elif version := _VERSION_BEHIND.search(name):
            left, makers = _without_makers(name[: version.start()], words)
            # "Yale L3" may be house L3 of rooms with locks by Yale.
            is_enough = makers > (0 if "." in version["code"] else 1)
            if is_enough and not any(version["code"].casefold() in room.casefold() for room in rooms):
                result[door_id] = left
    for (model_name, _), there in serials.items():
        numbers = {folded(one["serial"]) for one in there.values()}
        if (
            len(there) >= FEW
            and model_name not in words | chunks
            and len(numbers) == len(there)
            and numbers.isdisjoint(words | chunks)
            and (any(map(str.isdecimal, model_name)) or _are_of_a_maker(numbers))
        ):
            result |= {door_id: names[door_id][: one.start()] for door_id, one in there.items()}
    for shorter in models.values():
        if len(shorter) >= FEW:
            result |= shorter
    said = Counter(texts_of(name) for name in result.values())
    return {
        door_id: name
        if said[texts_of(name)] == 1 and any(_tells(token, words) for token in tokens_of(name))
        else names[door_id]
        for door_id, name in result.items()
    }


_CODE_BEHIND = re.compile(
    r"^(?P<before>[^\W\d_]{0,6}[\W_]*(?:\d{1,2}[\W_]+)?)(?P<number>\d{1,4})[\W_]+(?P<code>[^\W\d_]{1,3})(?![^\W_])\+?"
)
_MOST_CODES = 4


def without_codes_of_all(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account, by door id, without the code behind the room's number which nearly all have, one of few:
    "04-413" of "04-413 MT" beside "05-502 RT+". `rooms`: the names of those let.

    As they are unless hardly a room is without a lock and none has two: no other house's locks are among them then.
    """
    of_rooms = numbers_in(rooms)
    words = words_in(rooms)
    saying: dict[str, str] = {}
    found = {}
    for door_id, name in names.items():
        numbers = [token.text for token in tokens_of(name) if of_rooms.get(token.text)]
        if numbers:
            saying[door_id] = numbers[-1]
            match = _CODE_BEHIND.match(name)
            if match and plain_number(match["number"]) == numbers[-1]:
                found[door_id] = match
    codes = Counter(folded(match["code"]) for match in found.values())
    told = {saying[door_id] for door_id in found}
    if (
        not 2 <= len(codes) <= _MOST_CODES
        or any(is_rare(count, len(saying)) or code in words or is_known(code) for code, count in codes.items())
        or len(found) < _COMPLETE * len(saying)
        or len(set(saying.values())) < len(saying)
        or len(told) < _COMPLETE * len(rooms)
        or any(of_rooms[number] > 1 for number in told)
    ):
        return dict(names)
    return {
        **names,
        **{
            door_id: f"{names[door_id][: match.end('number')]} {names[door_id][match.end() :]}".strip()
            for door_id, match in found.items()
        },
    }


_COMPLETE = 0.95


def _tells(token: Token, room_words: AbstractSet[str]) -> bool:
    """Whether it is more than the number of a room, which an annex's locks may say beside a model of their own."""
    if token.is_number or say.KINDS.get(token.text) in say.GENERIC_KINDS:
        return False
    return token.text in room_words or not is_known(token.text)


def _without_makers(name: str, room_words: AbstractSet[str]) -> tuple[str, int]:
    """A name without makers' words at its end, and how many these were."""
    makers = 0
    while (last := _LAST_WORD.search(name)) and folded(last["word"]) in say.MAKERS - room_words:
        name, makers = name[: last.start()], makers + 1
    return name, makers


def _are_of_a_maker(serials: AbstractSet[str]) -> bool:
    """Whether letters and digits are mixed in them, as nobody counts."""
    mixed = sum(any(map(str.isdecimal, one)) and any(map(str.isalpha, one)) for one in serials)
    is_a_code = all(re.fullmatch(r"[a-z]?\d+|\d+[a-z]", one) for one in serials)
    return mixed >= OFTEN * len(serials) and not is_a_code
