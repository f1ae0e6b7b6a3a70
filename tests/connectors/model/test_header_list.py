"""Which of a mail's headers are kept, and do all that say something of its class survive?"""

from __future__ import annotations

import pytest

from connectors.model.headers.header_list import raw_lines


@pytest.mark.parametrize(
    "written",
    [
        'multipart/report; report-type=delivery-status; boundary="a=b"',
        'multipart/report; boundary="a b"; report-type=delivery-status',
        "Multipart/Report; boundary=abc;\n report-type = delivery-status",
        "multipart/report;boundary=abc;report-type=delivery-status",
    ],
)
def test_the_type_of_a_report_survives_wherever_its_boundary_stands(written: str) -> None:
    (line,) = raw_lines([("Content-Type", written)]).splitlines()
    assert line.startswith("content-type: multipart/report;")
    assert line.endswith("report-type=delivery-status")


def test_a_type_that_says_nothing_is_not_kept() -> None:
    assert raw_lines([("Content-Type", 'multipart/mixed; boundary="report-type"')]) == ""
    assert raw_lines([("Content-Type", "text/plain; charset=utf-8")]) == ""


def test_only_the_topmost_sender_check_is_kept() -> None:
    name = "Authentication-Results"
    two = [(name, "mx.ours; dmarc=fail"), (name, "x; dmarc=pass")]
    assert raw_lines(two) == "authentication-results: mx.ours; dmarc=fail"
