"""What templates may use: times in words, and what every page shows."""

from datetime import UTC, datetime
from typing import Any, cast

from flask import Flask, g, get_flashed_messages, request
from markupsafe import Markup

from connectors.wording import counted
from mappers.sentences import named, people, say
from mappers.stay_window import local, zone
from mappers.told_status import status_said
from reconciler.trends_report import within
from store.holds import Holds
from web import booking_history, languages, overview
from web.access import caller, known_properties, web_context, zone_of_all
from web.audit_words import actor_words
from web.comparison import LABELS, compared
from web.languages import gettext as _
from web.lists import places_to_choose


def register_words(app: Flask) -> None:
    """What templates may use."""

    @app.template_filter("there")
    def there(instant: datetime, time_zone: str = "UTC") -> str:
        """An instant in a property's time: "23 Sep 11:00", with its year where that is another one."""
        return local(instant, time_zone, web_context().clock())

    @app.template_filter("near")
    def near(instant: datetime, time_zone: str = "UTC") -> str:
        """ "23:10" of today; "Thu 14:00" of the days around it; else "23 Sep 11:00"; in a property's time."""
        there = zone(time_zone) or UTC
        now, then = web_context().clock().astimezone(there), instant.astimezone(there)
        days = (then.date() - now.date()).days
        if days == 0:
            return f"{then:%H:%M}"
        if -2 < days < 6:
            return f"{languages.date(instant, time_zone, 'EEE')} {then:%H:%M}"
        return local(instant, time_zone, now)

    @app.template_filter("day")
    def day(instant: datetime, time_zone: str = "UTC") -> str:
        """ "Sat 28 Nov 2026", in a property's time."""
        there = instant.astimezone(zone(time_zone) or UTC)
        if languages.language() == "en":
            return f"{there:%a} {there.day} {there:%b %Y}"
        return languages.date(instant, time_zone, "yMMMEd")

    @app.template_filter("seconds")
    def seconds(instant: datetime, time_zone: str = "UTC") -> str:
        """ "22:51:48", in a property's time."""
        return f"{instant.astimezone(zone(time_zone) or UTC):%H:%M:%S}"

    app.template_global("compared")(compared)
    app.template_global("actor_words")(actor_words)
    app.template_global("places_to_choose")(places_to_choose)

    @app.template_filter("without")
    def without(label: str, room: str | None) -> str:
        """A guest's label without the room that stands beside it: "J.N." of "J.N. 101"; "nobody named" where a
        booking names nobody."""
        return label.removesuffix(room or "").rstrip(" ,") or say("nobody named")

    @app.template_global("pms_words")
    def pms_words(connector: str) -> str:
        """What a connector's PMS is called."""
        return {"files": _("Files"), "ical": "iCal"}.get(connector, connector.capitalize())

    @app.template_filter("stamp")
    def stamp(instant: datetime, time_zone: str = "UTC") -> str:
        """An instant in a property's time, to the second: "23 Sep 11:00:05"."""
        return f"{languages.in_words(local(instant, time_zone, web_context().clock()))}:{instant:%S}"

    app.template_global("zone_of_all")(zone_of_all)

    @app.template_global("window")
    def window(starts_at: datetime | None, ends_at: datetime | None, time_zone: str) -> str:
        """From when until when, in a property's time: "23 Sep 15:00 to 25 Sep 11:00", "from 1 Oct 2025 00:00, without
        an end"."""
        now = web_context().clock()
        if starts_at is None and ends_at is None:
            return say("no dates that can be used")
        begins = local(starts_at, time_zone, now) if starts_at is not None else say("an unknown moment")
        if ends_at is None:
            return say("from {begins}, without an end", begins=begins)
        return say("{begins} to {ends}", begins=begins, ends=local(ends_at, time_zone, now))

    @app.template_global("told")
    def told() -> list[tuple[str, str]]:
        """What is to be said to whoever sent the last form, each with its colour; said once. A page that reads itself
        anew in the background (`live.js`) shows none of it, and leaves it for the page that she is waiting for."""
        if request.headers.get("X-Requested-With") == "fetch":
            return []
        return cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))

    @app.template_global("person_of")
    def person_of(connection: str | None = None) -> str:
        """What whoever stays there is called: `guest` or `tenant`; `person` where a page shows several connections
        that do not agree."""
        found = web_context().connections
        if connection is not None:
            return found[connection].policy.person if connection in found else "person"
        if "person_of_all" not in g:
            names = {one.policy.person for one in found.values()}
            g.person_of_all = names.pop() if len(names) == 1 else "person"
        return cast("str", g.person_of_all)

    @app.template_global("status_words")
    def status_words(status: str) -> str:
        """ "in house", in the reader's language."""
        return str(languages.in_words(status_said(status)))

    app.template_filter("of_month")(languages.of_month)
    app.template_filter("month")(languages.month)
    app.template_filter("capital")(languages.capital)
    app.template_filter("sentence")(languages.sentence)
    app.template_global("people")(people)
    app.template_global("named")(named)
    app.template_global("within")(within)
    app.template_global("role_words")(languages.role_words)
    app.template_global("place_words")(languages.place_words)
    app.template_filter("counted")(counted)
    app.template_filter("said")(languages.in_words)

    @app.template_filter("clock")
    def clock(instant: datetime, time_zone: str = "UTC") -> str:
        return f"{instant.astimezone(zone(time_zone) or UTC):%H:%M}"

    @app.template_filter("ago")
    def ago(instant: datetime) -> Markup:
        """ "5 min ago"; the page goes on counting."""
        return Markup('<time class="np-ago" datetime="{}">{}</time>').format(instant.isoformat(), _ago(instant))

    def _ago(instant: datetime) -> str:
        seconds = (web_context().clock() - instant).total_seconds()
        if seconds < 60:
            return _("just now")
        if seconds < 3600:
            return _("{} min ago").format(int(seconds // 60))
        if seconds < 48 * 3600:
            return _("{} h ago").format(int(seconds // 3600))
        return _("{} days ago").format(languages.number(int(seconds // 86400)))

    @app.context_processor
    def words() -> dict[str, Any]:
        signed_in = getattr(g, "caller", None) is not None
        return {
            "who": caller() if signed_in else None,
            "version": web_context().version,
            "now": web_context().clock(),
            "words_of_row": booking_history.words_of_row,
            "tone_of": booking_history.tone_of,
            "total_words": overview.total_words,
            "beside_access": overview.beside_access,
            "words_of_delivery": overview.delivery_state,
            "kinds": booking_history.KINDS,
            "line_labels": LABELS,
            "outcome_words": booking_history.OUTCOMES,
            "held_number": Holds(web_context().store).number_undecided() if signed_in else 0,
            "properties_known": len(known_properties()) if signed_in else 0,
            "search_hint": _("Room, initials, surname, booking, lock"),
        }
