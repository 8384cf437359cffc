"""Door codes in Mews: as access tokens, or as notes on the reservation.

Facts: Mews Connector API documentation (the operations named below).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from connectors.door_codes import MARKED_NOTE, DoorCodeWriter, Step, note_of
from connectors.errors import PmsError, PmsRefused
from connectors.mews.wire import PAGE, Json, MewsId, MewsInstant, MewsWire, mews_id
from connectors.ports import DoorCodes
from connectors.reading import Optional, VendorSchema, complaint, not_readable, optional_text
from connectors.records import AccessWritten, DoorCode, Property


class AccessTokenSchema(VendorSchema):
    Id = MewsId(required=True)
    ServiceOrderId = MewsId(required=True)
    CompanionshipId = Optional(MewsId())
    ResourceId = Optional(MewsId())
    Type = fields.String(required=True)
    Value = fields.String(required=True)
    SerialNumber = optional_text()
    ValidityStartUtc = MewsInstant(required=True)
    ValidityEndUtc = MewsInstant(required=True)
    IsActive = Optional(fields.Boolean(), True)


class NoteSchema(VendorSchema):
    Id = MewsId(required=True)
    Text = optional_text()


_ACCESS_TOKEN, _NOTE = AccessTokenSchema(), NoteSchema()


class _Codes(DoorCodeWriter):
    """What both kinds need of Mews."""

    AT_ONCE = PAGE
    RIGHT: ClassVar[str]
    """What Mews has to grant, as its documents call it."""

    def __init__(self, wire: MewsWire, of: Property, codes: Mapping[str, Sequence[DoorCode]]):
        super().__init__(codes)
        self._wire = wire
        self._of = of

    def _read(self, operation: str, name: str, filters: Json, booking_ids: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def ask(part: Sequence[tuple[str, Any]]) -> None:
            asked = {"EnterpriseIds": [self._of.id], **filters, "ServiceOrderIds": [one for one, _ in part]}
            found.extend(self._wire.read(operation, name, asked))

        self._in_parts([(one, None) for one in booking_ids], ask)
        return found

    def _send(self, step: Step, items: Sequence[Any]) -> None:
        self._wire.write(step.operation, {**step.also, step.name: items}, step.repeatable)

    def _is_hopeless(self, problem: PmsRefused, writing: bool) -> bool:
        # A 403 to a write is a rule that stands against this one.
        return problem.status in ((401, 404) if writing else (401, 403, 404))

    def _asked_for(self, item: Json, *names: str) -> list[str]:
        """The booking that an item names under the first of these names that it has, where that is one of ours."""
        named = (one for name in names if (one := mews_id(item, name)) != "?")
        booking_id = next(named, "?")
        return [booking_id] if booking_id in self._codes else []

    def _in_words(self, problem: PmsError) -> PmsError:
        if problem.status not in (401, 403):
            return problem
        return problem.refusing(
            "{why}. Writing door codes back needs the right to {right}: have Mews grant it to this integration, or "
            "set write_back: off in the policy",
            right=self.RIGHT,
        )

    def _places(self, codes: Iterable[DoorCode]) -> dict[str, Json]:
        """Resources by id. Source: Get all resources, by ResourceIds."""
        filters = {"EnterpriseIds": [self._of.id], "Extent": {"Resources": True, "Inactive": True}}
        ids = sorted({code.room_id for code in codes})
        items, _ = self._wire.read_by_id("resources/getAll", "Resources", filters, "ResourceIds", ids)
        return {mews_id(item): item for item in items}


class Tokens(_Codes):
    """One access token per code.

    Ours carry the code's key as `SerialNumber`. UNVERIFIED: that Mews keeps it for PIN codes. Where it does not, a
    token of the same booking, room and PIN is taken for ours, and one whose PIN or room has changed stays.
    """

    RIGHT = "Resource access tokens"

    def _plan(self, booking_ids: Sequence[str]) -> list[Step]:
        held = self._held(booking_ids)
        gone: dict[str, list[str]] = {}
        updates: dict[str, list[Json]] = {}
        missing: dict[str, list[DoorCode]] = {}
        for booking_id in booking_ids:
            if booking_id in self._given_up:
                continue
            tokens = held.get(booking_id, [])
            ours = {one["Id"] for one in tokens if booking_id in (one["SerialNumber"] or "")}
            kept: set[str] = set()
            for code in self._codes[booking_id]:
                if code.pin is None or code.ends_at is None:
                    what = "a key without a PIN" if code.pin is None else "a code without an end"
                    self.failed[booking_id] = f"Mews takes no access token for {what}: set write_back: note"
                    continue
                unmarked = {one["Id"] for one in tokens if _is_as_good_as_ours(one, code)} - kept
                ours |= unmarked
                fitting = [
                    one
                    for one in tokens
                    if one["Id"] in unmarked or (one["SerialNumber"] == code.key and one["ResourceId"] == code.room_id)
                ]
                if not fitting:
                    missing.setdefault(booking_id, []).append(code)
                    continue
                best = min(fitting, key=lambda one: (one["Id"] in unmarked, _differs(one, code), one["Id"]))
                kept.add(best["Id"])
                if _differs(best, code):
                    updates.setdefault(booking_id, []).append(_token_update(best["Id"], code))
            if ours - kept:
                gone[booking_id] = sorted(ours - kept)
        places = self._places(code for codes in missing.values() for code in codes)
        adds = {
            booking_id: [_token_parameters(code, places.get(code.room_id, {})) for code in codes]
            for booking_id, codes in missing.items()
        }
        # A guest never reads two living codes: the wrong one goes first.
        return [
            Step("resourceAccessTokens/delete", gone, "Ids"),
            Step(
                "resourceAccessTokens/update",
                updates,
                "ResourceAccessTokenUpdates",
                also={"EnterpriseId": self._of.id},  # For portfolio tokens; ignored otherwise.
                repeatable=True,
            ),
            Step("resourceAccessTokens/add", adds, "ResourceAccessTokenParameters", adds=True),
        ]

    def _held(self, booking_ids: Sequence[str]) -> dict[str, list[Json]]:
        """The living PIN codes by booking, whosesoever they are. Source: Get all resource access tokens."""
        held: dict[str, list[Json]] = {}
        for item in self._read(
            "resourceAccessTokens/getAll", "ResourceAccessTokens", {"ActivityStates": ["Active"]}, booking_ids
        ):
            try:
                token = _ACCESS_TOKEN.load(item)
            except ValidationError as problem:
                mine = self._asked_for(item, "ServiceOrderId")
                self._give_up(mine, not_readable("An access token in Mews", complaint(problem)))
                continue
            if token["IsActive"] and token["Type"] == "PinCode":
                held.setdefault(token["ServiceOrderId"], []).append(token)
        return held


class Notes(_Codes):
    """One note per code, which ends in a marker with the code's key.

    A note that should say something else is replaced: Mews's documents contradict each other on how to update one.
    The new one comes first: the desk reads the newest note on top, and an old code beside it for a moment, or until
    the next run, is better than none at all.
    """

    RIGHT = "Service order notes"

    def _plan(self, booking_ids: Sequence[str]) -> list[Step]:
        held: dict[str, list[tuple[str, str]]] = {}
        for item in self._read("serviceOrderNotes/getAll", "ServiceOrderNotes", {}, booking_ids):
            # The answer names the reservation in `OrderId`, or `ServiceOrderId` in older documents.
            mine = self._asked_for(item, "OrderId", "ServiceOrderId")
            try:
                note = _NOTE.load(item)
            except ValidationError as problem:
                self._give_up(mine, not_readable("A note in Mews", complaint(problem)))
                continue
            text = (note["Text"] or "").strip()
            marker = MARKED_NOTE.search(text)
            for booking_id in mine:
                if marker is not None and booking_id in marker["key"]:
                    held.setdefault(booking_id, []).append((note["Id"], text))
        places = self._places(code for one in booking_ids for code in self._codes[one])
        gone: dict[str, list[str]] = {}
        adds: dict[str, list[Json]] = {}
        for booking_id in booking_ids:
            if booking_id in self._given_up:
                continue
            missing = {
                note_of(code, _name(places.get(code.room_id, {})), self._of)
                for code in self._codes[booking_id]
                if code.pin is not None or code.link is not None
            }
            for note_id, text in held.get(booking_id, ()):
                if text in missing:
                    missing.remove(text)
                else:
                    gone.setdefault(booking_id, []).append(note_id)
            if missing:
                adds[booking_id] = [{"ServiceOrderId": booking_id, "Text": text} for text in sorted(missing)]
        return [
            Step("serviceOrderNotes/add", adds, "ServiceOrderNotes", adds=True),
            Step("serviceOrderNotes/delete", gone, "ServiceOrderNoteIds"),
        ]


def _name(resource: Json) -> str | None:
    name = resource.get("Name")
    return name if isinstance(name, str) else None


def _is_as_good_as_ours(token: Json, code: DoorCode) -> bool:
    """Whether a token that carries no mark is as good as ours."""
    marked = token["SerialNumber"] or token["CompanionshipId"]
    return not marked and (token["ResourceId"], token["Value"]) == (code.room_id, code.pin)


def _differs(token: Json, code: DoorCode) -> bool:
    held = (token["Value"], _seconds(token["ValidityStartUtc"]), _seconds(token["ValidityEndUtc"]))
    return held != (code.pin, _seconds(code.starts_at), _seconds(code.ends_at))


def _token_update(token_id: str, code: DoorCode) -> Json:
    return {
        "ResourceAccessTokenId": token_id,
        "ValidityStartUtc": {"Value": _seconds(code.starts_at)},
        "ValidityEndUtc": {"Value": _seconds(code.ends_at)},
        "Value": {"Value": code.pin},
    }


def _token_parameters(code: DoorCode, resource: Json) -> Json:
    return {
        "ServiceOrderId": code.booking_id,
        "CompanionshipId": None,
        "ResourceId": code.room_id,
        "Type": "PinCode",
        "Value": code.pin,
        "SerialNumber": code.key,
        "ValidityStartUtc": _seconds(code.starts_at),
        "ValidityEndUtc": _seconds(code.ends_at),
        "Permissions": {
            "Bed": {"Value": bool(resource.get("ParentResourceId"))},
            "Room": {"Value": True},
            "Floor": {"Value": False},
            "Building": {"Value": False},
        },
    }


def _seconds(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


class MewsDoorCodes(DoorCodes):
    def __init__(self, wire: MewsWire):
        self._wire = wire
        self._rights_denied: set[str] = set()

    def write(self, of: Property, codes: Mapping[str, Sequence[DoorCode]], how: str, /) -> AccessWritten:
        """Sources: Resource access tokens, Service order notes."""
        wanted, other = (Notes, Tokens) if how == "note" else (Tokens, Notes)
        writer = wanted(self._wire, of, codes)
        writer.run_instead_of(
            lambda added: other(self._wire, of, dict.fromkeys(added, ())), other.RIGHT, self._rights_denied
        )
        return AccessWritten(frozenset(writer.changed), writer.failed)
