"""Which lines make cron, systemd or launchd run noshow on this machine?

All of them call `noshow run-due`, which asks jobs.schedule.due what is due: so a missed Monday is made
up for, and no clock change runs anything twice. Paths are absolute; `notes` (the times with their
zone) stand above as comments.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

LABEL = "org.noshow.run-due"


def cron(command: Path, log: Path, environ: Mapping[str, str], notes: Sequence[str] = ()) -> str:
    """Lines for `crontab -e`: every 15 minutes, standard output and errors into the log."""
    setting = " ".join(f"{name}={shlex.quote(value)}" for name, value in sorted(environ.items()))
    prefix = f"{setting} " if setting else ""
    line = (
        f"*/15 * * * * {prefix}{shlex.quote(str(command))} run-due >> {shlex.quote(str(log))} 2>&1"
    )
    # In a crontab an unescaped % ends the command.
    return _comments(notes) + line.replace("%", "\\%") + "\n"


def systemd(command: Path, environ: Mapping[str, str], notes: Sequence[str] = ()) -> str:
    """Two user units for ~/.config/systemd/user, and how to switch them on."""
    variables = "".join(
        f'Environment="{name}={value}"\n'.replace("%", "%%")
        for name, value in sorted(environ.items())
    )
    executable = str(command).replace("%", "%%").replace(" ", "\\x20")
    return _comments(notes) + (
        "# ~/.config/systemd/user/noshow.service\n"
        "[Unit]\nDescription=noshow: sync and weekly report\n\n"
        f"[Service]\nType=oneshot\n{variables}ExecStart={executable} run-due\n"
        "# 3: partly done, the next run goes on\nSuccessExitStatus=3\n\n"
        "# ~/.config/systemd/user/noshow.timer\n"
        "[Unit]\nDescription=noshow every 15 minutes\n\n"
        "[Timer]\nOnBootSec=2min\nOnCalendar=*:0/15\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n\n"
        "# then: systemctl --user daemon-reload && systemctl --user enable --now noshow.timer\n"
        "# and, to run while you are logged out: loginctl enable-linger\n"
    )


def launchd(command: Path, log: Path, environ: Mapping[str, str], notes: Sequence[str] = ()) -> str:
    """A property list for ~/Library/LaunchAgents/org.noshow.run-due.plist."""
    variables = "".join(
        f"    <key>{escape(name)}</key><string>{escape(value)}</string>\n"
        for name, value in sorted(environ.items())
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN"'
        ' "http://www.apple.com/DTDs/PropertyList-1.0.dtd">\n'
        # Two hyphens would end the comment.
        + "".join(f"<!-- {escape(note).replace('--', '- -')} -->\n" for note in notes)
        + '<plist version="1.0"><dict>\n'
        f"  <key>Label</key><string>{LABEL}</string>\n"
        "  <key>ProgramArguments</key><array>\n"
        f"    <string>{escape(str(command))}</string><string>run-due</string>\n"
        "  </array>\n"
        "  <key>StartInterval</key><integer>900</integer>\n"
        "  <key>RunAtLoad</key><true/>\n"
        + (f"  <key>EnvironmentVariables</key><dict>\n{variables}  </dict>\n" if variables else "")
        + f"  <key>StandardOutPath</key><string>{escape(str(log))}</string>\n"
        f"  <key>StandardErrorPath</key><string>{escape(str(log))}</string>\n"
        "</dict></plist>\n"
    )


def _comments(notes: Sequence[str]) -> str:
    return "".join(f"# {note}\n" for note in notes)
