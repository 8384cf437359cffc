"""`nightporter new-connector`: what it writes, when it refuses, and that nothing of it passes for finished."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from app import cli
from connectors.skeleton import NotBegun, begin_connector

ROOT = Path(__file__).parent.parent.parent
WRITTEN = (
    "connectors/acme_pms/__init__.py",
    "connectors/acme_pms/connector.py",
    "connectors/acme_pms/reader.py",
    "connectors/acme_pms/webhooks.py",
    "tests/connectors/vendors/acme_pms.py",
    "connectors/table.py",
)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """As much of the source as connectors and their kit need."""
    for place in (
        "app.py",
        "pyproject.toml",
        "store/__init__.py",
        "store/back_off.py",
        "store/keep.py",
        "store/prices.py",
        "tests/__init__.py",
        "tests/conftest.py",
        "tests/every_day.py",
        "tests/thorough.py",
    ):
        (tmp_path / place).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / place, tmp_path / place)
    for place in ("cli", "connectors", "mappers", "sandbox", "schedules", "settings", "tests/connectors"):
        shutil.copytree(ROOT / place, tmp_path / place, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=checkout, capture_output=True, text=True, check=False)


def test_the_skeleton_is_well_made_and_fails_the_kit_with_the_next_thing_to_do(checkout: Path) -> None:
    begun = run(checkout, "app.py", "new-connector", "acme_pms")
    assert begun.returncode == 0, begun.stderr
    for written in WRITTEN:
        assert f"wrote {written}" in begun.stdout
    for rules in (("check",), ("format", "--check")):
        assert run(checkout, "-m", "ruff", *rules, "--no-cache", *WRITTEN).returncode == 0
    was = (ROOT / "connectors" / "table.py").read_text().splitlines()
    now = (checkout / "connectors" / "table.py").read_text().splitlines()
    assert [line for line in now if line not in was] == [
        '    "acme_pms": "connectors.acme_pms.connector:AcmePmsConnector",'
    ]
    assert (checkout / "pyproject.toml").read_text() == (ROOT / "pyproject.toml").read_text()
    kit = run(checkout, "-m", "pytest", "-q", "--tb=line", "tests/connectors/test_conformance.py", "-k", "acme_pms")
    assert kit.returncode == 1
    assert "in connectors/acme_pms/reader.py: connectors/README.md, step 4" in kit.stdout
    # All but what is said of the fixture and of the session alone.
    *_, last = kit.stdout.splitlines()
    failed, passed = (int(one.split()[0]) for one in last.split(", ")[:2])
    assert failed > 80
    assert passed <= 5


@pytest.mark.slow
def test_the_skeleton_type_checks(checkout: Path) -> None:
    begin_connector("acme_pms", checkout)
    checked = run(checkout, "-m", "mypy", *WRITTEN)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize(
    "name",
    ["", "Acme", "acme-pms", "9acme", "../acme", "class", "a" * 21, "policy", "ports", "table", "mews", "schedules"],
)
def test_a_name_that_will_not_do_writes_nothing(checkout: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()}
    with pytest.raises(NotBegun, match="name"):
        begin_connector(name, checkout)
    assert {path: path.read_bytes() for path in checkout.rglob("*") if path.is_file()} == before


def test_the_command_says_in_a_sentence_why_it_does_not_begin() -> None:
    done = CliRunner().invoke(cli, ["new-connector", "mews"])
    assert done.exit_code == 2
    assert done.output == "connectors/mews exists already: take another name, or go on with it.\n"


def test_an_installed_package_says_where_connectors_are_written(tmp_path: Path) -> None:
    (tmp_path / "connectors").mkdir()
    shutil.copy(ROOT / "connectors" / "table.py", tmp_path / "connectors")
    with pytest.raises(NotBegun, match="Clone the repository"):
        begin_connector("acme", tmp_path)
