"""The catalogues of the pages' sentences: `make translations` takes new sentences into them, drops those that nothing
says any more, and compiles them."""

import io
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "web" / "translations"
LANGUAGES = ("de", "es", "fr")
KEYWORDS = {
    **dict.fromkeys(("_", "gettext", "say", "message", "wrong", "because", "saying", "refusing")),
    **dict.fromkeys(("ngettext", "messages"), (1, 2)),
    "say_number": (2, 3),
    "also_in_english": (2,),
    "load_each": (4,),
    "unreadable": (2,),
    "not_readable": (1,),
}
"""What marks a sentence, and which of its arguments that is."""
FOLDERS = (
    "connectors",
    "lock_names",
    "mappers",
    "reconciler",
    "schedules",
    "seam_workspace",
    "settings",
    "store",
    "web",
)
SPEAKERS = [(folder, "*.py", "python") for folder in FOLDERS]
SPEAKERS.append(("web/templates", "*.html", "jinja2"))
"""Where sentences of pages are: folder, files, and how they are read."""
_SPEAKS = re.compile(
    r"\b(?:_|ngettext|say|say_number|message|messages|also_in_english|wrong|because|saying|refusing|unreadable|load_each|not_readable)\("
)
_SOME_DAY = datetime(2026, 1, 1, tzinfo=UTC)
"""A catalogue is the same whenever it is written."""


@cache
def said_in() -> list[tuple[Path, int, str | tuple[str, str]]]:
    """Every sentence that pages may say: its file, its line, and it; with the one for many where it has a number."""
    found: list[tuple[Path, int, str | tuple[str, str]]] = []
    for folder, pattern, method in SPEAKERS:
        for path in sorted((ROOT / folder).rglob(pattern)):
            if method == "python" and not _SPEAKS.search(path.read_text(encoding="utf-8")):
                continue
            for line, text, _, _ in extract_from_file(method, path, KEYWORDS, options={"silent": "false"}):
                found.append((path, line, text if isinstance(text, str) else (text[0], text[1])))
    return found


def path_of(language: str, kind: str = "po") -> Path:
    return FOLDER / language / "LC_MESSAGES" / f"messages.{kind}"


def read(language: str) -> Catalog:
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language)


def renewed(language: str) -> Catalog:
    """The catalogue with the sentences that there are now; what is new is empty."""
    before = read(language) if path_of(language).exists() else Catalog(locale=language)
    made = Catalog(
        locale=language,
        header_comment=f"# The sentences of the pages, in {language}: `make translations` takes new ones in.",
        project="Night Porter",
        copyright_holder="Night Porter",
        msgid_bugs_address="",
        last_translator="",
        language_team="",
        creation_date=_SOME_DAY,
        revision_date=_SOME_DAY,
        fuzzy=False,
    )
    for _, _, text in said_in():
        known: Message | None = before.get(text if isinstance(text, str) else text[0])
        nothing = "" if isinstance(text, str) else ("",) * made.num_plurals
        words = known.string if known is not None and known.id == text else nothing
        made.add(text, words)
    return made


def as_po(catalogue: Catalog) -> bytes:
    file = io.BytesIO()
    write_po(file, catalogue, width=120, no_location=True, sort_output=True)
    return file.getvalue()


def as_mo(catalogue: Catalog) -> bytes:
    """What is not translated is left out, and read in English."""
    for message in catalogue:
        if not any(message.string):
            message.string = ""
    file = io.BytesIO()
    write_mo(file, catalogue)
    return file.getvalue()


if __name__ == "__main__":
    for language in LANGUAGES:
        catalogue = renewed(language)
        path_of(language).write_bytes(as_po(catalogue))
        path_of(language, "mo").write_bytes(as_mo(catalogue))
