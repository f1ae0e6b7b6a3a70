"""How are up to 100 requests sent in one, and answered one by one?

multipart/mixed with one `application/http` part a request; each part has its own status. Facts:
facts/google.md 2.2; developers.google.com/gmail/api/guides/batch.
"""

from __future__ import annotations

from collections.abc import Callable
from email import message_from_bytes
from email.policy import HTTP

from connectors.sandbox.google import errors
from connectors.sandbox.server.http import Reply, Request, parse

LARGEST = 100
_MARK = "batch_sandbox_0a1b2c"


def run(request: Request, answer: Callable[[Request], Reply]) -> Reply:
    """Answer every part through `answer`; a part without a token of its own uses the batch's."""
    kind = request.header("content-type")
    whole = message_from_bytes(
        b"Content-Type: " + kind.encode() + b"\r\n\r\n" + request.body, policy=HTTP
    )
    parts = list(whole.iter_parts()) if whole.is_multipart() else []
    if not parts:
        return errors.refusal(
            400, "badRequest", "Failed to parse batch request, error: no parts."
        ).reply()
    if len(parts) > LARGEST:
        return errors.refusal(
            400,
            "badRequest",
            f"The batch request must not contain more than {LARGEST} calls.",
        ).reply()
    token = request.header("authorization")
    chunks: list[bytes] = []
    for part in parts:
        payload = part.get_payload(decode=True)
        inner = _inner(payload if isinstance(payload, bytes) else b"", token)
        reply = (
            errors.refusal(400, "badRequest", "Failed to parse batch part.").reply()
            if inner is None
            else answer(inner)
        )
        name = str(part.get("Content-ID", "")).strip("<>")
        head = [f"--{_MARK}", "Content-Type: application/http"]
        if name:
            head.append(f"Content-ID: <response-{name}>")
        lines = [f"HTTP/1.1 {reply.status} Status", "Content-Type: application/json; charset=UTF-8"]
        lines += [f"{key}: {value}" for key, value in reply.headers.items()]
        lines.append(f"Content-Length: {len(reply.body)}")
        chunks.append(
            "\r\n".join([*head, "", *lines, "", ""]).encode("latin-1") + reply.body + b"\r\n"
        )
    body = b"".join(chunks) + f"--{_MARK}--\r\n".encode()
    return Reply(200, body, {"Content-Type": f'multipart/mixed; boundary="{_MARK}"'})


def _inner(payload: bytes, token: str) -> Request | None:
    head, _, body = payload.replace(b"\r\n", b"\n").partition(b"\n\n")
    lines = head.decode("latin-1").strip().split("\n")
    words = lines[0].split()
    if len(words) < 2:
        return None
    headers = dict(line.split(":", 1) for line in lines[1:] if ":" in line)
    headers = {name.strip(): value.strip() for name, value in headers.items()}
    if token and not any(name.lower() == "authorization" for name in headers):
        headers["Authorization"] = token
    return parse(words[0], words[1], headers, body)
