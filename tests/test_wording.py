"""Numbers agree with their nouns, in every sentence that anybody reads."""

import ast
import re
from pathlib import Path

import pytest

from connectors.wording import counted

SOURCE = Path(__file__).parents[1]
NOUNS = (
    "bookings|reservations|stays|guests|tenants|people|rooms|units|beds|locks|doors|devices|entrances|properties|"
    "leases|revocations|grants|changes|records|outcomes|lines|runs|connections|deliveries|deletions|failures|readings|"
    "rows|columns|minutes|hours|days|pages|accounts|things|codes|calls|attempts|events|feeds|files|users|tokens"
)
PACKAGES = ("cli", "connectors", "mappers", "reconciler", "schedules", "seam_workspace", "store", "web")


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 bookings"), (1, "1 booking"), (2, "2 bookings"), (1204, "1,204 bookings")]
)
def test_a_number_agrees_with_its_noun(number: int, said: str) -> None:
    assert counted(number, "booking") == said


def test_a_plural_of_its_own_and_a_verb_are_taken_along() -> None:
    assert counted(1, "identity is", "identities are") == "1 identity is"
    assert counted(3, "identity is", "identities are") == "3 identities are"


def test_no_sentence_in_the_code_puts_a_plural_behind_a_number_by_hand() -> None:
    by_hand = []
    files = [*SOURCE.glob("*.py"), *(one for name in PACKAGES for one in (SOURCE / name).rglob("*.py"))]
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.JoinedStr):
                continue
            for value, text in zip(node.values, node.values[1:], strict=False):
                if not isinstance(value, ast.FormattedValue) or not isinstance(text, ast.Constant):
                    continue
                number = value.value
                # A constant of the module is never one.
                if isinstance(number, ast.Name | ast.Attribute) and ast.unparse(number).rpartition(".")[2].isupper():
                    continue
                if re.match(rf" (?:{NOUNS})\b|[^(]*\(s\)", str(text.value)):
                    by_hand.append(f"{file.relative_to(SOURCE)}:{node.lineno} {ast.unparse(value)}{text.value[:30]}")
    assert by_hand == [], "say it with connectors.wording.counted"


def test_no_page_puts_a_plural_behind_a_number_by_hand() -> None:
    by_hand = [
        f"{file.name}: {found.group()}"
        for file in (SOURCE / "web" / "templates").glob("*.html")
        for found in re.finditer(rf"\{{\{{[^}}|]*(?:\| length)? \}}\}} (?:{NOUNS})\b", file.read_text(encoding="utf-8"))
    ]
    assert by_hand == [], "say it with the filter `counted`"
