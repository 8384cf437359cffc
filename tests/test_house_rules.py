"""What the house asks of itself."""

import ast
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import click
import pytest

from cli.parser import COMMANDS, cli
from connectors.table import CONNECTORS
from tests.thorough import THOROUGH

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
PRODUCT = [
    path
    for path in [*ROOT.glob("*.py"), *ROOT.glob("*/**/*.py")]
    if not {".venv", "build", "tests", "benchmarks"} & set(path.relative_to(ROOT).parts)
]


def test_every_package_is_in_the_wheel() -> None:
    named = PROJECT["tool"]["setuptools"]["packages"]["find"]["include"]
    there = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in ROOT.glob("*/**/__init__.py")
        if path.relative_to(ROOT).parts[0] not in ("tests", "benchmarks", ".venv", "build")
    }
    listed = {one for one in there for name in named if fnmatch(one, name)}
    assert there == listed
    assert {one.split(".")[0] for one in there} == {name.rstrip("*") for name in named}
    assert {path.stem for path in ROOT.glob("*.py")} == set(PROJECT["tool"]["setuptools"]["py-modules"])


def test_the_version_is_the_same_wherever_it_stands() -> None:
    version = PROJECT["project"]["version"]
    assert f'VERSION = "{version}"' in (ROOT / "cli" / "parser.py").read_text()
    assert f'CLIENT = "Night Porter {version}"' in (ROOT / "connectors" / "mews" / "wire.py").read_text()
    assert f"## {version}" in (ROOT / "CHANGELOG.md").read_text()


def test_no_file_is_called_by_a_name_that_says_nothing() -> None:
    assert not [path for path in PRODUCT if re.search(r"util|helper|manager|common|misc", path.stem)]


def way_of_a_booking() -> str:
    return (ROOT / "README.md").read_text().split("## One booking, from the PMS to Seam")[1].split("\n\n")[2]


def test_one_booking_is_followed_through_few_files_of_few_lines() -> None:
    table = way_of_a_booking()
    files = [ROOT / name for name in re.findall(r"^\| \d+ \| `([\w/.]+)` \|", table, re.M)]
    assert len(files) == table.count("\n") - 1, "one file in each row"
    assert len(files) <= 12
    assert sum(len(file.read_text().splitlines()) for file in files) <= 2500


@cache
def imported_by(file: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def module_of(name: str) -> str:
    return name.removesuffix(".py").replace("/", ".")


def test_each_file_on_the_way_of_a_booking_is_called_by_the_file_that_its_row_names() -> None:
    rows = re.findall(r"^\| \d+ \| `([\w/.]+)` \| (.*?) \|", way_of_a_booking(), re.M)
    for file, called_by in rows[1:]:
        named = re.findall(r"`([\w/]+/[\w/]+\.py)`", called_by)
        assert named, file
        # A reader is called by what it implements: whoever calls knows the port alone.
        known = {module_of(file), *({"connectors.ports"} & imported_by(ROOT / file))}
        assert any(known & imported_by(ROOT / one) for one in named), f"{file} is not called by {called_by}"


def test_what_is_longer_than_five_hundred_lines_says_why() -> None:
    long = {path: text for path in PRODUCT if (text := path.read_text()).count("\n") > 500}
    silent = [path for path, text in long.items() if "in one file" not in (ast.get_docstring(ast.parse(text)) or "")]
    assert silent == []


def test_every_file_that_the_documents_name_is_there() -> None:
    documents = [ROOT / "README.md", ROOT / "connectors" / "README.md", *ROOT.glob("docs/*.md")]
    # Acme is the vendor that whoever writes a connector puts in.
    missing = [
        f"{document.name}: {name}"
        for document in documents
        for name in re.findall(r"`([a-z_]+/[\w/.]+\.(?:py|md|yaml))`", document.read_text())
        if "acme" not in name and not (ROOT / name).is_file()
    ]
    assert missing == []


def test_every_link_of_the_documents_leads_somewhere() -> None:
    broken = []
    for document in [ROOT / "README.md", ROOT / "CHANGELOG.md", *ROOT.glob("docs/*.md")]:
        text = document.read_text()
        for link in re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r' src="([^"]+)"', text):
            name, _, heading = link.partition("#")
            target = document.parent / name if name else document
            if "://" not in link and not (target.exists() and (not heading or heading in _headings(target))):
                broken.append(f"{document.name}: {link}")
    assert broken == []


def _headings(document: Path) -> set[str]:
    """The names under which GitHub shows the headings of a document."""
    titles = re.findall(r"^#+ (.+)$", document.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


KINDS_OF_FILES = {"files", "ical"}
"""Connectors that are named after no vendor: everybody may use these words."""
VENDORS = sorted({"apaleo", "buildium", "cloudbeds", "mews", *CONNECTORS} - KINDS_OF_FILES)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_vendors_name_stands_in_its_own_package_and_nowhere_else(vendor: str) -> None:
    named = [
        path
        for path in [*PRODUCT, *ROOT.glob("web/templates/*"), *ROOT.glob("web/static/*.[cj]s*")]
        for place in [path.relative_to(ROOT)]
        if place.parts[0] not in ("sandbox", "docs")
        if str(place) != "connectors/table.py" and place.parts[:2] != ("connectors", vendor)
        if vendor in path.read_text().lower()
    ]
    assert named == [], f"{vendor} is one PMS of many: say what is meant in words that fit all of them"


def test_the_reading_of_no_vendor_takes_more_than_400_lines() -> None:
    readers = [*ROOT.glob("connectors/*/reader.py")]
    assert len(readers) >= 4
    assert [one for one in readers if len(one.read_text().splitlines()) > 400] == []


def test_no_rule_of_imports_has_forgotten_a_connector() -> None:
    """Whatever stands in a package of `connectors/` is one vendor's, or is for files and feeds alone."""
    rules = [
        contract["forbidden_modules"]
        for contract in PROJECT["tool"]["importlinter"]["contracts"]
        if "connectors.table" in contract.get("forbidden_modules", ())
    ]
    assert len(rules) == 3
    for rule in rules:
        assert all(any(fnmatch(kind.__module__, one) for one in rule) for kind in CONNECTORS.values())


def test_the_locks_have_every_dependency_and_no_address() -> None:
    locked = {
        line.split("==")[0].lower().replace("_", "-") for line in (ROOT / "requirements.lock").read_text().split()
    }
    wanted = {re.split(r"[<>=\[]", one)[0].lower() for one in PROJECT["project"]["dependencies"]}
    assert wanted <= locked
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert re.fullmatch(
            r"(#[^\n:/]*:?\n)*([A-Za-z0-9._-]+==[^\s@/]+( ; [^@/\n\\]+)?( \\\n    --hash=sha256:[0-9a-f]{64})+\n)+",
            text,
        )


@pytest.mark.parametrize("left", THOROUGH)
def test_what_is_left_to_the_thorough_tests_is_there(left: str) -> None:
    path, _, name = left.partition("::")
    text = (ROOT / path).read_text()
    assert not name or f"def {name}(" in text


def test_one_library_lives_in_one_home() -> None:
    homes = {
        "requests": ("connectors", "schedules", "cli/demo.py"),
        "seam": ("seam_workspace",),
        "httpx": ("seam_workspace",),
        "sqlalchemy": ("store",),
        "alembic": ("store",),
        "waitress": ("web",),
        "prometheus_client": ("web",),
        "flask": ("app.py", "assembly.py", "web"),
        "sandbox": ("sandbox", "cli/demo.py"),
    }
    strangers = [
        f"{place} imports {name}"
        for path in PRODUCT
        for place in [path.relative_to(ROOT)]
        for name in sorted(imported_by(path))
        if not {place.parts[0], str(place)} & set(homes.get(name.split(".")[0], place.parts))
    ]
    assert strangers == []


def test_help_imports_nothing_heavy() -> None:
    code = "import sys, app; print([one for one in ('seam', 'sqlalchemy', 'flask', 'rich') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_table_of_commands_says_what_each_command_says_of_itself(name: str) -> None:
    context = click.Context(cli)
    command = cli.get_command(context, name)
    assert command is not None
    assert command.name == name
    assert " ".join((command.help or "").split()).startswith(COMMANDS[name].sentence)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_readme_names_all_that_a_command_can_do(name: str) -> None:
    command = cli.get_command(click.Context(cli), name)
    rows = "".join(re.findall(rf"^\| `nightporter {name}\b.*$", (ROOT / "README.md").read_text(), re.M))
    # What a group does when nothing else is said needs no name.
    parts = set(command.commands) - {"show"} if isinstance(command, click.Group) else set()
    assert rows
    assert [part for part in sorted(parts) if not re.search(rf"[` ]{part}[` ]", rows)] == []


def test_only_the_front_door_and_the_wiring_stand_beside_the_packages() -> None:
    assert {path.name for path in ROOT.glob("*.py")} == {"app.py", "assembly.py"}
