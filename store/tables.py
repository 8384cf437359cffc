"""The tables, all in one file: what the database holds is read from top to bottom. Times are UTC. No guest's name,
contact or PIN is in any of them: keys, ids, hashes, times, outcomes."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    func,
)
from sqlalchemy.types import TypeDecorator, TypeEngine

from connectors.plain_text import plain

LONGEST_TEXT = 10_000
"""Of what has no length of its own."""


BEGINNINGS = {"number": "varchar_pattern_ops", "label": "varchar_pattern_ops"}
"""So that PostgreSQL answers by an index what begins with some letters, in whatever order its letters stand."""


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC without a zone so that SQLite and PostgreSQL hold the same thing."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        # A page reads twenty thousand: what SQLAlchemy puts together of several steps takes six times as long.
        return _from_text if dialect.name == "sqlite" else _in_utc


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(f"{value}+00:00")


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """Text for people to read, from wherever it comes: clean and not too long, on every database alike. No keys."""

    impl = Text
    cache_ok = True

    def __init__(self, length: int | None = None):
        super().__init__()
        self.length = length

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if self.length is None else String(self.length))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(plain(value, self.length or LONGEST_TEXT))


class Ids(TypeDecorator[frozenset[str]]):
    """A set of ids."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: frozenset[str] | None, dialect: Dialect) -> list[str] | None:
        return None if value is None else sorted(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> frozenset[str] | None:
        return None if value is None else frozenset(value)


def _line() -> list[Column[Any]]:
    """What a line of a report says: among `outcomes` as it happened, in `lasting` as long as it is so."""
    return [
        Column("kind", String(20), nullable=False),
        Column("key", String(255), nullable=False),
        Column("action", String(20), nullable=False),
        Column("outcome", String(20), nullable=False),
        Column("reason", Words(), nullable=False, default=""),
        Column("error", Words()),
        Column("label", Words(120)),
        Column("booking_id", String(128)),
    ]


metadata = MetaData()


def _table(name: str, *parts: Column[Any] | Index | UniqueConstraint) -> Table:
    return Table(name, metadata, *parts)


links = _table(
    "links",
    Column("connection", String(64), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("key", String(255), primary_key=True, comment="without the generation"),
    Column("seam_id", String(64), nullable=False),
    Column("generation", Integer, nullable=False, default=1, server_default="1"),
    Column("wanted_hash", String(32), comment="what the PMS asked for when this was last put right"),
    Column("made_hash", String(32), comment="what Seam was given, which is less where it refused a contact"),
    Column("property_id", String(128)),
    Column("booking_id", String(128)),
    Column("user_identity_key", String(255)),
    Column("ends_at", Instant, comment="grants: the end of access; identities: the end of the last stay"),
    Column("label", Words(120)),
    Column("changed_at", Instant, nullable=False),
    Column("starts_at", Instant, comment="grants: the start of access, as we last wrote it"),
    Column("space_ids", Ids, comment="grants: the Spaces that it is for, as we last gave or found them right"),
)
Index("links_by_booking", links.c.connection, links.c.booking_id)
Index("links_by_user", links.c.user_identity_key, links.c.connection)
Index("links_by_seam_id", links.c.seam_id)
Index("links_by_key", links.c.key)
Index("links_by_property", links.c.connection, links.c.property_id, links.c.kind)
Index("links_by_label", links.c.label, links.c.kind, postgresql_ops=BEGINNINGS)

runs = _table(
    "runs",
    Column("run_id", String(40), primary_key=True),
    Column("connection", String(64), nullable=False),
    Column("mode", String(20), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("exit", Integer),
    Column("totals", JSON(none_as_null=True)),
    Column("property_id", String(128), comment="of a run over one property only"),
    Column("broken_off", Words(), comment="why the PMS or Seam could not be read, if so"),
    Column("phase", Words(200), comment="what a running run is doing"),
    Column("done", Integer),
    Column("total", Integer),
    Column("turn", String(80), comment="in which it was made; none: in a connection's"),
    Column("said", JSON(none_as_null=True), comment="what its sentences were put together from, by name"),
)
Index("runs_by_start", runs.c.started_at)
Index("runs_by_end", runs.c.finished_at)
Index("runs_by_connection", runs.c.connection, runs.c.started_at)
Index("runs_by_exit", runs.c.exit, runs.c.started_at)

run_days = _table(
    "run_days",
    Column("day", Date, primary_key=True, comment="of the property, on which they began; of several zones, of UTC"),
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True, comment="empty: of runs over the whole connection"),
    Column("runs", Integer, nullable=False),
    Column("changes", Integer, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("broken_off", Integer, nullable=False),
)

status = _table(
    "status",
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True, comment="empty: of runs over the whole connection"),
    Column("last_run", String(40), nullable=False, comment="which began last, of those that have ended"),
    Column("last_started_at", Instant, nullable=False),
    Column("trouble", Words(), comment="why it broke off, if so"),
    Column("ended_run", String(40), nullable=False, comment="which ended last"),
    Column("ended_at", Instant, nullable=False),
    Column("sweep_started_at", Instant, comment="of the last over all that changed, or over everything"),
    Column("sweep_trouble", Words(), comment="why that broke off, if so"),
    Column("failures", Integer, nullable=False, comment="of those, in a row"),
    Column("good_started_at", Instant, comment="of the last of those that could read both sides"),
    Column("good_ended_at", Instant),
    Column("full_run", String(40), comment="the last over everything that could"),
    Column("full_started_at", Instant),
    Column("said", JSON(none_as_null=True), comment="what that was put together from"),
    Column("sweep_said", JSON(none_as_null=True), comment="what that was put together from"),
)
Index("status_by_end", status.c.ended_at)

outcomes = _table(
    "outcomes",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(40), ForeignKey("runs.run_id"), nullable=False),
    *_line(),
    Column("at", Instant, nullable=False),
    Column("cause", String(10), comment="drift: Seam differed from what we last made; orphan: gone in the PMS"),
    Column("said", JSON(none_as_null=True), comment="what the reason was put together from, and the error"),
)
Index("outcomes_by_cause", outcomes.c.cause, outcomes.c.at)
Index("outcomes_by_run", outcomes.c.run_id)
Index("outcomes_by_key", outcomes.c.key)
Index("outcomes_by_booking", outcomes.c.booking_id)

lasting = _table(
    "lasting",
    Column("connection", String(64), primary_key=True),
    Column("digest", String(32), primary_key=True, comment="of what the line says"),
    *_line(),
    Column("cause", String(10)),
    Column("since", Instant, nullable=False),
    Column("began_run", String(40), nullable=False, comment="which wrote it among its outcomes"),
    Column("seen_run", String(40), nullable=False, comment="which found it last"),
    Column("full_run", String(40), comment="the last one over everything that found it"),
    Column("said", JSON(none_as_null=True), comment="what the reason was put together from, and the error"),
)
Index("lasting_by_booking", lasting.c.connection, lasting.c.booking_id)
Index("lasting_by_run", lasting.c.seen_run)
Index("lasting_by_full_run", lasting.c.full_run)

cursors = _table(
    "cursors",
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True),
    Column("read_until", Instant, nullable=False, comment="changes in the PMS before this instant are dealt with"),
    Column(
        "loses_rows",
        Boolean,
        nullable=False,
        server_default=false(),
        comment="the last full run found that the PMS's lists leave out what it has",
    ),
)

queue = _table(
    "queue",
    Column("connection", String(64), primary_key=True, comment="empty: nobody knows yet whose it is"),
    Column("kind", String(20), primary_key=True, comment="what is to be done (store.queue.TaskKind)"),
    Column("subject", String(255), primary_key=True, comment="about what: an id"),
    Column("property_id", String(128), nullable=False, comment="empty: the whole connection"),
    Column("not_before", Instant, nullable=False),
    Column("attempts", Integer, nullable=False, comment="in vain, in a row; an outage of the other side is none"),
    Column("why", Words(), comment="why it was put off"),
    Column("enqueued_at", Instant, nullable=False),
    Column("taken_by", String(64), comment="none: free"),
    Column("taken_at", Instant),
)
Index("queue_by_time", queue.c.kind, queue.c.not_before)
Index("queue_by_connection", queue.c.connection, queue.c.kind, queue.c.not_before)

steps = _table(
    "steps",
    Column("connection", String(64), primary_key=True),
    Column("booking_id", String(128), primary_key=True),
    Column("property_id", String(128), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("doing", Words(200), nullable=False, comment="empty: nothing, but what was begun is tried again"),
    Column("started_at", Instant, nullable=False),
    Column("sealed", Text, comment="PINs of people who are being moved, encrypted; gone with the step"),
)

holds = _table(
    "holds",
    Column("run_id", String(40), ForeignKey("runs.run_id"), primary_key=True),
    Column("key", String(255), primary_key=True, comment="the grant's key, with its generation"),
    Column("connection", String(64), nullable=False),
    Column("property_id", String(128), nullable=False),
    Column("booking_id", String(128), nullable=False),
    Column("reason", Words(), nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("by_absence", Boolean, nullable=False, server_default=false(), comment="the PMS does not have the booking"),
    Column("in_doubt", Boolean, nullable=False, server_default=false(), comment="nor much else: it is not believed"),
    Column("kept_at", Instant, comment="when somebody decided that the access stays"),
    Column("kept_by", String(80)),
    Column("kept_why", Words()),
    Column("said", JSON(none_as_null=True), comment="what the reason was put together from"),
)
Index("holds_by_connection", holds.c.connection, holds.c.settled_at)

revocations = _table(
    "revocations",
    Column("connection", String(64), primary_key=True),
    Column("key", String(255), primary_key=True, comment="the grant's key, with its generation"),
    Column("property_id", String(128), nullable=False),
    Column("reservation", String(128), nullable=False),
    Column("by_absence", Boolean, nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("at", Instant, nullable=False, comment="what the safety limit counts; kept for two days"),
)

key_prefixes = _table(
    "key_prefixes",
    Column("connection", String(64), primary_key=True),
    Column("prefix", String(128), nullable=False),
    Column("folded", String(128), nullable=False, comment="without letter case"),
    Column("seen_at", Instant, nullable=False, comment="when it was last in use, roughly"),
    Column("workspace", String(64), nullable=False, default="", server_default="", comment="Seam's, by our name"),
    UniqueConstraint("workspace", "folded", name="key_prefixes_of_workspaces"),
)

turns = _table(
    "turns",
    Column("name", String(128), primary_key=True),
    Column("number", Integer, nullable=False, comment="rises with each taker"),
    Column("holder", String(32), nullable=False, comment="empty: given back"),
    Column("renewals", Integer, nullable=False),
    Column("expires_at", Instant, nullable=False, comment="by the database's clock"),
)

readings = _table(
    "readings",
    Column("connection", String(64), primary_key=True),
    Column("kind", String(20), primary_key=True, comment="booking, or user_identity"),
    Column("key", String(255), primary_key=True),
    Column("turn", BigInteger().with_variant(Integer, "sqlite"), nullable=False),
    Column("read_at", Instant, nullable=False, comment="when the reading began that was acted upon"),
)

account_state = _table(
    "account_state",
    Column("digest", String(64), primary_key=True, comment="of what it is, and of the account"),
    Column("kind", String(10), nullable=False, comment="token (encrypted), memory, limit"),
    Column("value", Text, nullable=False),
    Column("noted_at", Instant, nullable=False),
)

properties = _table(
    "properties",
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True),
    Column("name", Words(200), nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("seen_at", Instant, nullable=False),
)
Index("properties_by_time", properties.c.connection, properties.c.seen_at)

stays = _table(
    "stays",
    Column("connection", String(64), primary_key=True),
    Column("booking_id", String(128), primary_key=True),
    Column("property_id", String(128), nullable=False),
    Column("number", Words(64), nullable=False),
    Column("label", Words(120), nullable=False, comment="initials and room"),
    Column("room", Words(120)),
    Column("status", String(20), nullable=False),
    Column("starts_at", Instant),
    Column("ends_at", Instant),
    Column("access", String(12), nullable=False, comment="granted, due, waiting, broken, none, live, kept"),
    Column("reason", Words(), nullable=False),
    Column("grants", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("surnames", Text, nullable=False, server_default="", comment="of its guests, as keyed hashes"),
    Column("due_at", Instant, comment="when its arrival is to be counted; none: it is, or never will be"),
    Column(
        "on_its_way_since",
        Instant,
        comment="since when a change is on its way to the lock; none: it is there, or is not measured",
    ),
    Column("said", JSON(none_as_null=True), comment="what the reason was put together from"),
)
Index("stays_by_due", stays.c.connection, stays.c.due_at)
Index("stays_by_start", stays.c.starts_at)
Index("stays_by_property", stays.c.connection, stays.c.property_id, stays.c.starts_at)
Index("stays_by_room", stays.c.room, stays.c.connection)
Index("stays_by_number", stays.c.number, postgresql_ops=BEGINNINGS)
Index("stays_by_label", stays.c.label, postgresql_ops=BEGINNINGS)
Index("stays_by_booking", stays.c.booking_id)

stay_rooms = _table(
    "stay_rooms",
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True),
    Column("room", Words(120), primary_key=True, comment="that some stay was in, as it was named"),
    Column("folded", Words(360), nullable=False, comment="the same as words are looked for in it"),
)

surnames = _table(
    "surnames",
    Column("hash", String(24), primary_key=True, comment="keyed; another one at each property"),
    Column("connection", String(64), primary_key=True),
    Column("booking_id", String(128), primary_key=True),
)
Index("surnames_by_booking", surnames.c.connection, surnames.c.booking_id)

health = _table(
    "health",
    Column("connection", String(64), primary_key=True),
    Column("key", String(255), primary_key=True, comment="the grant's, without its generation"),
    Column("booking_id", String(128), nullable=False),
    Column("seam_id", String(64), nullable=False),
    Column("state", String(12), nullable=False, comment="issued, issuing, failed"),
    Column("why", Words(), nullable=False),
    Column("doors", JSON(none_as_null=True), comment="name and whether it is online; none: not looked up yet"),
    Column("at", Instant, nullable=False),
    Column("since", Instant, comment="since when it is in this state, however often it was asked for"),
    Column("verdict", String(8), comment="opens, shut or unsure; none: as the state has it"),
    Column("cause", String(80), nullable=False, default="", server_default="", comment="Seam's code that decides it"),
    Column("said", JSON(none_as_null=True), comment="what it was put together from"),
)
Index("health_by_booking", health.c.booking_id, health.c.connection)

accounts = _table(
    "accounts",
    Column("connection", String(64), primary_key=True),
    Column("account_id", String(64), primary_key=True),
    Column("property_id", String(128), nullable=False),
    Column("name", Words(200), nullable=False),
    Column("trouble", Words(), comment="why it does not work; empty when it does"),
    Column("at", Instant, nullable=False),
    Column("remark", Words(), comment="what is worth knowing while it works"),
    Column("holds", JSON(none_as_null=True), comment="its access systems, and how many devices and entrances"),
)

inbox = _table(
    "inbox",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("source", String(10), nullable=False, comment="pms, seam, staff"),
    Column("connection", String(64), comment="none: not yet known, of Seam's events"),
    Column("event_id", String(128), nullable=False, comment="the sender's, or a digest"),
    Column("waiting_as", String(220), unique=True, comment="none once it is acted upon: news of the same may come"),
    Column("kind", String(80), nullable=False),
    Column("property_id", String(128)),
    Column("subjects", JSON, nullable=False, comment="ids by kind"),
    Column("received_at", Instant, nullable=False),
    Column("times", Integer, nullable=False, default=1, server_default="1", comment="deliveries of the same"),
    Column("attempts", Integer, nullable=False, default=0, server_default="0", comment="how often it was acted upon"),
    Column("begun_at", Instant),
    Column("handled_at", Instant),
    Column("outcome", String(10), comment="done, ignored, failed"),
    Column("note", Words()),
    Column("run_id", String(40)),
    Column("payload", JSON(none_as_null=True), comment="what was sent, without people and secrets, cut"),
    Column("said", JSON(none_as_null=True), comment="what the note was put together from"),
)
Index("inbox_waiting", inbox.c.handled_at, inbox.c.connection)
Index("inbox_by_time", inbox.c.received_at)
Index("inbox_by_kind", inbox.c.kind, inbox.c.id)
Index("inbox_by_connection", inbox.c.connection, inbox.c.id)

inbox_attempts = _table(
    "inbox_attempts",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("delivery_id", Integer, nullable=False),
    Column("at", Instant, nullable=False, comment="the first of so many that ended alike"),
    Column("last_at", Instant, nullable=False),
    Column("times", Integer, nullable=False),
    Column("outcome", String(10), nullable=False, comment="done, ignored, failed, put_off or replayed"),
    Column("note", Words()),
    Column("run_id", String(40)),
    Column("who", String(80), comment="replayed: by whom"),
    Column("said", JSON(none_as_null=True), comment="what the note was put together from"),
)
Index("inbox_attempts_of_deliveries", inbox_attempts.c.delivery_id)

jobs = _table(
    "jobs",
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True, comment="empty: the whole connection"),
    Column("name", String(20), primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("good_at", Instant, comment="when it last ended well"),
    Column("failures", Integer, nullable=False, default=0, server_default="0", comment="in a row"),
    Column("trouble", Words()),
    Column("said", JSON(none_as_null=True), comment="what that was put together from"),
)

alerts = _table(
    "alerts",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("connection", String(64), nullable=False),
    Column("kind", String(20), nullable=False, comment="booking, connection, held, account"),
    Column("subject", String(255), nullable=False, comment="what it is about: an id"),
    Column("open_as", String(350), unique=True, comment="none once it has ended"),
    Column("text", Text, nullable=False),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("property_id", String(128), nullable=False, server_default="", comment="empty: all of the connection"),
    Column("acknowledged_at", Instant),
    Column("acknowledged_by", String(80)),
    Column("assigned_to", String(64), comment="a user"),
    Column("silenced_until", Instant, comment="no channel tells of it before"),
    Column("silenced_by", String(80)),
    Column("silenced_why", Words()),
    Column("said", JSON(none_as_null=True), comment="what the text was put together from"),
)
Index("alerts_by_end", alerts.c.ended_at)
Index("alerts_by_kind", alerts.c.kind, alerts.c.id)
Index("alerts_by_connection", alerts.c.connection, alerts.c.id)

alert_history = _table(
    "alert_history",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("alert_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", String(20), nullable=False, comment="see store.alerts.Did"),
    Column("who", String(80), comment="none: Night Porter itself"),
    Column("note", Words(), comment="a channel, a user, why"),
    Column("until", Instant, comment="silenced; none: no longer"),
)
Index("alert_history_of_alerts", alert_history.c.alert_id)

users = _table(
    "users",
    Column("name", String(64), primary_key=True),
    Column("password_hash", String(200), nullable=False),
    Column("role", String(10), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False, server_default=false()),
    Column("generation", Integer, nullable=False, default=1, server_default="1", comment="older sessions are void"),
    Column("second_factor", Text, comment="the secret of an app that shows codes, encrypted; none: password alone"),
    Column(
        "second_factor_step", Integer, nullable=False, default=0, server_default="0", comment="of the last code used"
    ),
    Column("subject", String(64), comment="digest of who she is at the provider; none: signs in here"),
    Column("language", String(8), comment="of the pages, as she has chosen; none: as her browser asks for"),
)
Index("users_by_subject", users.c.subject, unique=True)

sessions = _table(
    "sessions",
    Column("digest", String(64), primary_key=True),
    Column("user", String(64), nullable=False),
    Column("generation", Integer, nullable=False, comment="of the user when it began"),
    Column("began_at", Instant, nullable=False),
    Column("until", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False, comment="within a minute"),
)
Index("sessions_of_users", sessions.c.user)

tokens = _table(
    "tokens",
    Column("name", String(64), primary_key=True),
    Column("digest", String(64), nullable=False, unique=True, comment="SHA-256; the token itself is shown once"),
    Column("role", String(10), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("used_at", Instant),
    Column("revoked_at", Instant),
)

memberships = _table(
    "memberships",
    Column("who", String(80), primary_key=True, comment="a user, or `token ` and a token's name"),
    Column("organisation", String(64), primary_key=True, comment="all connections of it; or empty"),
    Column("place", String(64), primary_key=True, comment="a connection; or empty"),
    Column("property_of_place", String(128), primary_key=True, comment="one property of it; or empty"),
    Column("role", String(10), nullable=False),
    Column("created_at", Instant, nullable=False),
)

audit_log = _table(
    "audit_log",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("who", String(80), nullable=False),
    Column("action", String(40), nullable=False),
    Column("connection", String(64)),
    Column("target", String(255)),
    Column("note", Words()),
    Column("said", JSON(none_as_null=True), comment="what the note was put together from"),
)
Index("audit_log_by_time", audit_log.c.at)
Index("audit_log_by_who", audit_log.c.who, audit_log.c.id)
Index("audit_log_by_connection", audit_log.c.connection, audit_log.c.id)

doors = _table(
    "doors",
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True),
    Column("door_id", String(64), primary_key=True),
    Column("name", Words(200), nullable=False),
    Column("system", String(200), nullable=False, comment="the lock system that it came with"),
    Column("online", Boolean, comment="none: the lock system does not say"),
    Column("room_keys", JSON, nullable=False, comment="keys of the Spaces that it is in, as Seam last said"),
    Column("seen_at", Instant, nullable=False),
)
Index("doors_by_name", func.lower(doors.c.name))

pending_revocations = _table(
    "pending_revocations",
    Column("connection", String(64), primary_key=True),
    Column("seam_id", String(200), primary_key=True, comment="the grant that was deleted"),
    Column("key", String(1000), nullable=False),
    Column("booking_id", String(255), nullable=False, index=True),
    Column("property_id", String(128), nullable=False),
    Column("rooms", JSON, nullable=False, comment="names of the Spaces that it opened"),
    Column("space_ids", JSON, nullable=False),
    Column("ends_at", Instant, comment="when it ends by itself; none: never"),
    Column("since", Instant, nullable=False, comment="when it was deleted"),
    Column("looked_at", Instant, comment="when Seam last said that it is still there"),
)

entries = _table(
    "entries",
    Column("event_id", String(128), primary_key=True, comment="Seam's"),
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), nullable=False),
    Column("door_id", String(64), nullable=False),
    Column("door", Words(200), nullable=False, comment="the lock's name"),
    Column("kind", String(10), nullable=False, comment="opened or refused"),
    Column("method", String(20), nullable=False),
    Column("booking_id", String(255), comment="whose access it was; none: not known for certain"),
    Column("at", Instant, nullable=False),
    Column("code_id", String(64), comment="Seam's id of the PIN that it was, where the event names it"),
    Column("named", Boolean, nullable=False, default=False, server_default=false(), comment="the event says whose"),
    Index("entries_of_bookings", "connection", "booking_id"),
    Index("entries_of_doors", "connection", "door_id", "at"),
)

lock_health = _table(
    "lock_health",
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True),
    Column("door_id", String(64), primary_key=True),
    Column("name", Words(200), nullable=False),
    Column("rooms", JSON, nullable=False, comment="names of the Spaces that it is in"),
    Column("space_ids", JSON, nullable=False, comment="Seam's ids of them"),
    Column("state", String(10), nullable=False, comment="broken, warning, unknown or good"),
    Column("causes", JSON, nullable=False, comment="[code, sentence, since], the gravest first"),
    Column("battery_level", Float, comment="from 0 to 1"),
    Column("battery_status", String(10), comment="critical, low, good or full"),
    Column("days_left", Integer, comment="until the battery is flat, by its trend"),
    Column("readings", JSON, nullable=False, comment="[day, level] of the battery"),
    Column("online", Boolean, comment="none: the lock system does not say"),
    Column("online_changed_at", Instant, nullable=False),
    Column("last_seen_at", Instant, comment="when Seam last spoke with it"),
    Column("told", JSON, nullable=False, comment="what only an event has said, and when"),
    Column("looked_at", Instant, nullable=False),
    Column("can_unlock", Boolean, nullable=False, default=False, server_default=false(), comment="from afar"),
    Column("slots", Integer, comment="how many PINs it holds at once"),
    Column("said", JSON(none_as_null=True), comment="what the sentences of the causes were put together from"),
    Column("other_pins", Integer, comment="PINs on it that Seam does not manage"),
    Column("pins_asked_at", Instant, comment="when Seam was asked for them"),
    Column("changed_at", Instant, comment="when it last changed for its guests"),
    Index("lock_health_by_state", "state"),
    Index("lock_health_by_property", "connection", "property_id", "state", "looked_at"),
)

check_ins = _table(
    "check_ins",
    Column("connection", String(64), primary_key=True),
    Column("booking_id", String(128), primary_key=True),
    Column("told_at", Instant, comment="when the PMS took it, or had it already"),
    Column("trouble", Words()),
    Column("retry_at", Instant, comment="none: not to be tried again"),
    Column("at", Instant, nullable=False),
    Column("said", JSON(none_as_null=True), comment="what that was put together from"),
)

spare_keys = _table(
    "spare_keys",
    Column("connection", String(64), primary_key=True),
    Column("seam_id", String(64), primary_key=True, comment="its grant's; never the PIN"),
    Column("property_id", String(128), nullable=False),
    Column("room", Words(200), nullable=False, comment="the Space's name"),
    Column("space_id", String(64), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("ready_at", Instant, comment="when its lock was known to have it"),
    Column("code_ids", JSON, nullable=False, comment="Seam's ids of its codes in the locks"),
    Column("shown_at", Instant),
    Column("shown_by", String(80)),
    Column("booking_id", String(255), comment="for whom it was shown"),
    Column("reason", Words(), comment="why, in the words of whoever asked"),
    Column("valid_until", Instant, comment="of one that was shown"),
    Column("used_at", Instant),
    Column("gone_at", Instant, comment="when it was taken away"),
)
Index("spare_keys_of_properties", spare_keys.c.connection, spare_keys.c.property_id)

pin_marks = _table(
    "pin_marks",
    Column("connection", String(64), primary_key=True),
    Column("grant_id", String(64), primary_key=True, comment="Seam's"),
    Column("key", String(255), nullable=False, comment="the grant's, without its generation"),
    Column("booking_id", String(128), nullable=False),
    Column("person", String(255), nullable=False, comment="the key of her identity"),
    Column("space_ids", Ids, nullable=False),
    Column("mark", String(24), comment="of the PIN; none: Seam has not told it yet"),
    Column("is_of_another", Boolean, nullable=False, comment="another one is to be made"),
    Column("gone_at", Instant, comment="since when the grant is known to be gone"),
)
Index("pin_marks_alike", pin_marks.c.connection, pin_marks.c.mark)
Index("pin_marks_of_others", pin_marks.c.connection, pin_marks.c.is_of_another)

dealt_with = _table(
    "dealt_with",
    Column("connection", String(64), primary_key=True),
    Column("booking_id", String(128), primary_key=True),
    Column("property_id", String(128), nullable=False, comment="in which it was brought in step last"),
    Column("digest", String(64), nullable=False, comment="of its record, and of how; empty: not in step"),
    Column("at", Instant, nullable=False),
)
Index("dealt_with_by_time", dealt_with.c.connection, dealt_with.c.at)

card_encodings = _table(
    "card_encodings",
    Column("id", Integer, primary_key=True),
    Column("connection", String(64), nullable=False),
    Column("property_id", String(128), nullable=False),
    Column("booking_id", String(255), nullable=False),
    Column("key", String(255), nullable=False, comment="the grant's, without its generation"),
    Column("seam_id", String(64), nullable=False, comment="the grant's"),
    Column("method_id", String(64), nullable=False, comment="the access method's; never the card's number"),
    Column("room", Words(200), nullable=False),
    Column("encoder_id", String(64), nullable=False),
    Column("encoder", Words(200), nullable=False, comment="its name"),
    Column("who", String(80), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("attempt_id", String(64), comment="Seam's id of the order"),
    Column("ended_at", Instant),
    Column("outcome", String(10), comment="written, failed or unknown"),
    Column("error", String(80), comment="Seam's word for why it failed"),
    Column("why", Words(), comment="the same in Seam's words"),
    Column("taken", String(64), comment="the encoder, while it is under way: no other order has it then"),
)
Index("cards_of_bookings", card_encodings.c.connection, card_encodings.c.booking_id)
Index("one_card_at_a_time", card_encodings.c.taken, unique=True)

placements = _table(
    "placements",
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True),
    Column("door_id", String(64), primary_key=True),
    Column("room_key", String(255), primary_key=True, comment="empty: it belongs to no room"),
    Column("decided_by", String(10), nullable=False, comment="match, person, file or seam"),
    Column("who", String(80)),
    Column("at", Instant, nullable=False),
)

handed_over = _table(
    "handed_over",
    Column("connection", String(64), primary_key=True),
    Column("key", String(255), primary_key=True, comment="a grant's, without its generation"),
    Column("property_id", String(128), nullable=False),
    Column("booking_id", String(128), nullable=False),
    Column("mark", String(64), comment="of the grant, room and window that the PMS was told of; none: not yet"),
    Column("trouble", Words()),
    Column("at", Instant, nullable=False),
    Column("ends_at", Instant, comment="when access ends; none: open-ended"),
    Column("said", JSON(none_as_null=True), comment="what that was put together from"),
)
Index("handed_over_by_booking", handed_over.c.connection, handed_over.c.booking_id)
Index("handed_over_by_end", handed_over.c.connection, handed_over.c.property_id, handed_over.c.ends_at)

under_way = _table(
    "under_way",
    Column("connection", String(64), primary_key=True),
    Column("turn", String(80), primary_key=True, comment="whose it is"),
    Column("key", String(255), primary_key=True, comment="a reservation; of an urgent run, its mark"),
    Column("number", Integer, nullable=False, comment="of the turn: of one that is over, it does not count"),
)

engine_migrations = _table(
    "engine_migrations",
    Column("name", String(200), primary_key=True, comment="a file of Procrastinate's"),
    Column("applied_at", Instant, nullable=False),
)

secrets = _table(
    "secrets",
    Column("name", String(64), primary_key=True),
    Column("value", String(200), nullable=False, comment="made by Night Porter itself: what signs its sessions"),
)

connections = _table(
    "connections",
    Column("name", String(64), primary_key=True),
    Column("connector", String(64), nullable=False),
    Column("settings", JSON, nullable=False, comment="as the settings file has them, without the secrets"),
    Column("secrets", Text, nullable=False, comment="encrypted, by the path of each in the settings"),
    Column("state", String(20), nullable=False, comment="active, watch, paused, refused or removed"),
    Column("state_reason", Words(), nullable=False, default="", server_default=""),
    Column("state_by", String(80), nullable=False, default="", server_default=""),
    Column("state_since", Instant, nullable=False),
    Column("state_until", Instant, comment="paused: when that ends by itself"),
    Column("created_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, comment="rises with each change by somebody"),
    Column("change", Integer, nullable=False, comment="of the whole configuration, by which this row was last changed"),
    Column("said", JSON(none_as_null=True), comment="what the reason was put together from"),
)
Index("connections_by_change", connections.c.change)

policies = _table(
    "policies",
    Column("name", String(64), primary_key=True),
    Column("settings", JSON, nullable=False, comment="as the settings file has them"),
    Column("changed_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("change", Integer, nullable=False),
)

policy_changes = _table(
    "policy_changes",
    Column("policy", String(64), primary_key=True),
    Column("settings", JSON, nullable=False, comment="what is to change, as the settings file has it"),
    Column("state", String(12), nullable=False),
    Column("who", String(80), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("limits", JSON, nullable=False, comment="of a roll-out"),
    Column("wave", JSON, nullable=False, comment="connections whose first run with it is waited for"),
    Column("wave_at", Instant),
    Column("seen", JSON, nullable=False, comment="what came of it so far"),
    Column("note", Words(), comment="why it stopped"),
)

workspaces = _table(
    "workspaces",
    Column("name", String(64), primary_key=True),
    Column("endpoint", String(255), nullable=False),
    Column("secrets", Text, nullable=False, comment="its API key and the secret of its webhooks, encrypted"),
    Column("changed_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    Column("change", Integer, nullable=False),
)

configuration = _table(
    "configuration",
    Column("id", Integer, primary_key=True, autoincrement=False, comment="1: there is one row"),
    Column("change", Integer, nullable=False, comment="rises with every change of a connection, policy or workspace"),
)

organisations_of_file = _table(
    "organisations_of_file",
    Column("connection", String(64), primary_key=True),
    Column("organisation", String(64), nullable=False, comment="as the settings file has it; or empty"),
)

receivers = _table(
    "receivers",
    Column("id", String(40), primary_key=True),
    Column("name", String(64), nullable=False, unique=True),
    Column("organisation", String(64), nullable=False, default="", server_default="", comment="whose it is"),
    Column("kinds", JSON, nullable=False, comment="of events; none: all"),
    Column("connections", JSON, nullable=False, comment="none: all"),
    Column("properties", JSON, nullable=False, comment="the PMS's ids; none: all"),
    Column("secrets", Text, nullable=False, comment="its address and what signs, encrypted"),
    Column("state", String(10), nullable=False, comment="active or paused"),
    Column("state_reason", Words(), nullable=False, default="", server_default=""),
    Column("failures", Integer, nullable=False, comment="in a row"),
    Column("failing_since", Instant),
    Column("rests_until", Instant, comment="nothing is sent before"),
    Column("created_at", Instant, nullable=False),
)

outgoing_events = _table(
    "outgoing_events",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("message_id", String(40), nullable=False, unique=True),
    Column("kind", String(30), nullable=False),
    Column("connection", String(64), nullable=False),
    Column("property_id", String(128), nullable=False),
    Column("subject", String(255), nullable=False, comment="a booking, a lock: in order of its own"),
    Column("data", JSON, nullable=False),
    Column("at", Instant, nullable=False),
)
Index("outgoing_events_by_time", outgoing_events.c.at)

sendings = _table(
    "sendings",
    Column("receiver_id", String(40), primary_key=True),
    Column("event_id", Integer, primary_key=True, autoincrement=False),
    Column("subject", String(320), nullable=False, comment="connection/subject"),
    Column("state", String(10), nullable=False, comment="waiting, sent or given_up"),
    Column("attempts", Integer, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("trouble", Words()),
    Column("replayed_at", Instant),
)
Index("sendings_due", sendings.c.receiver_id, sendings.c.state, sendings.c.not_before)
Index("sendings_in_order", sendings.c.receiver_id, sendings.c.subject, sendings.c.state, sendings.c.event_id)

send_attempts = _table(
    "send_attempts",
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("receiver_id", String(40), nullable=False),
    Column("event_id", Integer, nullable=False),
    Column("at", Instant, nullable=False),
    Column("status", Integer, comment="of HTTP; none: no answer"),
    Column("milliseconds", Integer, nullable=False),
    Column("trouble", Words()),
)
Index("send_attempts_of_receivers", send_attempts.c.receiver_id, send_attempts.c.id)
Index("send_attempts_of_events", send_attempts.c.event_id)

costs = _table(
    "costs",
    Column("day", Date, primary_key=True, comment="of UTC"),
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True, comment="empty: for all of the connection together"),
    Column("kind", String(20), primary_key=True, comment="what is counted"),
    Column("number", BigInteger, nullable=False),
)
Index("costs_by_property", costs.c.connection, costs.c.property_id, costs.c.day)

trends = _table(
    "trends",
    Column("day", Date, primary_key=True, comment="of the property's time zone"),
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True),
    Column("figure", String(20), primary_key=True, comment="what is counted"),
    Column("detail", String(80), primary_key=True, comment="a cause, or a bound in seconds"),
    Column("number", BigInteger, nullable=False),
)
# With all that is summed up, in the order in which it is: a report of many properties reads nothing else.
_SUMMED = ("connection", "property_id", "figure", "detail", "day", "number")
Index("trends_by_property", *(trends.c[name] for name in _SUMMED))
