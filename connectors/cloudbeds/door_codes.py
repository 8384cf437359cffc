"""Door codes in Cloudbeds: in a custom field of the reservation, or as notes on it.

Both belong to a whole reservation, whatever the number of its rooms, and are read and written one reservation at a
time. Facts: Cloudbeds's OpenAPI description of v1.3 (the operations named below). What it does not say is marked
UNVERIFIED.
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Self

from marshmallow import ValidationError

from connectors.cloudbeds.reader import CloudbedsReader
from connectors.cloudbeds.wire import (
    CloudbedsWire,
    Id,
    Json,
    NotGranted,
    Unsuccessful,
    integer,
    optional_text,
    text_in,
    values,
)
from connectors.door_codes import LOOKS, MARKED_NOTE, DoorCodeWriter, Step, note_of
from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.ports import DoorCodes
from connectors.reading import VendorSchema, complaint, not_readable
from connectors.records import AccessWritten, DoorCode, Property
from mappers.sentences import say, sentence_of

FIELD = "door_code"
"""The custom field's shortcode, by which it is written, and by which a hotel's own e-mails may quote it."""
FIELD_NAME = "Door code"
LONGEST = 255
"""Characters that the field is made for; the usual 40 hold two rooms at most. UNVERIFIED: that there may be so many."""
_AFTER_ENTRY = re.compile(r";\s+")
_OUR_ENTRY = re.compile(r".* \[NP(?P<tail>[^\[\]]*)\]", re.DOTALL)
_TAIL = re.compile(r"(?P<room>(-\d+)?)(/.+|:.+)?", re.DOTALL)


class NoteSchema(VendorSchema):
    reservationNoteID = Id(required=True)
    reservationNote = optional_text()


_NOTE = NoteSchema()


class _Codes(DoorCodeWriter):
    """What both kinds have in common: everything is done by reservation, and told by room-stay."""

    AT_ONCE = 1
    SCOPES: ClassVar[str]
    """That the credentials need."""

    def __init__(
        self, wire: CloudbedsWire, reader: CloudbedsReader, of: Property, codes: Mapping[str, Sequence[DoorCode]]
    ):
        """`codes` by room-stay."""
        self._wire = wire
        self._reader = reader
        self._of = of
        self._stays: dict[str, set[str]] = {}
        by_reservation: dict[str, list[DoorCode]] = {}
        for stay, several in codes.items():
            reservation_id = reader.reservation_of(stay)
            self._stays.setdefault(reservation_id, set()).add(stay)
            by_reservation.setdefault(reservation_id, []).extend(
                one for one in several if one.pin is not None or one.link is not None
            )
        super().__init__(by_reservation)
        self._differing: dict[str, set[str]] = {}
        self._names: Mapping[str, str] | None = None

    def taking_away(self, reservation_ids: Collection[str]) -> Self:
        """What makes these reservations hold nothing of the kind."""
        return type(self)(
            self._wire, self._reader, self._of, {stay: () for one in reservation_ids for stay in self._stays[one]}
        )

    def written(self) -> AccessWritten:
        """By room-stay: of a reservation, those that were not as they should be."""
        changed = {stay for one in self.changed for stay in self._differing.get(one, ())}
        failed = {
            stay: sentence
            for one, sentence in self.failed.items()
            for stay in self._differing.get(one) or self._stays[one]
        }
        return AccessWritten(frozenset(changed), failed)

    def _differs(self, reservation_id: str, tail: str) -> None:
        self._differing.setdefault(reservation_id, set()).add(_stay(reservation_id, tail))

    def _is_asked_for(self, reservation_id: str, tail: str) -> bool:
        return _stay(reservation_id, tail) in self._stays[reservation_id]

    def _room_name(self, code: DoorCode) -> str | None:
        if self._names is None:
            self._names = self._reader.room_names(self._of)
        return self._names.get(code.room_id)

    def _read(self, operation: str, reservation_ids: Sequence[str]) -> dict[str, Json]:
        """Answers by reservation. A reservation that is gone holds nothing, which may be just what is wanted."""
        found: dict[str, Json] = {}

        def ask(part: Sequence[tuple[str, Any]]) -> None:
            ((reservation_id, _),) = part
            params = {"propertyID": self._of.id, "reservationID": reservation_id}
            try:
                found[reservation_id] = self._wire.ask("GET", operation, params=params)
            except (Unsuccessful, PmsRefused) as problem:
                says_so = isinstance(problem, Unsuccessful) and problem.is_absent
                may_be = isinstance(problem, Unsuccessful) or problem.status in (400, 404)
                if not self._codes[reservation_id] and (
                    says_so or (may_be and self._reader.by_id.is_gone(self._of, reservation_id))
                ):
                    return
                raise _refused(problem) from None

        self._in_parts([(one, None) for one in reservation_ids], ask)
        return found

    def _send(self, step: Step, items: Sequence[Any]) -> None:
        (item,) = items
        what = {"propertyID": self._of.id, **item}
        verb = re.split("[A-Z]", step.operation)[0].upper()
        sent: dict[str, Any] = {"params": what} if verb == "DELETE" else {"form": what}
        try:
            self._wire.ask(verb, step.operation, **sent, repeatable=step.repeatable)
        except Unsuccessful as problem:
            raise _refused(problem) from None

    def _is_hopeless(self, problem: PmsRefused, writing: bool) -> bool:
        return _is_not_granted(problem)

    def _in_words(self, problem: PmsError) -> PmsError:
        if not _is_not_granted(problem):
            return problem
        return problem.refusing(
            "{why}. Writing door codes back needs the scopes {scopes}: make credentials in Cloudbeds that have "
            "them, or set write_back: off in the policy",
            scopes=self.SCOPES,
        )


class Fields(_Codes):
    """All codes of a reservation in one text: "207: 4821 [NP]; 305: 7733 [NP-1]".

    What stands in brackets is the rest of a code's key after the reservation's id, and tells whose code it is and that
    it is ours. Without the id, because Cloudbeds refuses long numbers that could be those of a card. Only the parts
    about the room-stays in question are replaced: those of the other rooms, and whatever the desk wrote between them,
    stay as they are. UNVERIFIED: that an empty value empties the field.
    """

    SCOPES = "read:reservation, write:reservation, read:customFields and write:customFields"
    _most: int | None = None
    _called: frozenset[str] | None = None

    def _plan(self, reservation_ids: Sequence[str]) -> list[Step]:
        """Sources: getReservation, putReservation. The latter is given nothing but the field: a status would count."""
        adding: dict[str, list[Json]] = {}
        changing: dict[str, list[Json]] = {}
        for reservation_id, answer in self._read("getReservation", reservation_ids).items():
            held = self._held(answer)
            if held is None:
                self._give_up(
                    [reservation_id], say("Cloudbeds tells the reservation's custom fields in an unreadable way.")
                )
                continue
            text, has_new = self._composed(reservation_id, held)
            if text is None:
                continue
            if (has_new or len(text) > len(held)) and len(text) > self._most_characters():
                self._give_up(
                    [reservation_id],
                    say(
                        "The door codes of this reservation need {number} characters, and the custom field {field} in "
                        "Cloudbeds takes {most}: make it longer there, or set write_back: note",
                        number=len(text),
                        field=FIELD,
                        most=self._most_characters(),
                    ),
                )
                continue
            form = {"customFields[0][customFieldName]": FIELD, "customFields[0][customFieldValue]": text}
            (adding if has_new else changing)[reservation_id] = [{"reservationID": reservation_id, **form}]
        return [Step("putReservation", adding, adds=True), Step("putReservation", changing)]

    def _held(self, answer: Json) -> str | None:
        """The field's text; None where it cannot be read.

        Custom fields are told with their shortcode, or (in older answers) with nothing but the name that staff see.
        """
        data = answer.get("data")
        there = data.get("customFields") if isinstance(data, dict) else "nothing"
        if there is not None and not isinstance(there, list | dict):
            return None
        told = [item for item in values(there) if isinstance(item, dict)]
        for item in told:
            if text_in(item, "shortcode") == FIELD:
                return text_in(item, "customFieldValue")
        for item in told:
            if not text_in(item, "shortcode") and text_in(item, "customFieldName") in self._names_of_the_field():
                return text_in(item, "customFieldValue")
        return ""

    def _names_of_the_field(self) -> frozenset[str]:
        """What the field is called, to programs and to staff. Source: getCustomFields."""
        if self._called is None:
            params = {"propertyID": self._of.id, "shortcode": FIELD}
            answer = self._wire.ask("GET", "getCustomFields", params=params)
            found = self._wire.rows("getCustomFields", answer)
            names = (text_in(item, "name") for item in found if text_in(item, "shortcode") == FIELD)
            self._called = frozenset({FIELD, *names} - {""})
        return self._called

    def _composed(self, reservation_id: str, held: str) -> tuple[str | None, bool]:
        """The text that the field should have, None where it has it; and whether a code comes that was not there."""
        wanted = {_tail(code.key, reservation_id): self._entry(code) for code in self._codes[reservation_id]}
        entries: list[str] = []
        is_different = False
        for entry in _AFTER_ENTRY.split(held.strip()) if held.strip() else []:
            ours = _OUR_ENTRY.fullmatch(entry)
            if ours is None or not self._is_asked_for(reservation_id, ours["tail"]):
                entries.append(entry)
                continue
            right = wanted.pop(ours["tail"], None)
            if right != entry:
                is_different = True
                self._differs(reservation_id, ours["tail"])
            if right is not None:
                entries.append(right)
        for tail in wanted:
            self._differs(reservation_id, tail)
        text = "; ".join([*entries, *wanted.values()])
        return (text if is_different or wanted else None), bool(wanted)

    def _entry(self, code: DoorCode) -> str:
        room = re.sub(r"[;\[\]]", " ", self._room_name(code) or "Room").strip()
        way = code.pin if code.pin is not None else f"mobile key {code.link}"
        return f"{room}: {way} [NP{_tail(code.key, self._reader.reservation_of(code.booking_id))}]"

    def _most_characters(self) -> int:
        """What the field takes, which is made where it is not there. Sources: getCustomFields, postCustomField."""
        if self._most is None:
            self._most = self._made()
        return self._most

    def _made(self) -> int:
        wire, params = self._wire, {"propertyID": self._of.id, "shortcode": FIELD}
        lost: PmsUnreachable | None = None
        for _ in range(LOOKS):
            answer = wire.ask("GET", "getCustomFields", params=params)
            for item in wire.rows("getCustomFields", answer):
                if text_in(item, "shortcode") != FIELD:
                    continue
                if text_in(item, "applyTo") not in ("", "reservation"):
                    raise PmsRefused.saying(
                        "{who}: the custom field {field} in Cloudbeds is one of guests, and door codes need one of "
                        "reservations: give it another shortcode, or set write_back: note",
                        who=wire.name,
                        field=FIELD,
                        operation="getCustomFields",
                    )
                return integer(item.get("maxCharacters")) or LONGEST
            form = {
                **params,
                "name": FIELD_NAME,
                "applyTo": "reservation",
                "type": "input",
                "maxCharacters": LONGEST,
                "displayed[0]": "reservation",
                "isPersonal": "false",
            }
            try:
                wire.ask("POST", "postCustomField", form=form, repeatable=False)
            except Unsuccessful:
                raise
            except PmsUnreachable as problem:
                lost = problem
        raise lost or wire.unusable(
            "getCustomFields", say("does not have the custom field {field} that was made", field=FIELD)
        )


class Notes(_Codes):
    """One note per code, which ends in a marker with the code's key; a note that should say something else is changed.

    UNVERIFIED: that a note which was deleted ("archived", says the description) is not told any more.
    """

    SCOPES = "read:reservation and write:reservation"

    def _plan(self, reservation_ids: Sequence[str]) -> list[Step]:
        """Sources: getReservationNotes, deleteReservationNote, putReservationNote, postReservationNote."""
        operation = "getReservationNotes"
        gone: dict[str, list[Json]] = {}
        changing: dict[str, list[Json]] = {}
        adding: dict[str, list[Json]] = {}
        for reservation_id, answer in self._read(operation, reservation_ids).items():
            wanted = {code.key: note_of(code, self._room_name(code), self._of) for code in self._codes[reservation_id]}
            try:
                ours = self._ours(reservation_id, self._wire.rows(operation, answer))
            except ValidationError as problem:
                self._give_up([reservation_id], not_readable("A note in Cloudbeds", complaint(problem)))
                continue
            except PmsUnreachable as problem:
                self._give_up([reservation_id], sentence_of(problem))
                continue
            # Of several with the same key, one that is right already is kept.
            ours.sort(key=lambda one: (wanted.get(one[0]) != one[2], one[1]))
            for key, note_id, text in ours:
                right = wanted.pop(key, None)
                if right == text:
                    continue
                self._differs(reservation_id, _tail(key, reservation_id))
                form = {"reservationID": reservation_id, "reservationNoteID": note_id}
                if right is None:
                    gone.setdefault(reservation_id, []).append(form)
                else:
                    changing.setdefault(reservation_id, []).append({**form, "reservationNote": right})
            for key, text in wanted.items():
                self._differs(reservation_id, _tail(key, reservation_id))
                form = {"reservationID": reservation_id, "reservationNote": text}
                adding.setdefault(reservation_id, []).append(form)
        return [
            Step("deleteReservationNote", gone),
            Step("putReservationNote", changing),
            Step("postReservationNote", adding, adds=True),
        ]

    def _ours(self, reservation_id: str, items: Sequence[Json]) -> list[tuple[str, str, str]]:
        """Key, id and text of our notes about the room-stays in question."""
        found = []
        for item in items:
            note = _NOTE.load(item)
            marker = MARKED_NOTE.search(note["reservationNote"])
            if marker is None or reservation_id not in marker["key"]:
                continue
            if self._is_asked_for(reservation_id, _tail(marker["key"], reservation_id)):
                found.append((marker["key"], note["reservationNoteID"], note["reservationNote"]))
        return found


def _tail(key: str, reservation_id: str) -> str:
    """What a key has after the reservation's id: "-1/2:163" of "8176-1/2:163"."""
    return key.partition(reservation_id)[2]


def _stay(reservation_id: str, tail: str) -> str:
    """The room-stay that such a rest tells of; none has an empty id."""
    match = _TAIL.fullmatch(tail)
    return reservation_id + match["room"] if match is not None else ""


def _is_not_granted(problem: PmsError) -> bool:
    return isinstance(problem, NotGranted) or problem.status in (401, 403)


def _refused(problem: PmsError) -> PmsRefused:
    """An answer with `success: false` is a no, and no lost answer."""
    if isinstance(problem, PmsRefused):
        return problem
    return PmsRefused(sentence_of(problem), operation=problem.operation)


class CloudbedsDoorCodes(DoorCodes):
    def __init__(self, wire: CloudbedsWire, reader: Callable[[], CloudbedsReader]):
        self._wire = wire
        self._reader = reader
        self._scopes_denied: set[str] = set()

    def write(self, of: Property, codes: Mapping[str, Sequence[DoorCode]], how: str, /) -> AccessWritten:
        """In the custom field `door_code` of the reservation, or as notes on it. Source: putReservation."""
        reader = self._reader()
        wanted, other = (Notes, Fields) if how == "note" else (Fields, Notes)
        writer = wanted(self._wire, reader, of, codes)
        former = other(self._wire, reader, of, codes)
        writer.run_instead_of(former.taking_away, other.SCOPES, self._scopes_denied)
        return writer.written()
