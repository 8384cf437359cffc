"""What goes to Seam is put together by ourselves, and is what the SDK and httpx would have sent."""

from typing import Any

import httpx
import pytest
from seam import NULL
from seam.seam import Seam

from seam_workspace.one_request import OneRequest

ODD = "é/ü ?&=#%20+\"<>[]{}|^`~*_-.'(),;:@!$\U0001f600"


def sent(act: Any, at: str, ours: bool, answer: httpx.Response) -> list[Any]:
    """Each request as it comes to the transport, and last what comes back or is raised."""
    came: list[Any] = []

    def keep(request: httpx.Request) -> httpx.Response:
        lines = sorted((name.lower(), value) for name, value in request.headers.raw)
        came.append((request.method, str(request.url), request.url.raw_path, lines, request.content))
        came.append(request.extensions)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    hooks = {"request": [lambda one: came.append(one.content)], "response": [lambda one: came.append(one.status_code)]}
    seam = Seam(
        api_key="seam_key", endpoint=at, httpx_options={"transport": httpx.MockTransport(keep), "event_hooks": hooks}
    )
    if ours:
        seam.client.request = OneRequest(seam.client)  # type: ignore[method-assign]
    try:
        came.append(act(seam.client))
    except Exception as problem:
        came.append((type(problem), str(problem)))
    return came


OK = httpx.Response(200, json={"ok": True, "said": "é"})
ACTS = {
    "nothing": lambda client: client.get("/spaces/list"),
    "no parameters": lambda client: client.get("/spaces/list", params={}),
    "parameters": lambda client: client.get("/spaces/list", params={"customer_key": ODD, "limit": 5, "all": True}),
    "lists": lambda client: client.get("/spaces/list", params={"ids": ["b", "a", ODD], "at": NULL, "no": None}),
    "a body": lambda client: client.post("/access_grants/create", json={"name": ODD, "at": NULL, "of": [{"a": NULL}]}),
    "an empty body": lambda client: client.post("/access_grants/create", json={}),
    "no body": lambda client: client.post("/access_grants/create"),
    "patched": lambda client: client.patch("/spaces/update", json={"space_id": "1"}),
    "put": lambda client: client.put("/spaces/update", json={"space_id": "1"}),
    "deleted": lambda client: client.delete("/spaces/delete", json={"space_id": "1"}),
    "deleted without a body": lambda client: client.delete("/spaces/delete"),
    "an odd path": lambda client: client.get("/spaces/lïst?a=b", params={"c": "d"}),
    "headers of its own": lambda client: client.get("/spaces/list", headers={"X-Own": "1"}),
    "what is no JSON": lambda client: client.post("/spaces/create", json={"a": float("nan")}),
}


@pytest.mark.parametrize("at", ["https://connect.getseam.com", "http://127.0.0.1:8080/below/", "http://[::1]:80"])
@pytest.mark.parametrize("what", ACTS)
def test_each_request_is_the_one_that_httpx_would_have_made(what: str, at: str) -> None:
    assert sent(ACTS[what], at, True, OK) == sent(ACTS[what], at, False, OK)


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, text="é", headers={"Content-Type": "text/html"}),
        httpx.Response(200, text="{", headers={"Content-Type": "application/json"}),
        httpx.Response(302, headers={"Location": "/elsewhere"}),
        httpx.Response(401, json={}),
        httpx.Response(400, json={"error": {"type": "invalid_input", "message": "bad", "validation_errors": {}}}),
        httpx.Response(404, json={"error": {"type": "not_found", "message": "none"}}, headers={"seam-request-id": "r"}),
        httpx.Response(429, text="slow"),
        httpx.Response(503, text="down"),
    ],
)
def test_each_answer_is_taken_as_the_sdk_takes_it(answer: httpx.Response) -> None:
    act = ACTS["parameters"]
    at = "https://connect.getseam.com"
    assert sent(act, at, True, answer) == sent(act, at, False, answer)


def test_what_an_answer_asks_to_be_remembered_is_not_sent_with_the_next_request() -> None:
    def twice(client: Any) -> Any:
        return [client.get("/spaces/list"), client.get("/spaces/list")]

    answer = httpx.Response(200, json={}, headers={"Set-Cookie": "a=b"})
    came = sent(twice, "https://connect.getseam.com", True, answer)
    assert not any(b"cookie" in str(one).lower().encode() for one in came)
