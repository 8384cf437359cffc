"""The language in which somebody reads the pages: which it is, and sentences, times and numbers in it.

What was put together elsewhere (`mappers.sentences`) is said here, where it is shown. Programs, logs and the command
line have English.
"""

from collections.abc import Mapping
from datetime import date as date_
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_decimal
from flask import Flask, g, has_app_context, request
from flask_babel import Babel, get_domain, get_locale
from markupsafe import Markup

from mappers.sentences import Moment, Said, say
from mappers.stay_window import zone
from store.connections import Refused
from store.memberships import Membership

LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}
"""In their own words."""
OF_CLERKS_ONLY = frozenset({"es", "fr"})
"""In these, only a clerk's pages speak; all others are English, with whatever stands around them."""
OF_CLERKS = frozenset(
    {
        *(
            "access",
            "cards",
            "closed_doors",
            "embedded",
            "held",
            "openid",
            "properties",
            "reports.bookings",
            "reports.booking",
            "reports.booking_live",
        ),
        *("reports.show_entries", "reports.show_pin", "reports.show_spare_key", "reports.sync_now", "people.account"),
        *("people.change_password", "people.begin_second_factor", "people.end_second_factor"),
        *("people.choose_language", "people.end_other_sessions"),
    }
)
"""Blueprints and endpoints of a clerk's pages."""
PARTS = frozenset({"reports.progress"})
"""What is put into a page, and speaks as that does: it says so (`lang`)."""
COOKIE = "nightporter_language"
COOKIE_LASTS = 365 * 24 * 3600


def speak(app: Flask, default: str) -> None:
    """Has the application speak to each reader in her language; `default`: to whoever asks for none of ours."""

    def select() -> str:
        who = g.get("caller")
        is_of_programs = request.path.startswith("/api/") and request.endpoint != "api_docs"
        if is_of_programs or (who is not None and who.by_token):
            return "en"
        chosen = [who.language if who is not None else None, request.args.get("lang"), request.cookies.get(COOKIE)]
        if request.endpoint in PARTS:
            chosen.insert(0, request.args.get("lang"))
        known = next((one for one in chosen if one in LANGUAGES), None)
        found = known or request.accept_languages.best_match(list(LANGUAGES)) or default
        return "en" if found in OF_CLERKS_ONLY and not _is_of_clerks() else found

    Babel(app, default_locale="en", locale_selector=select)
    app.jinja_env.finalize = in_words
    # In place of Jinja's own, which ask anew for each word in which language it is.
    app.jinja_env.globals.update({"_": _in_markup, "gettext": _in_markup, "ngettext": _number_in_markup})
    app.jinja_env.globals["language"] = language
    app.jinja_env.globals["LANGUAGES"] = LANGUAGES
    app.jinja_env.globals["words_of_scripts"] = words_of_scripts
    app.jinja_env.filters["number"] = number
    app.jinja_env.filters["amount"] = amount

    @app.after_request
    def keep_choice(response: Any) -> Any:
        """Of whoever has not signed in, her browser keeps it."""
        chosen = request.args.get("lang")
        if chosen in LANGUAGES and g.get("caller") is None:
            secure = bool(app.config["SESSION_COOKIE_SECURE"])
            response.set_cookie(COOKIE, chosen, COOKIE_LASTS, secure=secure, httponly=True, samesite="Lax")
        return response


def _is_of_clerks() -> bool:
    """A page that there is not is a clerk's as well."""
    return request.endpoint is None or bool({request.endpoint, request.blueprint} & (OF_CLERKS | PARTS))


def language() -> str:
    """The reader's: `en`, `de`, `es` or `fr`."""
    return _reader()[0]


def _catalogue() -> Any:
    return _reader()[1]


def _reader() -> tuple[str, Any]:
    """Her language and the catalogue of it; looked for once a request."""
    if not has_app_context():
        return "en", get_domain().get_translations()
    found: tuple[str, Any] | None = g.get("reader")
    if found is None:
        locale = get_locale()
        found = g.reader = (locale.language if locale is not None else "en", get_domain().get_translations())
    return found


def gettext(text: str, **values: Any) -> str:
    """A sentence of the web side itself, in the reader's language; values stand in it as %(name)s."""
    said: str = _catalogue().ugettext(text)
    return said % {name: _as_read(one) for name, one in values.items()} if values else said


_ = gettext


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """The same with a number, which stands in it as %(num)s."""
    said: str = _catalogue().ungettext(one, many, num)
    return said % {name: _as_read(each) for name, each in {"num": num, **values}.items()}


def _in_markup(text: str, /, **values: Any) -> Markup:
    """What a template says by `_`, with what stands in it in the reader's language as well."""
    words = Markup(_catalogue().ugettext(text))  # noqa: S704 - ours, as Jinja takes them
    return words % {name: _as_read(one) for name, one in values.items()}


def _number_in_markup(one: str, many: str, num: int, /, **values: Any) -> Markup:
    """The same of `ngettext`."""
    said = Markup(_catalogue().ungettext(one, many, num))  # noqa: S704 - as above
    return said % {name: _as_read(each) for name, each in {"num": num, **values}.items()}


def _as_read(value: Any) -> Any:
    return number(value) if isinstance(value, int | float) else in_words(value)


def in_words(value: Any) -> Any:
    """A sentence or a moment in the reader's language; whatever else it is, as it is."""
    if isinstance(value, Markup) or not isinstance(value, Said | Moment):
        return value
    if language() == "en":
        return str(value)
    if isinstance(value, Moment):
        return _hour(value.at, value.zone) if value.only_hour else moment(value.at, value.zone, value.with_year)
    shown = {name: _as_read(one) for name, one in value.values.items()}
    catalogue = _catalogue()
    if value.many is not None:
        return catalogue.ungettext(value.message, value.many, int(value.values["number"])).format_map(shown)
    return catalogue.ugettext(value.message).format_map(shown)


def role_words(role: str) -> str:
    """What somebody is, in the reader's language."""
    return {"viewer": _("viewer"), "operator": _("operator"), "admin": _("admin")}.get(role, role)


def place_said(place: Membership) -> str:
    """Over what somebody has a role, as it is kept: in whatever language it is read."""
    if place.organisation:
        return say("organisation {name}", name=place.organisation)
    if place.property_id:
        return say("property {id} of {connection}", id=place.property_id, connection=place.connection)
    return place.connection


def place_words(place: Membership) -> str:
    """The same in the reader's language."""
    return str(in_words(place_said(place)))


def problems_said(problem: Refused) -> str:
    """Why a change is not made, in the reader's language."""
    return "\n".join(str(in_words(one)) for one in problem.problems)


def capital(words: Any) -> str:
    """In the reader's language, beginning with a capital."""
    found = str(in_words(words))
    return f"{found[:1].upper()}{found[1:]}"


def sentence(words: Any) -> str:
    """A part of a sentence as one of its own, in the reader's language."""
    found = capital(words)
    return found if not found or found.endswith((".", "!", "?")) else f"{found}."


def number(value: float) -> str:
    """ "1,204" in English, "1.204" in German."""
    # Small ones are written alike everywhere.
    return str(value) if isinstance(value, int) and 0 <= value < 1000 else _number(value, language())


@lru_cache(10_000)
def _number(value: float, of: str) -> str:
    return str(format_decimal(value, locale=of))


def amount(value: str) -> str:
    """Of money, with two places: "1,204.50" in English, "1.204,50" in German."""
    return str(format_decimal(Decimal(value), "#,##0.00", locale=get_locale() or "en"))


def moment(at: datetime, time_zone: str, with_year: bool) -> str:
    """ "23. Sept. 15:00"; in English, `mappers.stay_window.local` says it."""
    return f"{date(at, time_zone, 'yMMMd' if with_year else 'MMMd')} {_hour(at, time_zone)}"


def date(at: datetime, time_zone: str, parts: str) -> str:
    """A date as the reader's language writes it; `parts` as Unicode's skeletons name them (`EEE`, `yMMMEd`)."""
    return str(format_skeleton(parts, _there(at, time_zone), locale=get_locale() or Locale("en")))


def _hour(at: datetime, time_zone: str) -> str:
    return f"{_there(at, time_zone):%H:%M}"


def of_month(day: date_, with_year: bool = False) -> str:
    """ "3 Nov", or "3 Nov 2026"."""
    if language() == "en":
        return f"{day.day} {day:%b}{f' {day.year}' if with_year else ''}"
    return str(format_skeleton("yMMMd" if with_year else "MMMd", day, locale=get_locale()))


def month(day: date_) -> str:
    """ "November 2026"."""
    return str(format_skeleton("yMMMM", day, locale=get_locale() or Locale("en")))


def _there(at: datetime, time_zone: str) -> datetime:
    place = zone(time_zone)
    try:
        return at.astimezone(place) if place is not None else at
    except OverflowError:
        return at


def words_of_scripts() -> dict[str, str]:
    """What scripts say, `{}` being a number or a time."""
    return {
        "now": _("just now"),
        "minutes": _("{} min ago"),
        "hours": _("{} h ago"),
        "days": _("{} days ago"),
        "signed_out": _("You are signed out."),
        "sign_in": _("Sign in again"),
        "lost": _("Night Porter cannot be reached. This page was read at {}: what has happened since is not on it."),
        "not_asked": _("Night Porter could not ask the PMS and Seam: it did not answer."),
        "ask_again": _("Ask again"),
        "asking": _("Asking the PMS and Seam …"),
    }
