"""Who in the demonstration has really earned a line in the report?

Each story is told by the rules of reliability it should meet: late means within 24 hours of a
meeting agreed well ahead; an ask opens a thread to one contact, or is repeated two business days
later. Every act that counts is written down as a truth with `accused=True`.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.sandbox.scenario.stage import KATE, Stage
from connectors.sandbox.world.acts import Participant
from connectors.sandbox.world.script import micros


def plant(stage: Stage) -> None:
    """All of them."""
    _declines_through_an_assistant(stage)
    _cancels_as_organiser(stage)
    _moves_but_keeps_the_new_date(stage)
    _falls_silent(stage)
    _never_engaged(stage)
    _kate_owes(stage)
    _dead_address(stage)
    _kate_moves_late(stage)
    _comes_back_next_week(stage)
    _promise_passes(stage)
    _missed_one_by_record(stage)


def _declines_through_an_assistant(stage: Stage) -> None:
    omar = stage.contact("omar@client.example", "Omar Haddad", system="exchange")
    ana = stage.contact("ana@client.example", "Ana Pires", system="exchange")
    for week, hours, by in ((-20, 0, ""), (-17, 4, ana), (-13, 0, ""), (-9, 3, ""), (-4, 2.5, ana)):
        start = stage.book(week, 2, 14, 60)
        title = f"Scope review {26 + week}"
        uid = stage.meet(omar, start, title, minutes=60, lead=11, held=not hours)
        if hours:
            _decline(stage, omar, uid, start, hours, by)
    # This week again, and one more to come: the second report differs from the first.
    start = stage.book(0, 2, 14, 60)
    uid = stage.meet(omar, start, "Scope review 26", minutes=60, lead=11)
    _decline(stage, omar, uid, start, 3.5, ana)
    stage.meet(omar, stage.book(1, 3, 11, 60), "Contract terms", minutes=60, lead=16)
    stage.talk(-15, omar, "Numbers for the pilot")


def _decline(stage: Stage, who: str, uid: str, start: datetime, hours: float, by: str) -> None:
    at = stage.unique(start - timedelta(hours=hours))
    stage.world.answer(at, uid, who, "declined", by=by)
    through = " through an assistant" if by else ""
    why = f"declined{through} {hours:g} h before the start"
    stage.plant(who, "late_cancellation", at, why, accused=True, uid=uid, start=start)


def _cancels_as_organiser(stage: Stage) -> None:
    petra = stage.contact("petra.voss@vendor.example", "Petra Voss")
    for week, hours in ((-19, 0.0), (-16, 5), (-12, 0), (-8, 2), (-3, 3.5)):
        start = stage.book(week, 1, 15, 45)
        title = f"Vendor sync {26 + week}"
        uid = stage.meet(petra, start, title, minutes=45, lead=9, organizer=petra, held=not hours)
        if hours:
            at = stage.unique(start - timedelta(hours=hours))
            stage.world.cancel(at, uid)
            why = f"cancelled her own meeting {hours:g} h before the start"
            stage.plant(petra, "late_cancellation", at, why, accused=True, uid=uid, start=start)
    stage.meet(
        petra, stage.book(1, 1, 15, 45), "Vendor sync 27", minutes=45, lead=9, organizer=petra
    )
    stage.talk(-11, petra, "Price list for next year")


def _moves_but_keeps_the_new_date(stage: Stage) -> None:
    lena = stage.contact("lena.ruiz@harbor.example", "Lena Ruiz")
    for week, hours in ((-21, 0.0), (-18, 4), (-14, 3), (-10, 5), (-7, 0), (-5, 2.5)):
        start = stage.book(week, 1, 11, 30)
        title = f"Rollout plan {26 + week}"
        uid = stage.meet(lena, start, title, lead=8, organizer=lena, held=not hours)
        if hours:
            at = stage.unique(start - timedelta(hours=hours))
            new = stage.book(week, 3, 11, 30)
            stage.world.move(at, uid, new)
            stage.answer(at + timedelta(minutes=25), uid, KATE, "accepted")
            stage.hold(uid, new, 30, [lena])
            why = f"moved it {hours:g} h before the start, and kept the new date"
            stage.plant(lena, "late_move", at, why, accused=True, uid=uid, start=start)
    stage.talk(-12, lena, "Access for the new team")


def _ask(stage: Stage, who: str, week: int, weekday: int, subject: str, before: str = "") -> str:
    at = stage.moment(week, weekday, 9.5 + stage.random.random())
    text = f"Re: {subject}" if before else subject
    key = stage.write(at, KATE, who, text, **({"reply_to": before} if before else {}))
    stage.plant(who, "ask", at, "Kate asked", accused=False)
    return key


def _falls_silent(stage: Stage) -> None:
    dana = stage.contact("dana.kim@lumen.example", "Dana Kim")
    stage.talk(-16, dana, "Pilot questions")
    stage.meet(dana, stage.book(-12, 3, 9.5), "Pilot review", held=True)
    first = _ask(stage, dana, -6, 0, "Decision on the pilot")
    _ask(stage, dana, -5, 1, "Decision on the pilot", first)
    _ask(stage, dana, -4, 2, "Terms for the pilot")
    _ask(stage, dana, -2, 0, "Shall we talk about the pilot?")
    stage.plant(
        dana,
        "silence",
        stage.moment(-6, 0, 10),
        "met and in dialogue once; four asks since, no answer of any kind",
        accused=True,
    )
    _ask(stage, dana, 0, 1, "A last question on the pilot")


def _never_engaged(stage: Stage) -> None:
    viktor = stage.contact("viktor@quarry.example", "Viktor Brandt")
    for week, subject in (
        (-6, "Saving time in planning"),
        (-4, "One example"),
        (-2, "Worth a call?"),
    ):
        _ask(stage, viktor, week, 2, subject)
    stage.plant(
        viktor,
        "cold",
        stage.moment(-6, 2, 10),
        "three asks, and never a sign of life",
        accused=True,
    )


def _kate_owes(stage: Stage) -> None:
    ines = stage.contact("ines.roy@alder.example", "Ines Roy", system="exchange")
    tom = stage.contact("tom.baker@fjord.example", "Tom Baker")
    stage.talk(-10, ines, "Workshop dates")
    stage.talk(-13, tom, "Reference customers")
    for who, weekday, subject in (
        (ines, 1, "Which rooms do you need?"),
        (tom, 2, "Draft agreement"),
    ):
        at = stage.moment(-2, weekday, 10.4)
        key = stage.write(at, who, KATE, subject)
        stage.plant(who, "owed_reply", at, "wrote to Kate, who has not answered", accused=False)
        if who == ines:
            stage.write(stage.moment(0, 2, 16), KATE, who, f"Re: {subject}", reply_to=key)


def _dead_address(stage: Stage) -> None:
    gone = stage.moment(-5, 0, 8)
    rita = stage.world.human("rita.old@kestrel.example", "Rita Old", dead_from=gone).address
    stage.talk(-20, rita, "Support hours")
    for week, subject in ((-3, "Renewal in spring"), (-1, "Renewal: who is in charge?")):
        at = stage.moment(week, 1, 11.2)
        stage.write(at, KATE, rita, subject)
        stage.plant(rita, "dead_address", at, "the mail bounced", accused=False)


def _kate_moves_late(stage: Stage) -> None:
    sara = stage.contact("sara@brightwater.example", "Sara Lindqvist")
    stage.meet(sara, stage.book(-9, 0, 13), "Onboarding plan", held=True)
    for week in (-6, -2):
        start = stage.book(week, 2, 16)
        uid = stage.meet(sara, start, f"Onboarding step {9 + week}")
        at = stage.unique(start - timedelta(hours=3))
        new = stage.book(week, 3, 16)
        stage.world.move(at, uid, new)
        stage.answer(at + timedelta(hours=1), uid, sara, "accepted")
        stage.hold(uid, new, 30, [sara])
        why = "Kate moved it 3 h before the start: a question to her, no claim about Sara"
        stage.plant(sara, "own_late_move", at, why, accused=False, uid=uid, start=start)


def _comes_back_next_week(stage: Stage) -> None:
    gus = stage.contact("gus@birch.example", "Gus Ferrer")
    stage.talk(-14, gus, "Training for the team")
    first = _ask(stage, gus, -5, 0, "Training: next step")
    _ask(stage, gus, -4, 1, "Training: next step", first)
    last = _ask(stage, gus, -2, 0, "Training dates")
    at = stage.moment(-5, 0, 10)
    stage.plant(gus, "silence", at, "three asks without an answer", accused=True)
    back = stage.moment(0, 2, 10.5)
    stage.write(back, gus, KATE, "Re: Training dates", reply_to=last)
    stage.plant(gus, "returned", back, "answers after the first report", accused=False)


def _promise_passes(stage: Stage) -> None:
    tess = stage.contact("tess@umber.example", "Tess Okafor")
    ask = stage.write(stage.moment(-4, 0, 9.7), KATE, tess, "Signed order form")
    at = stage.moment(-4, 0, 14)
    key = stage.write(at, tess, KATE, "Re: Signed order form", reply_to=ask)
    due = stage.monday - timedelta(weeks=2) + timedelta(days=4)
    marked = stage.unique(at + timedelta(minutes=30))
    stage.world.label(marked, KATE, key, add=[f"promised/{due.isoformat()}"])
    stage.plant(tess, "promise_passed", marked, f"promised by {due}, then no word", accused=True)


def _missed_one_by_record(stage: Stage) -> None:
    ruth = stage.contact("ruth@pine.example", "Ruth Adler")
    for week in (-15, -10, -6):
        stage.meet(ruth, stage.book(week, 4, 10), "Quarter check", held=True)
    start = stage.book(-1, 4, 10)
    uid = stage.meet(ruth, start, "Quarter check")
    end = start + timedelta(minutes=26)
    alone = Participant("Kate Lind", "signed_in", micros(start), micros(end), KATE)
    stage.world.hold(end, uid, [alone])
    why = "the record shows Kate alone for 26 minutes; one incident is no pattern"
    stage.plant(ruth, "absent_by_record", start, why, accused=False, uid=uid, start=start)
