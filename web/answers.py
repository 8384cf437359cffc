"""What the API answers, made of our own dataclasses: their types, and which of their fields programs see."""

from marshmallow import Schema, fields

from reconciler.booking_look import GrantLook
from reconciler.cards import CardState
from reconciler.costs_report import CostNumber, PropertyCosts
from reconciler.encoders import PropertyEncoder
from reconciler.lock_forecast import LateArrival, LockForecast, Unlicensed
from reconciler.locks_report import Battery, LockGuest, LockReport
from reconciler.readiness import Arrival
from reconciler.still_closed import Step, StillClosed
from reconciler.trends_report import BoundNumber, CauseNumber, DayTrend, Figures, PropertyTrend, TrendsReport
from reconciler.two_truths import AtDoor, Planned
from seam_workspace.existing import Unlocking
from store.accounts import Account
from store.alerts import Alert, Line
from store.costs import Cost
from store.entries import Entry
from store.history import Happened
from store.holds import HeldRevocation, Hold
from store.inbox import Attempt, Delivery
from store.lock_health import Cause
from store.locks import LocksSummary
from store.people import AuditEntry
from store.properties import KnownProperty
from store.runs import OutcomeRow, StoredRun
from store.spare_keys import SpareKey
from store.stays import Stay
from web import booking_history, overview
from web.schemas import ANSWERS, answer_of, fields_of

VERDICT = "will the door open? opens, shut, or unsure; only what Seam has confirmed opens"
CAUSE = "Seam's code, or a word of ours, that decides it; empty where nothing is wrong"
SENTENCE = "the verdict in words, times in the property's time zone"
RunSchema = ANSWERS[StoredRun] = answer_of(
    StoredRun,
    "run_id connection property_id mode started_at finished_at exit broken_off totals phase done total",
    "Run",
    mode="full, incremental, bookings, night_audit, approve",
    exit="0 all right, 1 something failed, 3 held",
    broken_off="why the PMS or Seam could not be read",
)
ItemSchema = ANSWERS[OutcomeRow] = answer_of(
    OutcomeRow,
    "kind key action outcome reason error label booking_id cause",
    "Item",
    label="initials and room",
    cause="drift or orphan, where it is not news",
)
HappenedSchema = answer_of(
    Happened,
    "at run_id connection",
    "Happened",
    {"item": fields.Nested(ItemSchema, required=True, attribute="row")},
)
StaySchema = ANSWERS[Stay] = answer_of(
    Stay,
    "connection booking_id property_id number label room status starts_at ends_at access reason",
    "Stay",
    label="initials and room; never a name",
)
ArrivalSchema = ANSWERS[Arrival] = answer_of(
    Arrival,
    "stay state why checked_at verdict cause sentence",
    "Arrival",
    state="works, will work, unsure, waiting, broken",
    verdict=VERDICT,
    cause=CAUSE,
    sentence=SENTENCE,
)
PropertySchema = ANSWERS[KnownProperty] = answer_of(KnownProperty, "connection property_id name time_zone", "Property")
LocksSummarySchema = ANSWERS[LocksSummary] = answer_of(
    LocksSummary, "locks placed undecided rooms without_door", "LocksSummary"
)
PropertyNowSchema = ANSWERS[overview.PropertyNow] = answer_of(
    overview.PropertyNow, "property last_run running today tomorrow in_house locks", "PropertyNow"
)
NeedSchema = ANSWERS[overview.Need] = answer_of(overview.Need, "at kind connection booking_id what why", "Need")
NowSchema = answer_of(overview.Now, "at in_step held waiting_deliveries properties needs", "Now")
MomentSchema = answer_of(booking_history.Moment, "at what detail run_id", "Moment")
HeldSchema = answer_of(
    HeldRevocation,
    "run_id connection held_at",
    "Held",
    fields_of(
        Hold,
        "key booking_id property_id reason in_doubt",
        within="hold",
        in_doubt="the PMS does not find the booking, nor most of the others: it is not believed",
    ),
)
DeliverySchema = answer_of(
    Delivery,
    "id source connection kind property_id received_at times attempts handled_at outcome note run_id",
    "Delivery",
)
AttemptSchema = answer_of(
    Attempt,
    "at last_at times outcome note run_id who",
    "Attempt",
    outcome="done, ignored, failed, put_off (it is tried again) or replayed (somebody asked for it once more)",
    times="as often, from at to last_at, it was put off for the same reason",
)


class DeliveryLookSchema(Schema):
    delivery = fields.Nested(DeliverySchema, required=True)
    payload = fields.Raw(
        required=True, allow_none=True, metadata={"description": "as it was sent, with what may be somebody's left out"}
    )
    attempts = fields.List(fields.Nested(AttemptSchema), required=True)


AlertSchema = answer_of(
    Alert,
    "id connection property_id kind subject text began_at ended_at acknowledged_at acknowledged_by assigned_to "
    "silenced_until silenced_by silenced_why",
    "Alert",
    property_id="empty: all of the connection",
    silenced_until="nobody is told of it before",
)
AlertLineSchema = answer_of(
    Line,
    "at what who note until",
    "AlertLine",
    what="began, told, told over, not told, acknowledged, assigned, silenced, ended",
    who="null: Night Porter itself",
    note="told or not: the channel; assigned: the user, null for nobody; silenced: why",
    until="silenced; null: no longer",
)
AuditEntrySchema = answer_of(AuditEntry, "id at who action connection target note", "AuditEntry")
AccountSchema = answer_of(
    Account,
    "account_id name trouble why remark holds at",
    "Account",
    trouble="Seam's codes; none when all is well",
    why="the trouble in words",
    remark="what is worth knowing while it works",
    holds="its devices, entrances and access systems, and what is wrong",
)


class MethodSchema(Schema):
    mode = fields.String(required=True)
    issued = fields.Boolean(required=True)
    trouble = fields.String(required=True)


class DoorSchema(Schema):
    name = fields.String(required=True)
    online = fields.Boolean(allow_none=True, metadata={"description": "null where the lock system does not say"})


GrantSchema = answer_of(
    GrantLook,
    "key starts_at ends_at rooms state why verdict cause sentence being_deleted",
    "Grant",
    {
        "methods": fields.List(fields.Nested(MethodSchema), required=True),
        "doors": fields.List(fields.Nested(DoorSchema), required=True),
    },
    verdict=VERDICT,
    cause=CAUSE,
    sentence=SENTENCE,
)


class LineSchema(Schema):
    name = fields.String(required=True)
    value = fields.String(required=True)


class SectionSchema(Schema):
    heading = fields.String(required=True)
    lines = fields.List(fields.Nested(LineSchema), required=True)


PlannedSchema = answer_of(
    Planned,
    "access starts_at ends_at rooms reason",
    "Planned",
    access="what was asked of Seam: granted, due, waiting, broken, none, live (it should be none), kept",
)
AtDoorSchema = answer_of(
    AtDoor,
    "state sentence until",
    "AtDoor",
    state="what the locks are known to hold: holds, not_yet, still_holds (it should be gone), shut, nothing, unknown",
    until="until when access that should be gone may open at the latest",
)


StepSchema = ANSWERS[Step] = answer_of(
    Step,
    "kind words button door_id room confirm",
    "Step",
    words="what it does, and when it helps",
    button="what a page's button says; null where it is done elsewhere",
    door_id="Seam's id of the lock that it is about",
    confirm="what has to be confirmed before",
)
StillClosedSchema = answer_of(
    StillClosed,
    "reason facts steps",
    "StillClosed",
    reason="why the door is closed, as far as it decides what to do",
    facts="what is known, the most telling first",
    steps="in their order: the first is what to do next",
)
UnlockingSchema = answer_of(
    Unlocking,
    "opened confirmed",
    "Unlocking",
    {"sentence": fields.String(required=True)},
    opened="null: nobody knows, for no answer came in time",
    confirmed="whether the lock itself has said so",
)


ANSWERS[LateArrival] = answer_of(
    LateArrival, "booking label start expected", "LateArrival", expected="when the lock has the PIN, at the latest"
)
ANSWERS[Unlicensed] = answer_of(Unlicensed, "booking label start", "Unlicensed")
LockForecastSchema = answer_of(
    LockForecast,
    "connection property_id door_id name slots used peak overflows_at of_others arrivals late licence unlicensed",
    "LockForecast",
    slots="how many PINs it holds at once; null where Seam does not say",
    used="ours that it holds now, at most",
    peak="the most of ours that it is to hold in the next two weeks",
    overflows_at="from when they, and those of others, are more than it holds",
    of_others="PINs on it that Seam does not manage",
    arrivals="within 24 hours",
    late="whose PIN may not be there before the stay begins: a lock takes ten a minute",
    unlicensed="where `licence` says something: of the next two weeks, whose access its system has not confirmed",
)
SpareKeySchema = answer_of(
    SpareKey,
    "connection property_id room state made_at ready_at shown_at shown_by booking_id reason valid_until used_at "
    "gone_at",
    "SpareKey",
    state="being made, ready, shown, used, gone",
    booking_id="for whom it was shown",
    valid_until="of one that was shown",
)


class ShownSpareKeySchema(Schema):
    room = fields.String(required=True)
    pin = fields.String(required=True)
    valid_until = fields.AwareDateTime(required=True)


EncoderSchema = answer_of(
    PropertyEncoder,
    "connection property_id encoder_id name system trouble",
    "Encoder",
    system="the name of its lock account",
    trouble="why it writes no cards; null where nothing is known against it",
)


class EncoderOfCardSchema(Schema):
    encoder_id = fields.String(required=True)
    name = fields.String(required=True)


class CardSchema(Schema):
    key = fields.String(required=True, metadata={"description": "whose card: the key of that person's access"})
    label = fields.String(required=True)
    state = fields.String(required=True, metadata={"enum": list(CardState)})
    sentence = fields.String(required=True, metadata={"description": "how it is, and why it cannot be encoded"})
    may_be_encoded = fields.Boolean(required=True)
    encoders = fields.List(
        fields.Nested(EncoderOfCardSchema), required=True, metadata={"description": "that can write it"}
    )


class CardEncodingSchema(Schema):
    id = fields.Integer(required=True)
    key = fields.String(required=True)
    encoder_id = fields.String(required=True)
    encoder = fields.String(required=True, metadata={"description": "its name"})
    asked_at = fields.AwareDateTime(required=True)
    ended_at = fields.AwareDateTime(required=True, allow_none=True)
    outcome = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "written, failed or unknown; null while it is under way"},
    )
    error = fields.String(
        required=True, allow_none=True, metadata={"description": "Seam's word for why it failed, or one of ours"}
    )
    sentence = fields.String(required=True, metadata={"description": "what came of it, and what to do"})


class BookingSchema(Schema):
    stay = fields.Nested(StaySchema, allow_none=True)
    state = fields.String(allow_none=True)
    why = fields.String(allow_none=True)
    verdict = fields.String(required=True, metadata={"description": VERDICT})
    cause = fields.String(required=True, metadata={"description": CAUSE})
    sentence = fields.String(required=True, metadata={"description": SENTENCE})
    planned = fields.Nested(PlannedSchema, required=True)
    at_door = fields.Nested(AtDoorSchema, required=True)
    still_closed = fields.Nested(
        StillClosedSchema,
        allow_none=True,
        metadata={"description": "what to do for whoever stands before a closed door; null where nobody does by now"},
    )
    first_entry = fields.AwareDateTime(
        allow_none=True, metadata={"description": "when its guest first opened a door, as far as Seam's events say"}
    )
    time_zone = fields.String(required=True)
    pms = fields.List(fields.Nested(SectionSchema), required=True)
    grants = fields.List(fields.Nested(GrantSchema), required=True)
    seam_trouble = fields.String(allow_none=True)
    history = fields.List(fields.Nested(MomentSchema), required=True)


class PinSchema(Schema):
    label = fields.String(required=True)
    pin = fields.String(required=True)


class PropertyLocksSchema(Schema):
    property = fields.Nested(PropertySchema, required=True)
    accounts = fields.List(fields.Nested(AccountSchema), required=True)
    locks = fields.Nested(LocksSummarySchema, required=True)


class LockSchema(Schema):
    door_id = fields.String(required=True)
    name = fields.String(required=True)
    system = fields.String(required=True)
    online = fields.Boolean(allow_none=True)
    state = fields.String(required=True, metadata={"description": "decided, sure, doubtful, no room, or nothing fits"})
    room_keys = fields.List(fields.String(), required=True)
    proposed_room_key = fields.String(allow_none=True)
    confidence = fields.Integer(allow_none=True)
    reason = fields.String(allow_none=True)


EntrySchema = answer_of(
    Entry,
    "event_id connection property_id door_id door kind method booking_id at",
    "Entry",
    event_id="Seam's",
    kind="opened or refused",
    method="in Seam's words: keycode, card, remote, manual, ...",
    booking_id="whose access it was; null where that is not known for certain",
)
LockHealthSchema = answer_of(
    LockReport,
    "connection property_id door_id name rooms state online online_since offline_since last_seen other_pins",
    "LockHealth",
    {
        "causes": fields.List(fields.Nested(answer_of(Cause, "code sentence since", "LockCause")), required=True),
        "battery": fields.Nested(
            answer_of(
                Battery,
                "level status days_left",
                "Battery",
                level="from 0 to 1",
                status="critical, low, good, full",
                days_left="until it is flat, by its trend of the last weeks",
            ),
            allow_none=True,
        ),
        "guests": fields.List(
            fields.Nested(answer_of(LockGuest, "booking label start end", "LockGuest", label="initials and room")),
            required=True,
        ),
    },
    state="good, warning, broken, unknown",
    online="null where the lock system does not say",
    last_seen="when Seam last spoke with it, as far as it says",
    other_pins="how many PINs are on it that Seam does not manage; null where nobody has asked",
)


CostsSchema = answer_of(
    PropertyCosts,
    "month connection property_id name currency amount forecast_amount",
    "Costs",
    {
        "counted_since": fields.Date(required=True),
        "costs": fields.List(
            fields.Nested(
                answer_of(
                    CostNumber,
                    "kind number forecast amount forecast_amount",
                    "Cost",
                    kind=", ".join(Cost),
                    forecast="at the end of the month; null of another month than this one",
                )
            ),
            required=True,
        ),
    },
    month="as 2026-11, of UTC",
    property_id="empty: of all properties of the connection together",
    currency="null where the settings have no prices; then there are no amounts either",
)


ANSWERS[CauseNumber] = answer_of(CauseNumber, "cause words number", "TrendCause", cause="why it was not ready")
ANSWERS[BoundNumber] = answer_of(
    BoundNumber, "seconds number", "TrendBound", number="changes that took no longer, and longer than the bound before"
)
ANSWERS[Figures] = answer_of(
    Figures,
    "arrivals ready not_ready causes changes p50 p99 bounds offline_hours",
    "TrendFigures",
    arrivals="that were due",
    ready="of which it was known, when they were due, that the door opens",
    changes="of access that locks had to be told at once, and have confirmed",
    p50="seconds within which half of the changes were at the door; 86401: more than a day; null: there was none",
    p99="the same of 99 in 100",
    offline_hours="of all locks together",
)
ANSWERS[DayTrend] = answer_of(DayTrend, "day figures", "TrendDay", day="of each property by its own clock")
ANSWERS[PropertyTrend] = answer_of(PropertyTrend, "connection property_id name figures", "TrendProperty")
TrendsSchema = answer_of(TrendsReport, "first last counted_since total days properties", "Trends")


class SentenceSchema(Schema):
    error = fields.String(required=True, metadata={"description": "a sentence: what is wrong, and what to do"})


class AcceptedSchema(Schema):
    accepted = fields.Boolean(required=True)
