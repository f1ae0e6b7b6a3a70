"""Do the lines for cron, systemd and launchd start noshow anywhere, and does run-due do what is due?"""

from __future__ import annotations

import plistlib
import re
import shlex
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.providers.house import KATE, NOSHOW, House


def test_a_crontab_line_has_absolute_paths_a_zone_and_a_log_that_can_be_written(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.settings(schedule={"report_day": "tue", "report_time": "06:30"})
    monkeypatch.chdir(tmp_path)
    house.environ["NOSHOW_HOME"] = "house"  # relative, as somebody may have typed it
    typed = house.type("schedule", "--print", "cron")
    assert typed.code == 0
    note, line = typed.out.splitlines()
    assert note.startswith("#")
    assert "tue 06:30" in note
    assert "zone Europe/Berlin" in note
    assert line.startswith("*/15 * * * * ")
    words = shlex.split(line.replace("\\%", "%"))[5:]
    assert words[0] == f"NOSHOW_HOME={house.home}"
    assert words[1:3] == [str(NOSHOW), "run-due"]
    assert words[3] == ">>"
    assert Path(words[4]).is_absolute()
    assert Path(words[4]).parent.is_dir(), "cron's shell opens the log before noshow runs"


def test_a_crontab_line_runs_as_it_is_printed(kates: House, tmp_path: Path) -> None:
    line = kates.type("schedule", "--print", "cron").out.splitlines()[-1]
    command = line.split(" ", 5)[5].replace("\\%", "%")
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"PATH": "/usr/bin:/bin", "NOSHOW_NOW": "2026-11-23T07:10:00+01:00"},
        cwd=tmp_path,
        check=False,
    )
    assert done.returncode == 0
    log = (kates.paths.state / "run-due.log").read_text()
    assert "28 read" in log
    assert len(list(kates.reports.glob("2026-W47*.eml"))) == 1


def test_a_folder_with_blanks_and_percents_survives_the_crontab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = House(tmp_path / "100% mine & yours", monkeypatch)
    line = odd.type("schedule", "--print", "cron").out.splitlines()[-1]
    assert "\\%" in line
    assert "100% mine" not in line, "in a crontab a bare % ends the command"
    assert f"NOSHOW_HOME={odd.home}" in shlex.split(line.replace("\\%", "%"))


def test_launchd_reads_its_list_and_finds_the_program(house: House) -> None:
    house.settings()
    house.environ["NOSHOW__SMTP__PASSWORD"] = "s3cret"
    text = house.type("schedule", "--print", "launchd").out
    tree = plistlib.loads(text.encode())
    assert tree["ProgramArguments"] == [str(NOSHOW), "run-due"]
    assert tree["EnvironmentVariables"]["NOSHOW_HOME"] == str(house.home)
    assert Path(tree["StandardOutPath"]).is_absolute()
    assert "NOSHOW__SMTP__PASSWORD" in text, "what is missing in the job is named"
    assert "s3cret" not in text


def test_systemd_gets_two_units_with_absolute_paths(house: House) -> None:
    house.settings()
    typed = house.type("schedule", "--print", "systemd")
    assert f"ExecStart={NOSHOW} run-due" in typed.out
    assert f'Environment="NOSHOW_HOME={house.home}"' in typed.out
    assert "OnCalendar=*:0/15" in typed.out
    assert "Persistent=true" in typed.out
    assert "zone Europe/Berlin" in typed.out


def test_another_kind_of_timer_is_refused_and_the_lines_need_no_settings(house: House) -> None:
    typed = house.type("schedule", "--print", "at")
    assert typed.code == 2
    assert "cron, systemd, launchd" in typed.err
    assert "noshow.toml" in house.type("schedule", "--print", "cron").out


def test_run_due_fetches_and_reports_once_and_then_has_nothing_to_do(kates: House) -> None:
    assert kates.world is not None
    kates.now = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)  # Monday 07:05 in Berlin
    first = kates.type("run-due")
    assert first.code == 0, first.said
    assert "28 read" in first.out
    assert "2026-W47" in first.out
    again = kates.type("run-due")
    assert (again.code, again.said) == (0, "")


def test_a_late_report_says_that_it_is_late_and_one_too_late_is_not_sent(kates: House) -> None:
    kates.now = datetime(2026, 11, 25, 5, 0, tzinfo=UTC)  # Wednesday 06:00: 47 hours late
    typed = kates.type("run-due")
    assert "report 2026-W47 is 47 h late" in typed.err
    assert len(list(kates.reports.glob("*.eml"))) == 1
    kates.now = datetime(2026, 12, 3, 7, 0, tzinfo=UTC)  # Thursday: 72 hours late
    typed = kates.type("run-due")
    assert typed.code == 0
    assert len(list(kates.reports.glob("*.eml"))) == 1


@pytest.mark.proof  # the short form: test_missed
def test_a_laptop_asleep_over_a_monday_says_so_in_the_next_report(kates: House) -> None:
    assert kates.world is not None
    monday = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
    kates.now = monday
    assert kates.type("run-due").code == 0
    assert "You may have missed" not in kates.newest()
    for days in (11, 14):  # awake on Friday of next week, and on the Monday after it
        kates.now = monday + timedelta(days=days)
        kates.world.advance_to(kates.now)
        if days == 11:
            assert "missed the report of 2026-W48" in kates.type("status").err
        assert kates.type("run-due").code == 0
    assert "missed the report of 2026-W48" in " ".join(kates.newest().split())
    assert "noshow did not run" in " ".join(kates.newest().split())
    assert sorted(path.name[:8] for path in kates.reports.glob("*.eml")) == [
        "2026-W47",
        "2026-W49",
    ]
    kates.now = monday + timedelta(days=21)
    kates.world.advance_to(kates.now)
    assert kates.type("run-due").code == 0
    assert kates.newest().startswith("Repeat no-show report · week 50")
    assert "You may have missed" not in kates.newest(), "it was said, and is said once"


def test_mailboxes_read_from_files_are_never_due_for_a_look(house: House) -> None:
    house.settings(mailbox={"provider": "files"})
    house.now = datetime(2026, 11, 20, 12, tzinfo=UTC)  # no report is due on a Friday
    typed = house.type("run-due")
    assert (typed.code, typed.said) == (0, "")


def test_a_week_without_runs_is_found_by_the_doctor(kates: House) -> None:
    kates.now = datetime(2026, 11, 23, 6, 5, tzinfo=UTC)
    typed = kates.type("doctor")
    assert typed.code == 3
    assert "nothing was fetched yet" in typed.err
    assert kates.type("run-due").code == 0
    typed = kates.type("doctor")
    assert (typed.code, typed.err) == (0, "")
    assert f"{KATE}: login in order" in typed.out
    kates.now += timedelta(days=3)
    typed = kates.type("doctor")
    assert typed.code == 3
    assert "nothing was fetched for 72 hours" in typed.err
    assert "noshow schedule --print" in typed.err


def test_systemd_takes_the_units_as_they_are_saved(house: House, tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze here")
    house.settings()
    text = house.type("schedule", "--print", "systemd").out
    units = re.findall(
        r"^# ~/\.config/systemd/user/(\S+)\n(.*?)(?=^# ~/|^# then)", text, re.MULTILINE | re.DOTALL
    )
    assert [name for name, _ in units] == ["noshow.service", "noshow.timer"]

    def verified(folder: Path, change: str = "") -> subprocess.CompletedProcess[str]:
        folder.mkdir()
        for name, body in units:
            (folder / name).write_text(body.replace("OnCalendar=", f"OnCalendar={change}"))
        return subprocess.run(
            ["systemd-analyze", "verify", "--man=no", *(folder / name for name, _ in units)],
            capture_output=True,
            text=True,
            check=False,
        )

    good = verified(tmp_path / "good")
    assert (good.returncode, good.stderr) == (0, "")
    wrong = verified(tmp_path / "wrong", "noon-ish ")
    assert "noon-ish" in wrong.stderr, "it looks at what it is given"
