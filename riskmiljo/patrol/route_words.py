"""What a plan says of itself: why a stop is in it, why another is not, how good it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from riskmiljo.model.plan import place_title
from riskmiljo.model.shift import Shift
from riskmiljo.wording import Text, decimal_text

# Less than this is written as "less than": the figure after it would be noise.
_LEAST = 0.01
# "kl. 02" is said of both hours of the autumn night; this tells them apart.
_SUMMER = Text("sommartid", "summer time")
_WINTER = Text("vintertid", "winter time")
_HOUR_MIN = 60
# How the line on presence begins.
PRESENCE_HERE = Text("Närvaro här", "Presence here")
_ORDINAL = ("första", "andra", "tredje", "fjärde"), ("first", "second", "third", "fourth")


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """What is known of a visit when its line is written.

    Attributes
    ----------
    evidence
        One line from the data; empty texts for none.
    begins
        When the dwell begins (UTC).
    expected
        Expected incidents at the stop in that hour, whole.
    share
        How much of the shift's risk lies at the stop, 0 to 1.
    peak
        The stop's riskiest hour of the shift such as ``22–23``; None where no hour stands out.
    visit
        1 for the first visit to this stop.
    since_min
        Minutes since a crew left it.
    pinned
        Wanted by the user.
    partner
        Number of the crew that is there too; 0 for none.
    window
        The times between which the visit is to begin; None for any.
    presence
        What is known of presence at the stop so far, in one line; None where it is not told.
    """

    evidence: Text
    begins: datetime
    expected: float
    share: float
    peak: Text | None
    visit: int
    since_min: float | None
    pinned: bool
    partner: int
    window: Text | None = None
    presence: Text | None = None


def why_visited(facts: VisitFacts, tz: str) -> Text:
    """Say in one line why a stop is on the route at this time.

    Parameters
    ----------
    facts
        What is known.
    tz
        The zone of its hours.

    Returns
    -------
    Text
        Such as "6 händelser på 4 veckor. 12 % av passets risk finns här; väntat 0,4 kl. 22–23."
    """
    parts = []
    if facts.pinned:
        parts.append(Text("Eget önskemål.", "Your own wish."))
    if facts.window is not None:
        parts.append(Text("Ska börja {w}.", "Is to begin {w}.").fill(w=facts.window))
    if facts.evidence.sv:
        parts.append(facts.evidence)
    here = Text(
        "{p} av passets risk finns här; väntat {e} kl. {h}.",
        "{p} of the shift's risk is here; expected {e} at {h}.",
    ).fill(e=amount(facts.expected), h=hour_of(facts.begins, tz), p=per_cent(facts.share))
    parts.append(Text(here.sv[0].upper() + here.sv[1:], here.en[0].upper() + here.en[1:]))
    if facts.peak and facts.peak != hour_of(facts.begins, tz):
        parts.append(Text("Topp {h}.", "Peak {h}.").fill(h=facts.peak))
    if facts.presence is not None:
        parts.append(facts.presence)
    if facts.visit > 1 and facts.since_min is not None:
        parts.append(
            Text(
                "{n} besöket, {m} min efter det förra.",
                "{n} visit, {m} min after the last.",
            ).fill(n=_nth(facts.visit), m=f"{facts.since_min:.0f}")
        )
    if facts.partner:
        parts.append(
            Text("Tillsammans med lag {n}.", "Together with team {n}.").fill(n=facts.partner)
        )
    return joined(parts)


def window_text(opens: datetime | None, closes: datetime | None, tz: str) -> Text | None:
    """Write the times between which a visit is to begin.

    Parameters
    ----------
    opens, closes
        Aware; None for the shift's own.
    tz
        The zone of the clock.

    Returns
    -------
    Text or None
        Such as ``15:00–16:00``; None where both are the shift's own.
    """
    first, last = (at and f"{at.astimezone(ZoneInfo(tz)):%H:%M}" for at in (opens, closes))
    if first and last:
        return Text(f"{first}–{last}", f"{first}–{last}")
    if first:
        return Text("tidigast {t}", "at {t} at the earliest").fill(t=first)
    return Text("senast {t}", "at {t} at the latest").fill(t=last) if last else None


def presence_so_far(minutes: float, days: int) -> Text:
    """Say how long somebody was at a stop before the shift; never who.

    Parameters
    ----------
    minutes
        Not negative.
    days
        How far back they are counted.

    Returns
    -------
    Text
        One sentence.
    """
    whole = round(minutes)
    hours, rest = divmod(whole, _HOUR_MIN)
    told = Text("ingen noterad", "none noted")
    if whole >= _HOUR_MIN:
        told = Text("{h} tim {m} min", "{h} h {m} min") if rest else Text("{h} tim", "{h} h")
    elif whole:
        told = Text("{m} min", "{m} min")
    return Text("{p} senaste {d} dygnen: {t}.", "{p} in the last {d} {d:day|days}: {t}.").fill(
        p=PRESENCE_HERE, d=days, t=told.fill(h=hours, m=rest)
    )


def why_left_out(evidence: Text, presence: Text | None, why: Text) -> Text:
    """Put together why no crew visits a stop.

    Parameters
    ----------
    evidence
        One line from the data; empty texts for none.
    presence
        What is known of presence so far; None where it is not told.
    why
        What keeps it out.

    Returns
    -------
    Text
        What keeps it out first.
    """
    parts = [why, *([evidence] if evidence.sv else []), *([presence] if presence else [])]
    return joined(parts)


def no_street(distance_m: float, *, loose: bool = False) -> Text:
    """Say that a stop is too far from any street.

    Parameters
    ----------
    distance_m
        Metres to the nearest one.
    loose
        Whether it lies by a street that is not connected to the network.

    Returns
    -------
    Text
        One sentence.
    """
    if loose:
        return Text(
            "Gatan intill hänger inte ihop med resten av gatunätet, som ligger {d} bort.",
            "The street beside it is not connected to the rest of the network, which is {d} away.",
        ).fill(d=length_text(distance_m))
    return Text(
        "Ligger {d} från närmaste gata i gatunätet.",
        "Lies {d} from the nearest street of the network.",
    ).fill(d=length_text(distance_m))


def not_in_time() -> Text:
    """Say that a stop's window and the shift have no time in common."""
    return Text(
        "Tiden då den är öppen ligger utanför passet.",
        "The time when it is open lies outside the shift.",
    )


def nothing_expected() -> Text:
    """Say that nothing is expected at a stop in the shift."""
    return Text("Inget väntas här i passet.", "Nothing is expected here in the shift.")


def too_far(minutes: float) -> Text:
    """Say that no crew can go to a stop and be back in time.

    Parameters
    ----------
    minutes
        There and back with the dwell, for the crew that is nearest.

    Returns
    -------
    Text
        One sentence.
    """
    if minutes == float("inf"):
        return Text("Ingen väg leder dit i gatunätet.", "No way of the network leads there.")
    return Text(
        "För långt bort: {m} min fram och tillbaka med uppehåll ryms inte i något lags tid.",
        "Too far: {m} min there and back with the dwell do not fit any team's time.",
    ).fill(m=f"{minutes:.0f}")


def outweighed(expected: float, hour: Text | None, added_min: float, crew: int) -> Text:
    """Say what a stop would have cost that no crew visits.

    Parameters
    ----------
    expected
        Expected incidents in its best hour.
    hour
        That hour; None where all are alike.
    added_min
        Minutes that it would add to the route that it suits best, dwell included.
    crew
        Whose route that is.

    Returns
    -------
    Text
        One line.
    """
    when = Text(" (kl. {h})", " (at {h})").fill(h=hour) if hour else ""
    most = Text("högst {e} i timmen", "{e} an hour at most")
    if 0 < expected < _LEAST:
        most = Text("{e} i timmen", "{e} an hour")
    return Text(
        "Väntat {e}{w}. Skulle ta {m} min av lag {n}: de minuterna ger mer på andra hållpunkter.",
        "Expected {e}{w}. Would take {m} min of team {n}: those minutes give more at other stops.",
    ).fill(e=most.fill(e=amount(expected)), w=when, m=f"{added_min:.0f}", n=crew)


def covered_share(share: float) -> Text:
    """Say how much of the reachable risk a plan covers.

    Parameters
    ----------
    share
        0 to 1.

    Returns
    -------
    Text
        One sentence.
    """
    return Text(
        "Planen täcker {p} av den risk som lagen som mest kan nå i passet.",
        "The plan covers {p} of the risk that the teams can reach at most in the shift.",
    ).fill(p=per_cent(share))


def compared(share: float, habit: float | None, days: int) -> Text:
    """Compare a plan with what could be reached and with habit.

    Parameters
    ----------
    share
        Of the reachable risk, 0 to 1.
    habit
        The same for the habit; None where presence is unknown.
    days
        Days of presence behind the habit.

    Returns
    -------
    Text
        One or two sentences.
    """
    first = covered_share(share)
    if habit is None:
        return joined(
            [
                first,
                Text(
                    "Närvaro saknas för dessa timmar, så vanan kan inte jämföras.",
                    "There is no presence for these hours, so habit cannot be compared.",
                ),
            ]
        )
    return joined(
        [
            first,
            Text(
                "Lika många besök enligt de senaste {d} dygnens vana skulle nå {p}.",
                "As many visits by the habit of the last {d} {d:day|days} would reach {p}.",
            ).fill(p=per_cent(habit), d=days),
        ]
    )


def missing_stop(name: str, overrun_min: float, *, wish: bool = True) -> Text:
    """Say that a wanted stop could not be held.

    Parameters
    ----------
    name
        The stop.
    overrun_min
        By how many minutes the best route with it would be late.
    wish
        Whether a user wanted it; else it was to be explored.

    Returns
    -------
    Text
        One sentence with a way out.
    """
    if overrun_min == float("inf"):
        return Text(
            "{s} kan inte nås av något lag och är inte med i planen.",
            "{s} cannot be reached by any team and is not in the plan.",
        ).fill(s=place_title(name))
    if not wish:
        return Text(
            "{s} skulle utforskas men ryms inte: det bästa laget skulle bli {m} min sent.",
            "{s} was to be explored but does not fit: the best team would be {m} min late.",
        ).fill(s=place_title(name), m=f"{max(overrun_min, 1):.0f}")
    return Text(
        "{s} ryms inte: det bästa laget skulle bli {m} min sent. Förläng passet, lägg till ett lag "
        "eller ta bort ett annat krav.",
        "{s} does not fit: the best team would be {m} min late. Lengthen the shift, add a team or "
        "take away another demand.",
    ).fill(s=place_title(name), m=f"{max(overrun_min, 1):.0f}")


def does_not_fit(overrun_min: float) -> Text:
    """Say the same where the name of the stop stands before it.

    Parameters
    ----------
    overrun_min
        By how many minutes the best route with it would be late.

    Returns
    -------
    Text
        One sentence.
    """
    if overrun_min == float("inf"):
        return Text("Kan inte nås av något lag.", "Cannot be reached by any team.")
    return Text(
        "Ryms inte: det bästa laget skulle bli {m} min sent.",
        "Does not fit: the best team would be {m} min late.",
    ).fill(m=f"{max(overrun_min, 1):.0f}")


def wish_denied(name: str, why: Text) -> Text:
    """Say that a wanted stop is not in the plan, and what to do.

    Parameters
    ----------
    name
        The stop.
    why
        One sentence.

    Returns
    -------
    Text
        Two sentences, the last with a way out.
    """
    return Text(
        "{s} är inte med i planen: {w} Välj en annan plats eller ta bort önskemålet.",
        "{s} is not in the plan: {w} Choose another place or take back the wish.",
    ).fill(
        s=place_title(name), w=Text(why.sv[0].lower() + why.sv[1:], why.en[0].lower() + why.en[1:])
    )


def idle_crews(crews: Sequence[int], *, could_visit: bool) -> Text:
    """Say why crews have no stops.

    Parameters
    ----------
    crews
        Their numbers.
    could_visit
        Whether they had time to visit any stop.

    Returns
    -------
    Text
        Two sentences, the second with a way out.
    """
    many = len(crews) > 1
    who = Text("Lag {n}", "Teams {n} have" if many else "Team {n} has").fill(
        n=joined([Text(f"{n}", f"{n}") for n in crews], ", ")
    )
    if could_visit:
        return Text(
            "{w} har inga stopp: de andra lagen hinner med allt som är värt ett besök till. "
            "Planera med färre lag, eller lägg till egna hållpunkter.",
            "{w} no stops: the other teams manage all that is worth another visit. Plan "
            "with fewer teams, or add stops of your own.",
        ).fill(w=who)
    return Text(
        "{w} har inga stopp: ingen hållpunkt ryms i tiden med vägen fram och tillbaka. "
        "Ge mer tid, eller flytta starten.",
        "{w} no stops: none fits the time with the way there and back. Give more time, or move "
        "the start.",
    ).fill(w=who)


def peak_of(hourly: list[float], shift: Shift) -> Text | None:
    """Return the hour of the shift in which a stop has most risk.

    Parameters
    ----------
    hourly
        Expected incidents an hour, for each of `Shift.hour_slots`.
    shift
        The shift.

    Returns
    -------
    Text or None
        Such as ``22–23``; None where all hours are alike.
    """
    if not hourly or max(hourly) <= min(hourly):
        return None
    best = hourly.index(max(hourly))
    return hour_of(shift.hour_slots()[best].begins, shift.tz)


def hour_of(moment: datetime, tz: str) -> Text:
    """Return the hour of the local clock that holds a moment.

    Parameters
    ----------
    moment
        Aware.
    tz
        The zone.

    Returns
    -------
    Text
        Such as ``23–00``; of the hour that the clock repeats in autumn ``02–03 (sommartid)`` and
        ``02–03 (vintertid)``.
    """
    local = moment.astimezone(ZoneInfo(tz))
    hour = Text("{a:02d}–{b:02d}", "{a:02d}–{b:02d}").fill(a=local.hour, b=(local.hour + 1) % 24)
    # The same time on the clock comes twice where the offset depends on which of the two it is.
    summer, winter = (local.replace(fold=fold).utcoffset() for fold in (0, 1))
    if summer is None or winter is None or summer <= winter:
        return hour
    mark = _WINTER if local.fold else _SUMMER
    return Text("{h} ({m})", "{h} ({m})").fill(h=hour, m=mark)


def amount(expected: float) -> Text:
    """Write an expected number of incidents.

    Parameters
    ----------
    expected
        Not negative.

    Returns
    -------
    Text
        Two figures that say something.
    """
    if 0 < expected < _LEAST:
        return Text("mindre än 0,01", "less than 0.01")
    return decimal_text(expected, 2 if expected < 1 else 1)


def per_cent(share: float) -> Text:
    """Write a share.

    Parameters
    ----------
    share
        0 to 1.

    Returns
    -------
    Text
        Such as ``12 %`` and ``12%``.
    """
    if 0 < share < _LEAST / 2:
        return Text("mindre än 1 %", "less than 1%")
    return Text("{p:.0f} %", "{p:.0f}%").fill(p=100 * share)


def length_text(metres: float) -> Text:
    """Write a distance.

    Parameters
    ----------
    metres
        Not negative.

    Returns
    -------
    Text
        Such as ``350 m`` and ``5,2 km``.
    """
    if metres < 1000:  # noqa: PLR2004 - a kilometre
        return Text("{m} m", "{m} m").fill(m=f"{metres:.0f}")
    return Text("{k} km", "{k} km").fill(k=decimal_text(metres / 1000, 1))


def joined(parts: list[Text], between: str = " ") -> Text:
    """Put sentences after each other.

    Parameters
    ----------
    parts
        Sentences.
    between
        What stands between them.

    Returns
    -------
    Text
        One line.
    """
    return Text(between.join(part.sv for part in parts), between.join(part.en for part in parts))


def _nth(number: int) -> Text:
    swedish, english = _ORDINAL
    if number <= len(swedish):
        return Text(swedish[number - 1].capitalize(), english[number - 1].capitalize())
    return Text(f"{number}:e", f"{number}th")
