"""What lies in the folder after a report was written, and what after a crash?"""

from __future__ import annotations

import io
import stat
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from config.errors import DeliveryError
from connectors.mailer.folder import FolderMailer, StdoutMailer
from jobs.delivery.envelope.message import letter
from reports.render.mail import Rendered

PNG = b"\x89PNG\r\n\x1a\n rest"


def mail(week: str = "2026-W47", text: str = "Hello\n") -> EmailMessage:
    rendered = Rendered(
        "Nobody to talk to", text, '<p>Hello</p><img src="cid:twelve-weeks">', {"twelve-weeks": PNG}
    )
    return letter(
        rendered,
        sender="kate@ourco.example",
        recipient="kate@ourco.example",
        key="noshow.7Q3F2K.1.1@ourco.example",
        at=1_795_413_600_000_000,
        name=f"weekly {week}",
    )


def test_a_report_is_four_files_and_the_page_shows_its_picture(tmp_path: Path) -> None:
    page = Path(FolderMailer(tmp_path).send(mail(), ["kate@ourco.example"]))
    names = sorted(path.name for path in tmp_path.iterdir())
    stem = "2026-W47-weekly-kate@ourco.example"
    assert names == [f"{stem}-twelve-weeks.png", f"{stem}.eml", f"{stem}.html", f"{stem}.txt"]
    assert f'src="{stem}-twelve-weeks.png"' in page.read_text()
    assert (tmp_path / f"{stem}-twelve-weeks.png").read_bytes() == PNG
    assert (tmp_path / f"{stem}.txt").read_text() == "Hello\n"
    again = message_from_bytes((tmp_path / f"{stem}.eml").read_bytes(), policy=default)
    assert again["Subject"] == "Nobody to talk to"


def test_the_attached_page_lies_beside_the_mail(tmp_path: Path) -> None:
    rendered = Rendered("Nothing", "a", "<p>a</p>", {}, "<p>page</p>", True)
    made = letter(
        rendered,
        sender="k@x.example",
        recipient="k@x.example",
        key="k@x",
        at=0,
        name="weekly 2026-W47",
    )
    path = Path(FolderMailer(tmp_path).send(made, ["k@x.example"]))
    assert path.read_text().strip() == "<p>a</p>"
    assert (tmp_path / "2026-W47-weekly-k@x.example-page.html").read_text().strip() == "<p>page</p>"


def test_only_its_owner_may_read_a_report(tmp_path: Path) -> None:
    FolderMailer(tmp_path / "new" / "deep").send(mail(), ["kate@ourco.example"])
    assert stat.S_IMODE((tmp_path / "new" / "deep").stat().st_mode) == 0o700
    for path in (tmp_path / "new" / "deep").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_crash_while_writing_leaves_the_old_report_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailer = FolderMailer(tmp_path)
    page = Path(mailer.send(mail(text="old\n"), ["kate@ourco.example"]))
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(DeliveryError, match="No space left") as failed:
        mailer.send(mail(text="new\n"), ["kate@ourco.example"])
    assert failed.value.handed_over is False
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert page.exists()


@pytest.mark.parametrize(
    "recipient",
    ["../../etc/passwd@x.example", "a/b@x.example", ".hidden@x.example", "\0@x.example"],
)
def test_no_recipient_leads_out_of_the_folder(tmp_path: Path, recipient: str) -> None:
    inside = tmp_path / "out"
    FolderMailer(inside).send(mail(), [recipient])
    outside = [path for path in tmp_path.rglob("*") if path.is_file() and path.parent != inside]
    assert outside == []
    assert len(list(inside.iterdir())) == 4


def test_the_terminal_gets_the_subject_and_the_text() -> None:
    stream = io.StringIO()
    StdoutMailer(stream).send(mail(), ["kate@ourco.example"])
    assert stream.getvalue() == "Nobody to talk to\n\nHello\n"


def test_a_closed_pipe_is_a_failed_delivery() -> None:
    stream = io.StringIO()
    stream.close()
    with pytest.raises(DeliveryError, match="closed"):
        StdoutMailer(stream).send(mail(), ["kate@ourco.example"])
