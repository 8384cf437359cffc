"""What monitoring reads at `/metrics`, in Prometheus's words. No guest's data is in any label."""

import threading
from collections import Counter as Numbers
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from reconciler.report import RunReport
from store.alerts import KINDS, AlertBook
from store.engine import Database, StoreFailed
from store.holds import Holds
from store.inbox import Inbox
from store.links import Links
from store.status import StatusBook

log = structlog.get_logger("web")
COUNTED_EVERY = timedelta(minutes=10)
"""Links, of which there may be millions."""
COUNTED_AT_ONCE = 20_000


class Metrics:
    """One registry per process; told of what happens by the runs, the webhooks and the two APIs' clients."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.runs = Counter(
            "nightporter_runs", "Runs that have ended.", ["connection", "mode", "result"], registry=self.registry
        )
        self.run_seconds = Histogram(
            "nightporter_run_seconds",
            "How long runs take.",
            ["connection", "mode"],
            buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 900),
            registry=self.registry,
        )
        self.changes = Counter(
            "nightporter_changes",
            "Outcomes of runs.",
            ["connection", "kind", "action", "outcome"],
            registry=self.registry,
        )
        self.webhooks = Counter(
            "nightporter_webhooks", "Webhook requests.", ["source", "result"], registry=self.registry
        )
        self.webhook_to_change = Histogram(
            "nightporter_webhook_to_change_seconds",
            "From the arrival of a webhook until it was acted upon.",
            ["source"],
            buckets=(0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60, 300),
            registry=self.registry,
        )
        self.api_calls = Counter(
            "nightporter_api_calls",
            "Calls to the PMS and to Seam.",
            ["api", "endpoint", "status"],
            registry=self.registry,
        )
        self.api_seconds = Histogram(
            "nightporter_api_seconds",
            "How long the PMS and Seam take to answer.",
            ["api", "endpoint"],
            buckets=(0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30),
            registry=self.registry,
        )
        self.rate_limit_waits = Counter(
            "nightporter_rate_limit_wait_seconds",
            "Seconds spent waiting for a rate limit.",
            ["api"],
            registry=self.registry,
        )
        self.sign_ins = Counter("nightporter_sign_ins", "Sign-ins.", ["result"], registry=self.registry)

    def run_ended(self, report: RunReport) -> None:
        result = "broken_off" if report.broken_off else {0: "ok", 1: "failed", 3: "held"}.get(report.exit, "failed")
        self.runs.labels(report.connection, report.mode, result).inc()
        if report.finished_at is not None:
            seconds = (report.finished_at - report.started_at).total_seconds()
            self.run_seconds.labels(report.connection, report.mode).observe(seconds)
        for item in report.items:
            self.changes.labels(report.connection, item.kind, item.action, item.outcome).inc()

    def delivery_done(self, source: str, seconds: float) -> None:
        self.webhook_to_change.labels(source).observe(max(0.0, seconds))

    def api_observer(self, api: str) -> Callable[[str, str, float], None]:
        """For a client's `observe`."""

        def observe(endpoint: str, status: str, seconds: float) -> None:
            self.api_calls.labels(api, endpoint, status).inc()
            self.api_seconds.labels(api, endpoint).observe(seconds)

        return observe

    def wait_observer(self, api: str, sleep: Callable[[float], None]) -> Callable[[float], None]:
        """A `sleep` that counts how long a rate limit made us wait."""

        def wait(seconds: float) -> None:
            self.rate_limit_waits.labels(api).inc(max(0.0, seconds))
            sleep(seconds)

        return wait

    def watch_store(self, store: Database, connections: Iterable[str], clock: Callable[[], datetime]) -> None:
        """What is read from the database whenever somebody asks."""
        self.registry.register(_StoreCollector(store, connections, clock))

    def text(self) -> bytes:
        return generate_latest(self.registry)


class _StoreCollector(Collector):
    def __init__(self, store: Database, connections: Iterable[str], clock: Callable[[], datetime]):
        self._store, self._inbox, self._alerts = store, Inbox(store), AlertBook(store)
        self._connections = connections
        self._clock = clock
        self._linked: tuple[datetime, dict[str, int]] | None = None
        self._counting: threading.Thread | None = None

    def describe(self) -> Iterator[Metric]:
        """Nothing: asking the database at registration would be too early."""
        return iter(())

    def _links(self, now: datetime) -> dict[str, int]:
        """How many there are, as last counted. Many are counted by a thread, for which nobody waits: before it has done
        so for the first time, none are told."""
        if self._linked is None or not timedelta(0) <= now - self._linked[0] < COUNTED_EVERY:
            if not Links(self._store).are_more_than(COUNTED_AT_ONCE):
                self._linked = now, Links(self._store).count()
            elif self._counting is None or not self._counting.is_alive():
                self._counting = threading.Thread(target=self._count, args=(now,), name="links", daemon=True)
                self._counting.start()
        return self._linked[1] if self._linked is not None else {}

    def _count(self, now: datetime) -> None:
        try:
            self._linked = now, Links(self._store).count()
        except StoreFailed as problem:
            log.warning("links were not counted", trouble=str(problem))

    def collect(self) -> Iterator[Metric]:
        now = self._clock()
        number, oldest = self._inbox.backlog()
        yield GaugeMetricFamily("nightporter_inbox_waiting", "Deliveries not acted upon yet.", value=number)
        yield GaugeMetricFamily(
            "nightporter_inbox_age_seconds",
            "How long the oldest of them has waited.",
            value=(now - oldest).total_seconds() if oldest else 0,
        )
        held = GaugeMetricFamily(
            "nightporter_held_revocations", "Revocations that wait for approval.", labels=["connection"]
        )
        waiting = Holds(self._store).numbers_waiting()
        age = GaugeMetricFamily(
            "nightporter_last_good_run_age_seconds", "Since the last run that read both sides.", labels=["connection"]
        )
        good_since = StatusBook(self._store).good_since()
        for connection in self._connections:
            held.add_metric([connection], waiting.get(connection, 0))
            if connection in good_since:
                age.add_metric([connection], (now - good_since[connection]).total_seconds())
        yield held
        yield age
        links = GaugeMetricFamily("nightporter_links", "Resources that are linked.", labels=["kind"])
        for kind, count in self._links(now).items():
            links.add_metric([kind], count)
        yield links
        alerts = GaugeMetricFamily("nightporter_open_alerts", "Alerts that have not ended.", labels=["kind"])
        kinds = Numbers(self._alerts.numbers_open())
        # Those of which there is none are named as well: a series that comes and goes cannot be watched.
        for kind in sorted({*KINDS, *kinds}):
            alerts.add_metric([kind], kinds[kind])
        yield alerts
