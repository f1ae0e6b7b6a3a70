"""Which addresses does a text name? Those that are written there in whatever way, and no others."""

from __future__ import annotations

import pytest

from connectors.model.written_addresses import written
from connectors.store.privacy.traces import naming

ANA = "ana@client.example"


@pytest.mark.parametrize(
    "text",
    [
        "ana@client.example",
        "Ask ANA+crm@Client.Example.",
        '"Ana Lund" <ana@client.example>, omar@other.example',
        "mailto:ana@client.example?subject=x",
        "https://crm.example/people/ana@client.example/notes",
        "https://crm.example/?who=ana%40client.example&x=1",
        "return-path: <bounce-7-ana=client.example@lists.example>",
        "return-path: <news+ana=client.example@lists.example>",
        "return-path: <SRS0=k7Qx=ZZ=client.example=ana@forward.example>",
        '{"contact": "ana@client.example"}',
        '"{\\"contact\\": \\"ana@client.example\\"}"',
        "m17|ana@client.example|2026-11-23T09:00|kept",
        "--ana@client.example--",
        "“ana@client.example”",
        "ana@client.example’s answer",
        "&lt;ana@client.example&gt;",
        "write to…ana@client.example…today",
        "x-failed-recipients: omar@other.example,ana@client.example",
    ],
)
def test_it_is_found_however_it_is_written(text: str) -> None:
    assert ANA in written(text)
    assert naming(ANA)(text)
    assert not naming("lana@client.example")(text)


@pytest.mark.parametrize(
    "text",
    [
        "dana@client.example",
        "x-ana@client.example",
        "joe.ana@client.example",
        "ana@client.example.org",
        "ana@sub.client.example",
        "ana@myclient.example",
        "return-path: <bounce-7-dana=client.example@lists.example>",
        "ana at client.example",
        "ana@",
        "@client.example",
        "",
    ],
)
def test_somebody_with_a_longer_address_is_another(text: str) -> None:
    assert ANA not in written(text)
    assert not naming(ANA)(text)


def test_other_names_of_one_domain() -> None:
    assert "eva@xn--mller-kva.example" in written("Eva <eva@Müller.example>")
    assert "eva@xn--mller-kva.example" in written("eva%40m%C3%BCller.example")
    assert naming("anne@gmail.com")("see An.Ne+x@GoogleMail.com")


@pytest.mark.parametrize("sign", ["a@", "=", "-a=", "/a/", "%40", "@a.", "srs0==", "a=b.c@d/"])
def test_of_what_is_built_to_be_slow_little_is_tried(sign: str) -> None:
    for text in (sign * 20_000 + "@client.example", sign * 50 + "@client.example"):
        assert len(written(text)) <= 50 * (text.count("@") + text.count("%40"))
