"""Whom would a naive tool accuse, and why would it be wrong?

Each of these looks bad in a calendar or a mailbox, and is not. Every story is written down as a truth
with `accused=False` and its reason.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from connectors.sandbox.scenario.stage import KATE, ROOM, ZONE, Stage
from connectors.sandbox.world.acts import Invited
from connectors.sandbox.world.recurrence import Rule


def plant(stage: Stage) -> None:
    """All of them."""
    _kate_cancelled(stage)
    _machine_declined(stage)
    _three_days_notice(stage)
    _accepted_again(stage)
    _uninvited(stage)
    _room_declined(stage)
    _reset_by_our_moves(stage)
    _colleague_answered(stage)
    _new_thread(stage)
    _reply_in_spam(stage)
    _back_after_weeks(stage)
    _single_incidents(stage)
    _series_tidied_up(stage)
    _night_of_the_clocks(stage)
    _never_accepted(stage)
    _series_split(stage)
    _proposed_early(stage)
    _away(stage)


def _innocent(stage: Stage, who: str, at: datetime, why: str, uid: str = "") -> None:
    stage.plant(who, "innocent", at, why, accused=False, uid=uid)


def _kate_cancelled(stage: Stage) -> None:
    hugo = stage.contact("hugo@cedar.example", "Hugo Lang")
    stage.meet(hugo, stage.book(-19, 3, 10), "Kick-off", held=True)
    for week, hours in ((-15, 100.0), (-9, 4), (-4, 3)):
        start = stage.book(week, 3, 13)
        uid = stage.meet(hugo, start, f"Project status {26 + week}")
        at = stage.unique(start - timedelta(hours=hours))
        stage.world.cancel(at, uid)
        _innocent(stage, hugo, at, "Kate cancelled, not Hugo", uid)


def _machine_declined(stage: Stage) -> None:
    yuki = stage.contact("yuki@delta-labs.example", "Yuki Tanaka")
    stage.meet(yuki, stage.book(-16, 0, 11), "Lab visit", held=True)
    for week in (-11, -7):
        start = stage.book(week, 2, 11)
        uid = stage.meet(yuki, start, f"Lab results {26 + week}")
        at = stage.unique(start - timedelta(hours=6))
        stage.world.answer(at, uid, yuki, "declined", machine=True)
        ask = stage.write(at + timedelta(hours=1), KATE, yuki, f"Today's lab results {26 + week}")
        stage.world.out_of_office(stage.unique(at + timedelta(hours=1, minutes=1)), yuki, ask)
        _innocent(stage, yuki, at, "an out-of-office machine declined", uid)
        back = stage.moment(week + 1, 1, 9.5)
        stage.write(back, yuki, KATE, f"Re: Today's lab results {26 + week}", reply_to=ask)
    stage.meet(yuki, stage.book(-3, 0, 11), "Lab results 23", held=True)


def _three_days_notice(stage: Stage) -> None:
    carl = stage.contact("carl@ember.example", "Carl Winter")
    for week in (-18, -14, -3):
        stage.meet(carl, stage.book(week, 4, 11), "Budget talk", held=True)
    for week in (-16, -11, -6):
        start = stage.book(week, 4, 13)
        uid = stage.meet(carl, start, f"Budget {26 + week}")
        at = stage.unique(start - timedelta(days=3, hours=2))
        stage.world.answer(at, uid, carl, "declined")
        _innocent(stage, carl, at, "declined with three days' notice", uid)


def _accepted_again(stage: Stage) -> None:
    marta = stage.contact("marta@fable.example", "Marta Silva", system="exchange")
    for week in (-12, -5):
        start = stage.book(week, 0, 15)
        uid = stage.meet(marta, start, f"Story lines {26 + week}", held=True)
        at = stage.unique(start - timedelta(hours=6))
        stage.world.answer(at, uid, marta, "declined")
        stage.answer(start - timedelta(hours=4.5), uid, marta, "accepted")
        _innocent(stage, marta, at, "declined, then accepted again and came", uid)


def _uninvited(stage: Stage) -> None:
    raj = stage.contact("raj@garnet.example", "Raj Mehta")
    lucy = stage.contact("lucy@garnet.example", "Lucy Holt")
    stage.meet([raj, lucy], stage.book(-15, 2, 9.5), "Data access", held=True)
    for week in (-10, -4):
        start = stage.book(week, 2, 9.5)
        uid = stage.meet([raj, lucy], start, f"Data access {26 + week}")
        at = stage.unique(start - timedelta(hours=4))
        stage.world.uninvite(at, uid, raj)
        stage.hold(uid, start, 30, [lucy])
        _innocent(stage, raj, at, "Kate took him off the list", uid)


def _room_declined(stage: Stage) -> None:
    stage.world.human(ROOM, "HQ-2-Oak (8)")
    beth = stage.contact("beth@hazel.example", "Beth Moran")
    for week in (-9, -2):
        start = stage.book(week, 1, 9.5, 60)
        title = f"Workshop {26 + week}"
        uid = stage.meet(beth, start, title, minutes=60, room=True, location="Our office")
        at = stage.unique(start - timedelta(hours=5))
        stage.world.answer(at, uid, ROOM, "declined")
        _innocent(stage, beth, at, "the room declined, not Beth", uid)


def _reset_by_our_moves(stage: Stage) -> None:
    paul = stage.contact("paul@iris.example", "Paul Nowak")
    for week, again in ((-13, True), (-8, True), (-4, False)):
        start = stage.book(week, 1, 13)
        uid = stage.meet(paul, start, f"Design review {26 + week}", lead=12)
        at = stage.unique(stage.office(start - timedelta(days=5)))
        new = stage.book(week, 3, 14)
        stage.world.move(at, uid, new)
        if again:
            stage.answer(stage.office(at + timedelta(hours=3)), uid, paul, "accepted")
        stage.hold(uid, new, 30, [paul])
        _innocent(stage, paul, at, "his answer was reset by our early move", uid)


def _colleague_answered(stage: Stage) -> None:
    ulla = stage.contact("ulla@juniper.example", "Ulla Berg")
    bo = stage.contact("bo@juniper.example", "Bo Larsen")
    stage.talk(-15, ulla, "Import formats")
    for week, subject in ((-7, "Import test"), (-5, "Import schedule"), (-3, "Import volumes")):
        ask = stage.write(stage.moment(week, 0, 10), KATE, ulla, subject)
        at = stage.moment(week, 3, 14)
        stage.write(at, bo, KATE, f"Re: {subject}", cc=[ulla], reply_to=ask)
        _innocent(stage, ulla, at, "her colleague answered in the same thread")


def _new_thread(stage: Stage) -> None:
    gina = stage.contact("gina@kelp.example", "Gina Costa")
    stage.talk(-14, gina, "Sample order")
    for week, subject, fresh in (
        (-6, "Quality report", "About last week"),
        (-4, "Next delivery", "Delivery on Friday"),
    ):
        stage.write(stage.moment(week, 0, 10), KATE, gina, subject)
        stage.write(stage.moment(week, 2, 10), KATE, gina, f"{subject}: a short question")
        at = stage.moment(week, 4, 12)
        key = stage.write(at, gina, KATE, fresh)
        stage.write(at + timedelta(hours=2), KATE, gina, f"Re: {fresh}", reply_to=key)
        _innocent(stage, gina, at, "she answered in a new thread under another subject")


def _reply_in_spam(stage: Stage) -> None:
    felix = stage.contact("felix@tern.example", "Felix Arnold")
    stage.talk(-12, felix, "Licence count")
    first = stage.write(stage.moment(-5, 0, 10), KATE, felix, "Licence renewal")
    stage.write(stage.moment(-4, 1, 10), KATE, felix, "Re: Licence renewal", reply_to=first)
    last = stage.write(stage.moment(-2, 0, 10), KATE, felix, "Licences: yes or no?")
    at = stage.moment(-2, 3, 15)
    stage.write(at, felix, KATE, "Re: Licences: yes or no?", reply_to=last, spam=True)
    _innocent(stage, felix, at, "he answered; it lies in spam")


def _back_after_weeks(stage: Stage) -> None:
    nora = stage.contact("nora@maple.example", "Nora Falk")
    stage.talk(-18, nora, "Catalogue")
    first = stage.write(stage.moment(-10, 0, 10), KATE, nora, "Catalogue prices")
    stage.write(stage.moment(-9, 1, 10), KATE, nora, "Re: Catalogue prices", reply_to=first)
    last = stage.write(stage.moment(-7, 0, 10), KATE, nora, "Catalogue: still of interest?")
    at = stage.moment(-4, 1, 9)
    key = stage.write(at, nora, KATE, "Re: Catalogue: still of interest?", reply_to=last)
    stage.write(
        at + timedelta(hours=3), KATE, nora, "Re: Catalogue: still of interest?", reply_to=key
    )
    _innocent(stage, nora, at, "came back after six weeks")


def _single_incidents(stage: Stage) -> None:
    alex = stage.contact("alex@larch.example", "Alex Dorn")
    for week in (-22, -19, -16, -13, -10, -7, -2):
        stage.meet(alex, stage.book(week, 3, 15), f"Larch weekly {26 + week}", held=True)
    start = stage.book(-5, 3, 15)
    uid = stage.meet(alex, start, "Larch weekly 21")
    at = stage.unique(start - timedelta(hours=3))
    stage.world.answer(at, uid, alex, "declined")
    stage.plant(
        alex,
        "single_incident",
        at,
        "declined once on the day, of eight meetings",
        accused=False,
        uid=uid,
        start=start,
    )


def _series_tidied_up(stage: Stage) -> None:
    jan = stage.contact("jan@moss.example", "Jan de Vries", system="exchange")
    start = stage.book(-20, 4, 14)
    made = stage.unique(start - timedelta(days=6))
    for week in range(-19, -8):
        stage.take(stage.moment(week, 4, start.astimezone(ZONE).hour), 60)
    uid = stage.world.invite(
        made,
        jan,
        [KATE],
        start,
        title="Moss project, weekly",
        rule=Rule(count=12),
        zone="Europe/Berlin",
    )
    stage.answer(made + timedelta(hours=5), uid, KATE, "accepted")
    at = stage.unique(stage.moment(-8, 0, 9.2))
    stage.world.cancel(at, uid)
    _innocent(stage, jan, at, "the series was deleted after its last occurrence", uid)


def _night_of_the_clocks(stage: Stage) -> None:
    emil = stage.contact("emil@nettle.example", "Emil Sand")
    stage.meet(emil, stage.book(-7, 1, 16), "Night shift plan", held=True)
    night = _clocks_go_back(stage)
    if night is None:
        return
    start = stage.on(night, 10)
    uid = stage.meet(emil, start, "Weekend cut-over", lead=12)
    # 23.5 hours by the clock on the wall, and 24.5 in truth.
    at = stage.on(night - timedelta(days=1), 10.5)
    stage.world.answer(at, uid, emil, "declined")
    _innocent(stage, emil, at, "24.5 h before, though the clocks show 23.5", uid)


def _clocks_go_back(stage: Stage) -> date | None:
    """The last day before `now` on which Kate's clocks were set back, within the story."""
    for back in range(10, stage.weeks * 7 - 30):
        day = stage.now.date() - timedelta(days=back)
        if stage.on(day, 4) - stage.on(day, 1) > timedelta(hours=3.5):
            return day
    return None


def _never_accepted(stage: Stage) -> None:
    stan = stage.contact("stan@quill.example", "Stan Oduya")
    stage.talk(-9, stan, "Print samples")
    for week in (-8, -3):
        start = stage.book(week, 0, 9)
        uid = stage.meet(stan, start, f"Print run {26 + week}", accept=False)
        at = stage.unique(start - timedelta(hours=20))
        stage.world.answer(at, uid, stan, "declined")
        _innocent(stage, stan, at, "declined an invitation that he had never accepted", uid)


def _series_split(stage: Stage) -> None:
    wes = stage.contact("wes@reed.example", "Wes Palmer")
    start = stage.book(-14, 0, 9.5)
    made = stage.unique(start - timedelta(days=8))
    rule = Rule(interval=2, count=12)
    hour = start.astimezone(ZONE).hour + start.astimezone(ZONE).minute / 60
    for week in range(-12, 10, 2):
        stage.take(stage.moment(week, 0, hour), 30)
        stage.take(stage.moment(week, 1, 17), 30)
    uid = stage.world.invite(
        made, KATE, [Invited(wes)], start, title="Reed, every other week", rule=rule, online=True
    )
    stage.answer(made + timedelta(hours=4), uid, wes, "accepted")
    at = stage.unique(stage.moment(-9, 2, 11))
    new = stage.world.split(at, uid, stage.moment(-8, 0, hour), stage.moment(-8, 1, 17))
    stage.answer(at + timedelta(hours=2), new, wes, "accepted")
    _innocent(stage, wes, at, "the series went on on another day", new)


def _proposed_early(stage: Stage) -> None:
    otto = stage.contact("otto@opal.example", "Otto Brandl")
    for week in (-17, -11):
        start = stage.book(week, 1, 10)
        uid = stage.meet(otto, start, f"Optics {26 + week}", lead=12)
        new = stage.book(week, 2, 10)
        at = stage.unique(stage.office(start - timedelta(days=4)))
        stage.world.propose(at, uid, otto, new)
        moved = stage.unique(stage.office(at + timedelta(hours=3)))
        stage.world.move(moved, uid, new)
        stage.answer(stage.office(moved + timedelta(hours=2)), uid, otto, "accepted")
        _innocent(stage, otto, at, "proposed another time four days ahead, and came", uid)


def _away(stage: Stage) -> None:
    vera = stage.contact("vera@slate.example", "Vera Novak", system="exchange")
    stage.talk(-8, vera, "Slate offer")
    for weekday in (0, 3):
        at = stage.moment(-1, weekday, 10)
        ask = stage.write(at, KATE, vera, f"Slate offer, part {weekday + 1}")
        stage.world.out_of_office(stage.unique(at + timedelta(minutes=1)), vera, ask)
        _innocent(stage, vera, at, "she is away, and her machine says so")
