"""Rules for every test: no network but this machine's, and nothing of the surroundings."""

import gc
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from _pytest.assertion import rewrite
from apispec import APISpec
from flask import Flask
from flask_smorest import Blueprint
from flask_smorest.spec import APISpecMixin
from hypothesis import HealthCheck, settings
from hypothesis.internal import charmap
from hypothesis.internal.intervalsets import IntervalSet
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from tests.thorough import THOROUGH

settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def _only_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.socket.connect

    def connect(self: socket.socket, address: Any) -> None:
        if isinstance(address, tuple) and address[0] not in ("127.0.0.1", "::1", "localhost"):
            pytest.fail(f"a test tried to reach {address}")
        real(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)


@pytest.fixture(autouse=True)
def _no_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "NIGHTPORTER_CONFIG",
        "SEAM_API_KEY",
        "SEAM_ENDPOINT",
        "SEAM_WORKSPACE_ID",
        "SEAM_PERSONAL_ACCESS_TOKEN",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True, scope="session")
def _quiet_logs() -> None:
    structlog.configure(
        processors=[structlog.processors.JSONRenderer()], logger_factory=structlog.ReturnLoggerFactory()
    )


@pytest.fixture(autouse=True, scope="session")
def _statements_compiled_once() -> None:
    """Nearly every test has an engine of its own, which would compile all statements anew: a sixth of a test's time.

    What is compiled depends on the kind of database only, which is the same in all tests.
    """
    compiled: LRUCache[Any, Any] = LRUCache(5_000)
    begin = Engine.__init__

    def with_what_is_compiled(self: Engine, *args: Any, **options: Any) -> None:
        begin(self, *args, **options)
        self._compiled_cache = compiled

    Engine.__init__ = with_what_is_compiled  # type: ignore[method-assign]
    DefaultDialect.__hash__ = lambda self: hash(type(self))  # type: ignore[method-assign]
    DefaultDialect.__eq__ = lambda self, other: type(self) is type(other)  # type: ignore[method-assign, assignment]


@pytest.fixture(autouse=True, scope="session")
def _routes_and_documents_made_once() -> None:
    """Nearly every test of the pages has a site of its own. Nine tenths of the time that making one took went into code
    that takes addresses apart and puts them together, and into the OpenAPI document, which are the same for all sites.
    """
    take_apart, apart = Rule._parse_rule, dict[str, tuple[list[Any], list[Any], dict[str, Any]]]()
    make_builder, builders = Rule._compile_builder, {}
    default_answers = APISpecMixin._register_responses
    document, to_dict, whole = Blueprint.register_views_in_doc, APISpec.to_dict, list[APISpec]()

    def parts_of(self: Rule, rule: str) -> list[Any]:
        if rule in apart:
            parts, trace, converters = apart[rule]
            self._trace += trace
            self._converters |= converters
            self.arguments |= converters.keys()
        else:
            before = len(self._trace)
            parts = list(take_apart(self, rule))
            apart[rule] = parts, self._trace[before:], dict(self._converters)
        return parts

    def builder_of(self: Rule, append_unknown: bool = True) -> Any:
        key = (append_unknown, self.rule, tuple(self._trace), repr(self.defaults))
        if key not in builders:
            builders[key] = make_builder(self, append_unknown)
        return builders[key]

    def document_once(self: Blueprint, api: Any, app: Any, spec: APISpec, **rest: Any) -> None:
        if not whole:
            whole.append(spec)
        if spec is whole[0]:
            document(self, api, app, spec, **rest)

    def default_answers_once(self: APISpecMixin) -> None:
        if not whole:
            default_answers(self)

    def with_what_is_documented(self: APISpec) -> dict[str, Any]:
        return {**to_dict(whole[0] if whole else self), "info": to_dict(self)["info"]}

    Rule._parse_rule = parts_of  # type: ignore[method-assign]
    APISpecMixin._register_responses = default_answers_once
    Rule._compile_builder = builder_of  # type: ignore[method-assign]
    Blueprint.register_views_in_doc = document_once
    APISpec.to_dict = with_what_is_documented  # type: ignore[method-assign]


class _CompiledPages(BytecodeCache):
    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(autouse=True, scope="session")
def _templates_compiled_once() -> None:
    """And not once for each site: a page with what it extends and includes is a fifth of a second."""
    Flask.jinja_options = {"bytecode_cache": _CompiledPages()}


@pytest.fixture(autouse=True, scope="session")
def _characters_of_utf_8_known() -> None:
    """Hypothesis finds out which characters UTF-8 can write by trying each of a million, and notes it in a file that a
    fresh copy does not have: five seconds for each process."""
    find_out = charmap.intervals_from_codec
    known = IntervalSet(((0, 0xD7FF), (0xE000, sys.maxunicode))), IntervalSet(())
    charmap.intervals_from_codec = lambda codec: known if codec == "utf-8" else find_out(codec)  # type: ignore[assignment]


def pytest_sessionstart(session: pytest.Session) -> None:
    """Of a fresh copy each process would compile all tests, which is nearly half of what collecting takes: each of
    several does its share first, and finds the rest done by the others."""
    worker = getattr(session.config, "workerinput", None)
    if worker is None or sys.dont_write_bytecode or any(Path(one).exists() for one in worker["mainargv"][1:]):
        return
    state, of = session.config.stash[rewrite.assertstate_key], worker["workercount"]
    for path in sorted(Path(__file__).parent.rglob("test_*.py"))[int(worker["workerid"].removeprefix("gw")) :: of]:
        compiled = rewrite.get_cache_dir(path) / f"{path.stem}{rewrite.PYC_TAIL}"
        if not compiled.exists():
            rewrite.try_makedirs(compiled.parent)
            source, code = rewrite._rewrite_test(path, session.config)
            rewrite._write_pyc(state, code, source, compiled)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is there once all tests are collected stays to the end: looking through it for garbage, again and again,
    took a quarter of the time that collecting takes, and as much again while the tests ran. What tests leave behind is
    little against it, and looked for seldom: at Python's own pace that is one second in twenty."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        gc.enable()


LONG = (
    "test_browser",
    "test_browser_cards",
    "test_browser_closed_doors",
    "test_browser_properties",
    "test_two_days",
    "test_anything_goes",
    "test_mixed_residence",
    "test_residence_weeks",
    "test_leases",
    "test_serve",
)
"""Files whose tests take longest: begun first, so that the others run beside them. Those with a browser come first:
what a process begins with no other one takes from it, so they share one."""


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by the markers
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.stem, len(LONG)))
    for item in items:
        if item.nodeid.startswith(THOROUGH):
            item.add_marker(pytest.mark.thorough)


@pytest.fixture(autouse=True)
def _no_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("store.back_off.chance", lambda: 0.0)
