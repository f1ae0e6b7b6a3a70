"""Does the page hold all evidence, ask the network for nothing, and work by mouse, key and ear?"""

from __future__ import annotations

import html as entities
import json
import re
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from config.policy import Policy
from reports.detect.pipeline import Detection
from reports.detect.setting import Setting
from reports.render.page import page
from reports.weekly import build as weekly
from reports.weekly.limits import OTHERS, find_limits, run_again
from tests.reports.render.test_looks import measured
from tests.reports.render.test_mail import EVIL, Tags
from tests.support.facts import busy_world, report_story
from tests.support.facts import findings as b
from tests.support.facts.mail_box import NOW, PHRASES, instant
from tests.support.facts.whole_world import OURS, STANDARD

#: What a row, a filter, a sort and a hash do; the answers end in the outer page's title.
_DRIVE = """
<script>
const said=[];addEventListener('error',e=>said.push(String(e.message)));
addEventListener('securitypolicyviolation',e=>said.push('policy '+e.blockedURI));
addEventListener('load',()=>{
  const $=q=>[...document.querySelectorAll(q)],names=()=>$('#t tbody').filter(r=>!r.hidden).map(r=>r.dataset.name);
  const seen={first:names(),rows:$('#t tbody').length};
  const tog=$('.tog')[0];tog.focus();seen.focused=document.activeElement===tog;
  tog.click();seen.open=tog.getAttribute('aria-expanded')+getComputedStyle($('.more')[0]).display;
  tog.click();seen.closed=tog.getAttribute('aria-expanded')+getComputedStyle($('.more')[0]).display;
  const late=$('th[data-keys=late] button')[0];late.click();
  seen.sorted=$('#t tbody').map(r=>+r.dataset.late);seen.sort=late.parentNode.getAttribute('aria-sort');
  late.click();late.click();seen.restored=names();
  const f=document.getElementById('f');f.value='PETRA';f.dispatchEvent(new Event('input'));
  seen.found=names();seen.count=document.getElementById('cnt').textContent;
  f.value='zzz';f.dispatchEvent(new Event('input'));seen.none=!document.getElementById('none').hidden;
  f.value='';f.dispatchEvent(new Event('input'));
  document.getElementById('all').click();
  seen.all=$('#t tbody.open').length;document.getElementById('all').click();
  location.hash='omar-haddad';
  setTimeout(()=>{
    seen.hash=$('tbody.open').map(r=>r.id);
    seen.requests=performance.getEntriesByType('resource').length;seen.errors=said;
    seen.unnamed=$('a,button,input,select').filter(n=>!(n.textContent.trim()||n.getAttribute('aria-label')||n.closest('label'))).length;
    parent.document.title='DROVE'+JSON.stringify(seen)+'END';
  },200);
});
</script>
"""


@lru_cache(maxsize=1)
def made() -> str:
    report = b.build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    return page.render(report)


def driven(chromium: str, folder: Path, source: str) -> dict[str, Any]:
    """What the page answers in a frame of its own."""
    frame = folder / "frame.html"
    inner = source.replace("</head>", _DRIVE + "</head>")
    frame.write_text(
        f'<iframe width="1200" height="900" srcdoc="{entities.escape(inner)}">', "utf-8"
    )
    with tempfile.TemporaryDirectory(dir=folder) as profile:
        done = subprocess.run(
            [
                chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={profile}",
                "--disable-background-networking", "--window-size=1300,1000",
                "--virtual-time-budget=4000", "--dump-dom", frame.as_uri(),
            ],
            capture_output=True, text=True, timeout=90, check=True,
        )  # fmt: skip
    found = re.search(r"DROVE(.*?)END", entities.unescape(done.stdout))
    assert found, done.stdout[-500:] + done.stderr[-500:]
    answer: dict[str, Any] = json.loads(found[1])
    return answer


def test_every_contact_and_every_id_stands_on_the_page() -> None:
    report = b.build(
        report_story.full_findings(), report_story.full_facts(), previous=report_story.last_week()
    )
    source = page.render(report)
    assert len(report.people) > 15
    for person in report.people:
        assert f'data-name="{entities.escape(person.who.name)}"' in source
    for claim, ident in report.ids.items():
        assert f"noshow%20{ident}%20" in source, claim


def test_the_page_asks_the_network_for_nothing() -> None:
    tags = Tags(made()).tags
    assert "default-src 'none'" in made()
    for name, attrs in tags:
        assert name not in ("img", "iframe", "object", "embed", "form")
        assert "src" not in attrs
        if name == "link":
            assert attrs["href"] == "data:,"
    assert not re.search(r"url\((?!#)|@import", made())


def test_rows_sort_filter_open_and_are_named(chromium: str, tmp_path: Path) -> None:
    seen = driven(chromium, tmp_path, made())
    assert seen["errors"] == []
    assert seen["requests"] == 0
    assert seen["unnamed"] == 0
    assert seen["focused"]
    assert seen["open"] == "truetable-row"
    assert seen["closed"] == "falsenone"
    assert seen["sort"] == "descending"
    assert seen["sorted"] == sorted(seen["sorted"], reverse=True)
    assert seen["restored"] == seen["first"]
    assert seen["found"] == ["Petra Voss"]
    assert seen["count"] == f"1 of {seen['rows']} contacts"
    assert seen["none"]
    assert seen["all"] == seen["rows"]
    assert seen["hash"] == ["omar-haddad"]


@pytest.mark.parametrize("width", [380, 1200])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_fits_and_can_be_read(
    chromium: str, tmp_path: Path, width: int, dark: bool
) -> None:
    path = tmp_path / "page.html"
    path.write_text(made(), "utf-8")
    seen = measured(chromium, path, width, dark=dark)
    assert seen["scroll"] == width
    assert seen["faint"] == [], "WCAG 2.2, 1.4.3: 4.5 to 1"


def test_without_script_each_row_opens_by_itself_and_headings_have_no_gap() -> None:
    source = made()
    rows = source.count("<tbody role=")
    assert source.count("<summary>") >= rows == source.count('<details id="d-')
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", source)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert 3 not in levels[:2]
    assert 'class="bar" hidden' in source, "what needs script is not shown without it"


@pytest.mark.parametrize("evil", EVIL)
def test_no_name_or_subject_becomes_markup(evil: str) -> None:
    contact = "omar@client.example"
    found = b.findings(
        people=[b.person(contact, evil, organisation=evil)],
        slots=[b.slot(contact, "2026-11-18 10:00", "cancelled_late", subject=evil, note=f"held={evil}")],
        standings=[b.standing(contact, "talk", by="meetings", rules="R1", k=2, n=2, step="ask-directly")],
        questions=[b.question(contact, "2026-11-17 15:00", subject=evil)],
        passed=[b.passed(contact, evil, "2026-11-20")],
        coming=[b.coming(contact, "2026-11-25 10:00", subject=evil)],
        notices=(evil,),
    )  # fmt: skip
    source = page.render(b.build(found, warnings=(evil,)))
    tags = Tags(source)
    assert {tag for tag, _ in tags.tags} <= {tag for tag, _ in Tags(made()).tags} | {"code"}
    assert sum(tag == "script" for tag, _ in tags.tags) == 1
    for _, attrs in tags.tags:
        assert not any(name.startswith("on") for name in attrs)
        assert (attrs.get("href") or "https:").startswith(("https:", "mailto:", "#", "data:,"))
    assert "\u202e" not in source


def whole_detection(policy: Policy = STANDARD) -> Detection:
    facts = busy_world.facts()
    return Detection(facts, Setting.of(facts.tags, OURS, policy, PHRASES, instant(NOW)))


def test_a_limit_run_again_says_the_same_as_a_whole_run() -> None:
    detection = whole_detection()
    limits = find_limits(detection, run_again(detection), None)
    assert {one.name for one in limits} == set(OTHERS)
    policy = STANDARD
    for name, (values, first) in OTHERS.items():
        other = policy.model_copy(update={name: type(getattr(policy, name))(values[0])})
        quick = detection.under(other, first).findings
        whole = whole_detection(other).findings
        for frame in ("standings", "owed", "slots", "silences"):
            assert getattr(quick, frame).equals(getattr(whole, frame)), (name, frame)


def test_a_preview_offers_no_answers() -> None:
    report = weekly.build(
        report_story.full_findings(), b.facts(), week=b.WEEK, ours=b.OURS, policy=Policy()
    )
    assert "mailto:kate" not in page.render(report)
