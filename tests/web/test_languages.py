"""The pages in the reader's language: which it is, that no sentence is outside of a catalogue, that none is missing."""

import ast
import re
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from flask import template_rendered
from jinja2 import Environment, nodes

from mappers.sentences import Moment, Said, all_of, as_it_was, kept, say, say_number, together
from mappers.stay_window import local
from reconciler import seam_codes
from store.alerts import AlertBook
from store.alerts import Cause as AlertCause
from store.runs import Runs
from tests.web import catalogues
from tests.web.chain import Chain
from web.languages import in_words

TEMPLATES = catalogues.ROOT / "web" / "templates"
NO_SENTENCES = frozenset({"Night Porter", "PMS", "Seam", "CSV", "JSON", "/", "nightporter user add NAME --role admin"})
SPOKEN_ATTRIBUTES = {"title", "aria-label", "placeholder", "alt", "data-is"}
OF_CLERKS = {"connectors", "mappers", "reconciler", "seam_workspace", "store"}
"""Folders whose sentences stand on a clerk's pages."""
PAGES_OF_CLERKS = {
    *("base", "_parts", "_look", "_still_closed", "_progress", "booking", "bookings", "embedded", "error", "account"),
    *("sign_in", "sign_in_by_link", "sign_in_code", "cards", "encoders"),
    *("now", "nothing_yet", "properties", "held", "_macros"),
}
MODULES_OF_CLERKS = {
    *("alerts", "alert_words", "alerts_at_doors"),
    *(
        "access",
        "booking_history",
        "cards",
        "causes",
        "closed_doors",
        "comparison",
        "embedded",
        "held",
        "languages",
        "openid",
        "overview",
        "properties",
        "provider",
        "reports",
        "search",
        "site",
    ),
    "template_words",
}


NOT_OF_CLERKS = {"arrivals_due", "trends_report"}


def is_of_clerks(path: Path) -> bool:
    folder = path.relative_to(catalogues.ROOT).parts[0]
    if path.stem in NOT_OF_CLERKS:
        return False
    return folder in OF_CLERKS or path.stem in (PAGES_OF_CLERKS if path.suffix == ".html" else MODULES_OF_CLERKS)


# --- nothing outside of a catalogue -----------------------------------------------------------------------------------


class Spoken(HTMLParser):
    """What of a template's own text people read."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [value for name, value in attrs if name in SPOKEN_ATTRIBUTES and value]

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def sentences_outside(source: str) -> list[str]:
    """Words in a template that no catalogue has: in its text, in attributes that are read, in its expressions."""
    tree = Environment(extensions=["jinja2.ext.i18n"]).parse(source)
    spoken = Spoken()
    # What an expression says stands as a mark of its own, so that attributes stay whole.
    spoken.feed("\N{BULLET}".join(one.data for one in tree.find_all(nodes.TemplateData)))
    spoken.close()
    found = [" ".join(one.replace("\N{BULLET}", " ").split()).strip("·: .()") for one in spoken.found]
    marked = {
        id(each)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in ("_", "gettext", "ngettext")
        for each in call.find_all(nodes.Const)
    }
    for const in tree.find_all(nodes.Const):
        is_words = isinstance(const.value, str) and re.search(r"[A-Za-z]{2}.* [a-z]{2}|^[A-Z][a-z]+$", const.value)
        if is_words and id(const) not in marked:
            found.append(const.value)
    return [one for one in found if re.search(r"[^\W\d_]{2}", one) and one not in NO_SENTENCES]


@pytest.mark.parametrize("template", sorted(one.name for one in TEMPLATES.glob("*.html")))
def test_no_sentence_of_a_page_is_outside_of_the_catalogues(template: str) -> None:
    assert sentences_outside((TEMPLATES / template).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Sign in</p>",
        '<input placeholder="Name of the property">',
        "{{ p.head('Nothing is held') }}",
        "<p>{{ 'online' if so else 'it is offline' }}</p>",
        '<a aria-label="{{ name }} opens">x</a>',
    ],
)
def test_a_sentence_outside_is_found(source: str) -> None:
    assert sentences_outside(source)


TELLERS = {
    *("flash", "abort", "NotAccepted", "NotThere", "Stale", "CannotBeDone", "FileWrong", "SettingsError"),
    *(
        "PmsError",
        "PmsUnreachable",
        "PmsRefused",
        "AnotherRecord",
        "BrokenRecord",
        "Unreadable",
        "Unusable",
        "Withheld",
    ),
    *("SeamUnreachable", "SeamRefused", "NotTried", "TurnLost", "OutcomeRow", "fail", "phase", "put_off", "done"),
    *("ProviderFailed", "NotLetIn", "NoRole", "unreadable", "unusable", "_give_up", "_refused", "Unlocking"),
}
"""What is given to these, somebody reads on a page."""
OF_PROGRAMS = re.compile(r"(^|_)api$|^(metrics|monitoring|openapi|receivers_api|webhooks)$")
"""Modules of the web that only programs read."""
OF_THE_COMMAND_LINE = "settings/reading.py"
"""What is wrong with the settings file is said where somebody starts the service."""


def told_outside(source: str) -> list[str]:
    """Sentences of a module that are told to people, and that no catalogue has."""
    found = []
    for call in ast.walk(ast.parse(source)):
        if not isinstance(call, ast.Call):
            continue
        name = call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")
        if name not in TELLERS:
            continue
        given = [each for one in call.args for each in (one.elts if isinstance(one, ast.List) else [one])]
        texts = [ast.unparse(one) for one in given if isinstance(one, ast.Constant | ast.JoinedStr)]
        found += [one for one in texts if re.search(r"[A-Za-z]{2}.* [a-z]{2}", one)]
    return found


def test_nothing_that_a_module_tells_people_is_outside_of_the_catalogues() -> None:
    modules = [path for folder in catalogues.FOLDERS for path in (catalogues.ROOT / folder).rglob("*.py")]
    outside = {
        path.name: told_outside(path.read_text(encoding="utf-8"))
        for path in modules
        if not OF_PROGRAMS.search(path.stem) and not path.match(OF_THE_COMMAND_LINE)
    }
    assert {name: found for name, found in outside.items() if found} == {}


def test_what_a_module_tells_outside_is_found() -> None:
    assert told_outside('flash(f"{one} may not sign in", "danger")') == ["f'{one} may not sign in'"]
    assert told_outside('abort(404, "There is no such user")') == ["'There is no such user'"]
    assert told_outside('flash(_("It is done"), "info")') == []


def test_no_script_says_anything_by_itself() -> None:
    for script in (catalogues.ROOT / "web" / "static").glob("*.js"):
        code = re.sub(r"//[^\n]*", "", script.read_text(encoding="utf-8"))
        texts = [one[0] or one[1] for one in re.findall(r'"([^"\n]*)"|\'([^\'\n]*)\'', code)]
        assert [one for one in texts if re.search(r"[A-Z][a-z]+ [a-z]+|[a-z]+ ago", one)] == [], script.name


# --- nothing missing --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_the_catalogues_have_the_sentences_that_there_are_and_are_compiled(language: str) -> None:
    renewed = catalogues.renewed(language)
    assert catalogues.as_po(renewed) == catalogues.path_of(language).read_bytes(), "run `make translations`"
    assert catalogues.as_mo(renewed) == catalogues.path_of(language, "mo").read_bytes(), "run `make translations`"


@pytest.mark.parametrize("language", catalogues.LANGUAGES)
def test_every_sentence_of_a_clerks_page_is_translated_with_the_same_names_in_it(language: str) -> None:
    catalogue = catalogues.read(language)
    of_clerks = {text for path, _, text in catalogues.said_in() if language == "de" or is_of_clerks(path)}
    wrong = []
    for text in of_clerks:
        first = text if isinstance(text, str) else text[0]
        found = catalogue.get(first)
        words = found.string if found is not None else ""
        for one in [words] if isinstance(words, str) else words:
            if not one or _names(one) != _names(first):
                wrong.append((first, one))
    assert wrong == []


def _names(text: str) -> list[str]:
    return sorted(re.findall(r"%\(\w+\)s|\{\w*\}", text))


def test_each_of_seams_codes_is_said_by_a_sentence_of_the_catalogue() -> None:
    tables = (seam_codes.GRANT, seam_codes.METHOD, seam_codes.IDENTITY, seam_codes.SPACE, seam_codes.ENTRANCE)
    tables += (seam_codes.DEVICE, seam_codes.SYSTEM, seam_codes.ACCOUNT, seam_codes.USER, seam_codes.CREDENTIAL)
    assert [code for table in tables for code, one in table.items() if not isinstance(one.words, Said)] == []


# --- sentences --------------------------------------------------------------------------------------------------------

GERMAN = {"Accept-Language": "de"}
AT = datetime(2026, 11, 29, 14, 0, tzinfo=UTC)


def test_a_sentence_is_kept_beside_its_words_and_is_whole_again() -> None:
    sentence = together((say("waiting for a room (arrival {at})", at=local(AT, "Europe/Vienna", AT)), "Seam: no"))
    again = as_it_was(str(sentence), kept(sentence))
    assert (again, kept(again)) == (sentence, kept(sentence))
    assert isinstance(again, Said)
    assert isinstance(again.values["_0"], Said)
    assert isinstance(again.values["_0"].values["at"], Moment)


def test_words_that_were_written_since_are_not_taken_for_another_sentence() -> None:
    assert type(as_it_was("no door", kept(say("opens")))) is str


# --- whose language ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Chain:
    return Chain(tmp_path_factory.mktemp("languages"), 2)


def lang_of(page: Any) -> str:
    found = re.search(r'<html lang="(\w+)">', page.text)
    assert found is not None
    return found[1]


def test_whoever_has_not_signed_in_reads_what_her_browser_asks_for(chain: Chain) -> None:
    client = chain.site.test_client()
    assert lang_of(client.get("/sign-in")) == "en"
    assert "<h1>Anmelden</h1>" in client.get("/sign-in", headers={"Accept-Language": "de-AT,de;q=0.9"}).text
    assert lang_of(client.get("/sign-in", headers={"Accept-Language": "ja,fr;q=0.5"})) == "fr"


def test_a_choice_at_the_sign_in_stays_with_the_browser(chain: Chain) -> None:
    client = chain.site.test_client()
    assert lang_of(client.get("/sign-in?lang=es", headers={"Accept-Language": "de"})) == "es"
    assert lang_of(client.get("/sign-in", headers={"Accept-Language": "de"})) == "es"
    assert lang_of(client.get("/sign-in?lang=xx")) == "es"


def test_a_users_own_choice_comes_first_until_it_is_taken_back(chain: Chain) -> None:
    client = chain.client("viewer")
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/account").text)
    assert token is not None
    for chosen, read in (("de", "de"), ("", "fr")):
        client.post("/account/language", data={"language": chosen, "csrf_token": token[1]})
        assert lang_of(client.get("/account", headers={"Accept-Language": "fr"})) == read
    answer = client.post("/account/language", data={"language": "xx", "csrf_token": token[1]})
    assert answer.status_code == 422


def test_a_booking_is_read_in_german_with_its_reason_and_its_times(chain: Chain) -> None:
    with chain.site.test_request_context(headers={"Accept-Language": "de"}):
        chain.site.preprocess_request()
        words = chain.site.jinja_env.from_string("{{ why }}").render(
            why=together(
                (
                    say("waiting for a room (arrival {at})", at=local(AT, "Europe/Vienna", AT + timedelta(days=400))),
                    say("{of}: {words}", of="Lock 1 & 2", words=seam_codes.DEVICE["hub_disconnected"].words),
                )
            )
        )
    assert words == (
        "wartet auf ein Zimmer (Anreise 29. Nov. 2026 15:00); "
        "Lock 1 &amp; 2: sein Hub ist offline: Strom und Netz des Hubs prüfen"
    )


def test_programs_are_answered_in_english(chain: Chain) -> None:
    answer = chain.site.test_client().get("/api/bookings/none/b1", headers={"Accept-Language": "de"})
    assert "sign in" in answer.get_json()["error"]
    german = chain.client("viewer").get("/api/bookings/none/b1", headers={"Accept-Language": "de"})
    assert german.get_json()["error"] == "There is no such connection."


# --- a page in one language -------------------------------------------------------------------------------------------

PAGES = (
    *(
        "/",
        "/properties/hotel0/p0",
        "/held",
        "/locks",
        "/locks/health",
        "/locks/forecast",
        "/drift",
        "/runs",
        "/alerts",
    ),
    *("/inbox", "/trends", "/trends/2026-11", "/bookings?q=zzz", "/account", "/runs/none"),
)


@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_page_is_of_one_language_and_says_which(chain: Chain, language: str) -> None:
    shown: list[str] = []
    client = chain.client("viewer")
    with template_rendered.connected_to(lambda _, template, **__: shown.append(template.name), chain.site):
        for path in PAGES:
            shown.clear()
            page = client.get(path, headers={"Accept-Language": language})
            speaks = language == "de" or any(Path(one).stem in PAGES_OF_CLERKS for one in shown if one != "error.html")
            assert lang_of(page) == (language if speaks else "en"), path
            assert ('aria-label="Main"' in page.text) == (not speaks), path


def test_the_strip_of_running_runs_speaks_as_its_page_does(chain: Chain) -> None:
    client, french = chain.client("viewer"), {"Accept-Language": "fr"}
    assert "/progress?lang=en" in client.get("/runs", headers=french).text
    run = Runs(chain.store)
    run.begin("running", "hotel0", "full", chain.clock())
    try:
        told = [client.get(f"/progress?lang={one}", headers=french).get_json()["html"] for one in ("en", "fr")]
    finally:
        run.finish("running", "full", chain.clock(), 0, {}, None)
    assert "hotel0: begins" in told[0]
    assert "hotel0: begins" not in told[1]


def test_what_stands_in_a_templates_sentence_is_said_in_the_readers_language(chain: Chain) -> None:
    with chain.site.test_request_context("/runs", headers={"Accept-Language": "de"}):
        chain.site.preprocess_request()
        words = chain.site.jinja_env.from_string(
            "{{ _('since %(at)s', at=at) }} {{ ngettext('%(num)s day', '%(num)s days', 1204) }}"
        )
        assert words.render(at=local(AT, "Europe/Vienna", AT)) == "seit 29. Nov. 15:00 1.204 Tage"


def test_the_bookings_of_a_sentence_are_listed_as_its_language_lists_them(chain: Chain) -> None:
    numbers = all_of(["1001", "1002", "1003"])
    assert (all_of([]), all_of(["1001"]), str(numbers)) == ("", "1001", "1001, 1002 and 1003")
    with chain.site.test_request_context("/runs", headers={"Accept-Language": "de"}):
        chain.site.preprocess_request()
        assert in_words(say("{of}: {words}", of="Booking", words=numbers)) == "Booking: 1001, 1002 und 1003"


def test_an_alert_is_read_in_german_and_told_in_english(chain: Chain) -> None:
    what = say_number(2, "{number} lock does not work", "{number} locks do not work")
    text = say("{of}: {words}", of=what, words="Lock 101")
    book = AlertBook(chain.store)
    book.compare([AlertCause("hotel0", "locks", "p0", text, "p0")], [], chain.clock())
    try:
        client = chain.client("viewer")
        assert "2 Schlösser funktionieren nicht: Lock 101" in client.get("/alerts", headers=GERMAN).text
        assert ">2 Schlösser funktionieren nicht</h2>" in client.get("/properties/hotel0/p0", headers=GERMAN).text
        assert "2 Schlösser funktionieren nicht" in client.get("/properties", headers=GERMAN).text
        assert client.get("/api/alerts", headers=GERMAN).get_json()[0]["text"] == "2 locks do not work: Lock 101"
    finally:
        book.compare([], [], chain.clock())


def test_a_card_of_an_alert_is_read_in_german_however_its_sentence_is_made(chain: Chain) -> None:
    used = say("The spare key of {room} was used at {at}, though nobody was shown it", room="101", at="14:00")
    titled = say("{of}: {words}", of=used, words=say("have a look at the room"))
    whole = say(
        "Connection {connection} has had no good run yet, so nothing is kept in step: {why}", connection="h", why="x"
    )
    book = AlertBook(chain.store)
    causes = [
        AlertCause("hotel0", "spare_key", "s1", titled, "p0"),
        AlertCause("hotel0", "clock", "hotel0", whole, "p0"),
    ]
    book.compare(causes, [], chain.clock())
    try:
        page = chain.client("viewer").get("/properties/hotel0/p0", headers=GERMAN).text
        assert ">Die Ersatz-PIN von 101 wurde um 14:00 benutzt, obwohl sie niemandem gezeigt wurde</h2>" in page
        assert ">Die Verbindung h hatte noch keinen guten Lauf, daher wird nichts abgeglichen: x</h2>" in page
    finally:
        book.compare([], [], chain.clock())
