"""One word for one thing: the words that the glossary refuses stand nowhere where people read."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text()
REFUSED = set(re.findall(r"`(\w+)`", GLOSSARY.split("## Words that are not used")[1]))
PHRASES = re.findall(r"`(\w+(?: \w+)+)`", GLOSSARY.split("## Words that are not used")[1])
"""Several words together, wherever a line of text is broken between them."""
WORDS_AS_DATA = {
    "connectors/words/everyday_words.py",
    "connectors/words/not_a_stay.py",
    "connectors/words/words_of_status.py",
    "connectors/words/words_of_titles.py",
    "lock_names/words.py",
}
"""What hotels and their guests write, in any words they like."""
NAMES_OF_OTHERS = {"schedules/fleet.py": {"heartbeat"}, "schedules/fleet_worker.py": {"heartbeat"}}
"""What a library calls its own things."""
ELSEWHERE = {".git", ".venv", "build", "tests", "versions", "node_modules"}
ROOMS = [one for one in ROOT.iterdir() if one.is_dir() and one.name not in ELSEWHERE]
"""Without the virtual environment, which has ten thousand files."""
READ_BY_PEOPLE = sorted(
    path
    for kind in ("*.py", "*.html", "*.js", "*.css", "*.md", "*.yaml", "Makefile")
    for path in [*ROOT.glob(kind), *(one for room in ROOMS for one in room.rglob(kind))]
    if not ELSEWHERE & set(path.relative_to(ROOT).parts)
    and path.name not in ("glossary.md", "CHANGELOG.md")
    and not path.name.endswith(".min.js")
    and str(path.relative_to(ROOT)) not in WORDS_AS_DATA
)


@cache
def texts() -> dict[str, str]:
    """By the file's path. All in one test: a test a file would be a thousand of them."""
    assert len(READ_BY_PEOPLE) > 400
    return {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in READ_BY_PEOPLE}


def words_in(text: str) -> set[str]:
    """Single words, in small letters; `snake_case` and `CamelCase` are taken apart."""
    return {word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", text)}


def test_names_are_taken_apart() -> None:
    assert words_in("AuditEntry.note_all(HTTPServer)") == {"audit", "entry", "note", "all", "http", "server"}


def test_no_refused_word_stands_in_any_file() -> None:
    found = {
        file: refused
        for file, text in texts().items()
        if (refused := (words_in(text) & REFUSED) - NAMES_OF_OTHERS.get(file, set()))
    }
    assert found == {}, "see docs/glossary.md for the right words"


def test_phrases_are_found_across_lines() -> None:
    assert "living token" in in_one_line('f"there is no living "\n    f"token {name}"')


def in_one_line(text: str) -> str:
    """Small letters, with what parts a sentence of the source into lines taken out."""
    return re.sub(r"\s+", " ", re.sub(r'"\s*\n\s*f?"', "", text)).lower()


def test_no_refused_phrase_stands_in_any_file() -> None:
    lines = {file: in_one_line(text) for file, text in texts().items()}
    found = [(file, phrase) for file, text in lines.items() for phrase in PHRASES if phrase in text]
    assert found == [], "see docs/glossary.md for the right words"


def test_every_word_is_explained_once() -> None:
    explained = [one.strip() for line in re.findall(r"^\| ([^|`]+) \|", GLOSSARY, re.M) for one in line.split(",")]
    words = [one for one in explained if one not in ("Word", "Not", "But")]
    assert len(words) > 50
    assert sorted(words) == sorted(set(words))
