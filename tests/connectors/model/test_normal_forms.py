"""Is one address one address, however a program writes it?"""

from __future__ import annotations

import pytest

from connectors.model import normal_forms


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        # Some programs quote what has two dots in a row, as at Japanese phones; others do not.
        ('"dana..kim."@phone.example', "dana..kim.@phone.example"),
        ('"dana"@client.example', "dana@client.example"),
        ('"dana+crm"@client.example', "dana@client.example"),
        ("da\u0301na@client.example", "d\u00e1na@client.example"),
        ("\u0130pek@client.example", "ipek@client.example"),
        # Here the quotes mean something.
        ('"dana kim"@client.example', '"dana kim"@client.example'),
        ('"dana@home"@client.example', '"dana@home"@client.example'),
        ('""@client.example', '""@client.example'),
    ],
)
def test_an_address_has_one_form(written: str, normal: str) -> None:
    assert normal_forms.address(written) == normal
    assert normal_forms.address(normal) == normal
