"""Are the verdicts of our own side read, and nothing that the sender wrote among them?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.model.headers.header_list import raw_lines
from connectors.model.headers.sender_check import verdicts

GOOGLE = """mx.google.com;
       dkim=pass header.i=@client.example header.s=sel header.b=abcd1234;
       spf=pass (google.com: domain of dana@client.example designates 192.0.2.1 as permitted sender)
       smtp.mailfrom=dana@client.example;
       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=client.example"""


def test_what_google_writes() -> None:
    assert verdicts(GOOGLE) == (
        "mx.google.com; dmarc=pass header.from=client.example; spf=pass; "
        "dkim=pass header.i=@client.example"
    )


def test_what_exchange_writes_without_its_name() -> None:
    said = (
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=client.example; dkim=pass (signature was"
    )
    said += " verified) header.d=client.example;dmarc=pass action=none header.from=client.example;"
    assert verdicts(f"{said}compauth=pass reason=100") == (
        "dmarc=pass header.from=client.example; spf=pass; dkim=pass header.d=client.example"
    )


@pytest.mark.parametrize(
    "said",
    [
        'mx; spf=fail smtp.mailfrom="x; dmarc=pass; dkim=pass header.i=@google.com"@evil.example',
        "mx; spf=fail (domain of x; dmarc=pass (p=NONE); dkim=pass does not designate)",
        r'mx; spf=fail smtp.mailfrom="x\"; dmarc=pass; \""@evil.example',
        'mx; dkim=fail header.i="@google.com "@evil.example; spf=fail',
        "mx; spf=fail (open; dmarc=pass; dkim=pass header.i=@google.com",
        'mx; spf=fail smtp.mailfrom="open; dmarc=pass',
    ],
)
def test_what_the_sender_wrote_is_no_verdict(said: str) -> None:
    assert "pass" not in verdicts(said)
    assert "google.com" not in verdicts(said)


@pytest.mark.parametrize(
    "said",
    [
        "mx; DMARC = Fail header.from=client.example",
        "mx; spf=fail;\n\tdmarc=\n fail",
        "mx; dmarc/1=fail",
        "mx; spf=pass) smtp.mailfrom=x; dmarc=fail)",
        'mx; spf=pass smtp.mailfrom="open; dmarc=fail header.from=client.example',
        "mx; arc=pass (i=1 dmarc=pass fromdomain=x.example); dmarc=fail header.from=client.example",
        "mx; "
        + "; ".join(
            f"dkim=pass header.i=@evil{n}.example header.s=s header.b=b" for n in range(200)
        )
        + "; spf=pass smtp.mailfrom=evil.example; dmarc=fail header.from=client.example",
        f'mx; spf=fail smtp.mailfrom="{"x" * 5000}"@evil.example; dmarc=fail',
    ],
)
def test_a_failure_is_seen_however_it_is_written_and_however_much_stands_before_it(
    said: str,
) -> None:
    (line,) = raw_lines([("Authentication-Results", said)]).splitlines()
    assert "; dmarc=fail" in line
    assert len(line) <= 1100


def test_an_earlier_hops_failure_is_not_ours() -> None:
    said = "mx; arc=pass (i=1 dmarc=fail fromdomain=x.example); dmarc=pass header.from=x.example"
    assert "dmarc=fail" not in verdicts(said)


@given(st.text(alphabet='"()\\;= admrcpsfil', max_size=300))
def test_any_text_is_read_and_reads_the_same_again(said: str) -> None:
    once = verdicts(said)
    assert verdicts(once) == once or "(" in once or '"' in once
