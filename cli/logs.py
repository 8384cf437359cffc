"""Logs: JSON, a line an event; coloured lines where a person watches a terminal. No guest's data, no secrets."""

import logging
import sys
from typing import Any

import structlog

_NEVER = ("token", "password", "secret", "pin", "code", "email", "phone", "name_of_guest", "body")
"""Fields that no event should have; one that does loses them here."""


def _without_secrets(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    return {key: "(removed)" if key in _NEVER else value for key, value in event.items()}


def configure_logs() -> None:
    """Called once by the service's process."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_secrets,
    ]
    terminal = sys.stderr.isatty()
    renderer: Any = structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, renderer],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
