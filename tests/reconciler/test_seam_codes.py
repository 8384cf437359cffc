"""Every code of Seam's SDK and of its contract has a sentence, and none of its errors ever leaves a door open."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import seam.resources

from reconciler.judge import Due, House, Verdict, judge
from reconciler.readiness import sentence_of
from reconciler.seam_codes import (
    ACCOUNT,
    CREDENTIAL,
    DEVICE,
    ENTRANCE,
    GRANT,
    IDENTITY,
    METHOD,
    SPACE,
    SYSTEM,
    USER,
    Meaning,
)
from reconciler.system_users import Held
from seam_workspace.existing import ExistingCredential, ExistingSystemUser, ExistingUserIdentity
from tests.builders import NOW
from tests.reconciler.test_readiness import ACCOUNT as SALTO
from tests.reconciler.test_readiness import DOOR, HOUSE, PIN, ROOM
from tests.reconciler.test_readiness import GRANT as HERS
from tests.reconciler.test_readiness import SYSTEM as SITE

TABLES: Mapping[str, Mapping[str, Meaning]] = {
    "access_grant": GRANT,
    "access_method": METHOD,
    "user_identity": IDENTITY,
    "space": SPACE,
    "acs_entrance": ENTRANCE,
    "device": DEVICE,
    "acs_system": SYSTEM,
    "connected_account": ACCOUNT,
    "acs_user": USER,
    "acs_credential": CREDENTIAL,
}
KINDS = {"error_code": "errors", "warning_code": "warnings", "mutation_code": "pending"}
DUE = Due(HERS.starts_at, None, NOW)
"""She is here."""
CONTRACT = Path(__file__).parents[3] / "shared" / "specs" / "seam-openapi.json"


def of_the_sdk() -> Iterator[tuple[str, str, str]]:
    folder = Path(seam.resources.__file__).parent
    for resource in TABLES:
        text = (folder / f"{resource}.py").read_text(encoding="utf-8")
        for kind, codes in re.findall(r"(error_code|warning_code|mutation_code): Literal\[([^]]*)\]", text):
            for code in re.findall(r'"([^"]+)"', codes):
                yield resource, KINDS[kind], code


def of_the_contract() -> Iterator[tuple[str, str, str]]:
    if not CONTRACT.exists():
        return
    schemas = json.loads(CONTRACT.read_text(encoding="utf-8"))["components"]["schemas"]

    def codes(part: Any) -> Iterator[tuple[str, str]]:
        if isinstance(part, dict):
            for kind, name in KINDS.items():
                told = part.get("properties", {}).get(kind, {})
                yield from ((name, code) for code in told.get("enum", ()))
            for one in part.values():
                yield from codes(one)
        elif isinstance(part, list):
            for one in part:
                yield from codes(one)

    for resource in TABLES:
        for name, code in codes(schemas[resource]):
            yield resource, name, code


EVERY = sorted({*of_the_sdk(), *of_the_contract()})
UNKNOWN = [
    (resource, kind, "not_yet_invented")
    for resource in TABLES
    for kind in KINDS.values()
    if kind != "pending" or resource in ("access_grant", "access_method", "acs_user")
]
"""Nothing is ever pending on the others."""


def judged(resource: str, kind: str, code: str) -> Any:
    """A stay of which all is well, but for that code."""
    grant, method, person, house, held = HERS, PIN, ExistingUserIdentity("u", "g1"), HOUSE, Held()
    if resource == "access_grant":
        grant = replace(grant, **{kind: (code,)})
    elif resource == "access_method":
        method = replace(method, **{kind: (code,)})
    elif resource == "user_identity":
        person = replace(person, **{kind: (code,)})
    elif resource == "space":
        house = replace(house, spaces={"s": replace(ROOM, **{kind: (code,)})})
    elif resource == "acs_system":
        house = replace(house, systems={"y": replace(SITE, **{kind: (code,)})})
    elif resource == "acs_user":
        held = Held(users=(replace(ExistingSystemUser("x", "y"), **{kind: (code,)}),))
    elif resource == "acs_credential":
        held = Held(credentials=(replace(ExistingCredential("c", "y", "code"), **{kind: (code,)}),))
    elif resource == "connected_account":
        house = replace(house, accounts={"a": replace(SALTO, **{kind: (code,)})})
    else:
        door = replace(DOOR, is_entrance=resource == "acs_entrance", **{kind: (code,)})
        house = House(house.spaces, [door], house.systems, house.accounts)
    return judge(grant, [method], house, person, DUE, held)


def test_the_sdk_has_the_codes_of_every_resource() -> None:
    assert {resource for resource, _, _ in of_the_sdk()} == set(TABLES)
    assert len(EVERY) > 100


@pytest.mark.parametrize(("resource", "kind", "code"), EVERY)
def test_every_code_has_a_sentence_and_an_error_never_opens(resource: str, kind: str, code: str) -> None:
    assert code in TABLES[resource], f"give {code} of {resource} a sentence in reconciler/seam_codes.py"
    found = judged(resource, kind, code)
    if found.cause != "not_issued" or kind == "errors":
        assert found.why
    assert code == found.cause or found.verdict is not Verdict.OPENS
    if kind == "errors":
        assert found.verdict is not Verdict.OPENS
    sentence = sentence_of(found.verdict, found.why, NOW, NOW)
    assert sentence.startswith({"opens": "Opens", "shut": "Does not open, because "}.get(found.verdict, "Not sure, "))
    assert "_" not in sentence


@pytest.mark.parametrize(("resource", "kind", "code"), UNKNOWN)
def test_a_code_that_nobody_knows_is_judged_by_its_kind(resource: str, kind: str, code: str) -> None:
    found = judged(resource, kind, code)
    assert found.verdict is (Verdict.SHUT if kind == "errors" else Verdict.UNSURE)
    assert found.cause == code
    assert "Seam says not yet invented" in found.why
