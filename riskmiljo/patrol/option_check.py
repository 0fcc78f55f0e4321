"""Check an answer to a route problem: plain arithmetic that shares nothing with the search."""

from __future__ import annotations

from typing import Final

from riskmiljo.patrol.option_model import Answer, Joint, Problem, Rest, Step

# Literature on orienteering has routes that use the budget to the last digit.
TOLERANCE: Final = 1e-6


def _same(a: float, b: float) -> bool:
    return abs(a - b) <= TOLERANCE


def _done(problem: Problem, crew: int, step: Step) -> bool:
    """Tell whether a step was made before the crew's way that is planned."""
    return step.start < problem.crews[crew].begins and _fixed(problem, crew, step)


def _fixed(problem: Problem, crew: int, step: Step) -> bool:
    return any(
        f.crew == crew
        and f.option == step.option
        and _same(f.start, step.start)
        and _same(f.start + f.dwell, step.leave)
        for f in problem.fixed
    )


def _declared(problem: Problem, stop: int, one: int, other: int) -> bool:
    return any(joint.stop == stop and set(joint.crews) == {one, other} for joint in problem.joint)


def _dwell_faults(problem: Problem, step: Step) -> list[str]:
    """Whether a visit that is not fixed keeps its option's window and dwell."""
    faults = []
    if step.start < problem.opens[step.option] - TOLERANCE:
        faults.append("begins before the window opens")
    if step.start > problem.closes[step.option] + TOLERANCE:
        faults.append("begins after the window closes")
    if not _same(step.leave - step.start, float(problem.dwell[step.option])):
        faults.append(f"dwells {step.leave - step.start:g} minutes")
    return faults


def _route_faults(problem: Problem, answer: Answer, crew: int) -> list[str]:
    faults = []
    spec = problem.crews[crew]
    way = problem.travel[spec.mode]
    here, now = spec.start, spec.begins
    events: list[Step | Rest] = [
        step for step in answer.routes[crew] if not _done(problem, crew, step)
    ]
    events += answer.pauses[crew]
    events.sort(key=lambda event: (event.start, event.leave))
    for event in events:
        name = f"crew {crew}, minute {event.start:g}: "
        if isinstance(event, Rest):
            if event.start < now - TOLERANCE:
                faults.append(name + "the break begins before the crew is free")
            now = event.leave
            continue
        there = int(problem.location[event.option])
        arrive = now + float(way[here, there])
        if not _same(arrive, event.arrive):
            faults.append(f"{name}arrives at {event.arrive:g}, but the way gives {arrive:g}")
        if event.start < arrive - TOLERANCE:
            faults.append(name + "begins before it arrives")
        if not _fixed(problem, crew, event):
            faults += [name + fault for fault in _dwell_faults(problem, event)]
        here, now = there, event.leave
    back = now + float(way[here, spec.end])
    if back > spec.ends + TOLERANCE:
        faults.append(f"crew {crew}: is back at {back:g}, after its end {spec.ends:g}")
    return faults


def _pause_faults(problem: Problem, answer: Answer, crew: int) -> list[str]:
    faults = []
    pauses = problem.crews[crew].pauses
    if sorted(rest.pause for rest in answer.pauses[crew]) != list(range(len(pauses))):
        return [f"crew {crew}: its breaks are not each taken once"]
    for rest in answer.pauses[crew]:
        pause = pauses[rest.pause]
        if not _same(rest.leave - rest.start, pause.minutes):
            faults.append(f"crew {crew}: a break of {rest.leave - rest.start:g} minutes")
        if not pause.earliest - TOLERANCE <= rest.start <= pause.latest + TOLERANCE:
            faults.append(f"crew {crew}: a break outside its window")
    return faults


def _visits(problem: Problem, answer: Answer) -> dict[int, list[tuple[int, Step]]]:
    by_stop: dict[int, list[tuple[int, Step]]] = {}
    for crew, route in enumerate(answer.routes):
        for step in route:
            by_stop.setdefault(int(problem.stop[step.option]), []).append((crew, step))
    return by_stop


def _together(problem: Problem, stop: int, one: tuple[int, Step], other: tuple[int, Step]) -> bool:
    """Tell whether two visits are one visit of two crews."""
    return (
        one[0] != other[0]
        and _same(one[1].start, other[1].start)
        and _same(one[1].leave, other[1].leave)
        and (
            _declared(problem, stop, one[0], other[0])
            or (_fixed(problem, *one) and _fixed(problem, *other))
        )
    )


def _stop_value(
    problem: Problem, stop: int, visits: list[tuple[int, Step]]
) -> tuple[float, list[str]]:
    """Value of a stop, and what is wrong with its visits."""
    faults = []
    values: list[float] = []
    planned = 0
    taken: set[int] = set()
    for i, one in enumerate(visits):
        if i in taken:
            continue
        group = [one]
        for j in range(i + 1, len(visits)):
            if j not in taken and _together(problem, stop, one, visits[j]):
                group.append(visits[j])
                taken.add(j)
        values.append(
            max(float(problem.value[step.option, problem.crews[crew].kind]) for crew, step in group)
        )
        planned += not _fixed(problem, *one)
        for j, other in enumerate(visits):
            if j <= i or other in group:
                continue
            both = _fixed(problem, *one) and _fixed(problem, *other)
            first, second = sorted((one[1], other[1]), key=lambda step: step.start)
            if not both and second.start < first.leave + problem.gap_min - TOLERANCE:
                faults.append(
                    f"stop {stop}: visits at {first.start:g} and {second.start:g} are too near"
                )
    if planned and len(values) > len(problem.discounts):
        faults.append(f"stop {stop}: {len(values)} visits are too many")
    weights = zip(problem.discounts, sorted(values, reverse=True), strict=False)
    return sum(weight * value for weight, value in weights), faults


def _joint_held(joint: Joint, visits: list[tuple[int, Step]]) -> bool:
    one, other = joint.crews
    return any(
        crew == one
        and other_crew == other
        and _same(step.start, other_step.start)
        and _same(step.leave, other_step.leave)
        for crew, step in visits
        for other_crew, other_step in visits
    )


def faults_of(problem: Problem, answer: Answer) -> list[str]:
    """List what is wrong with an answer.

    Parameters
    ----------
    problem
        What was asked.
    answer
        Routes, breaks and value.

    Returns
    -------
    list
        Empty for a sound answer; else one line in English for each fault.
    """
    crews = len(problem.crews)
    if len(answer.routes) != crews or len(answer.pauses) != crews:
        return [f"{len(answer.routes)} routes for {crews} crews"]
    faults = []
    for crew in range(crews):
        faults += _route_faults(problem, answer, crew)
        faults += _pause_faults(problem, answer, crew)
        starts = [step.start for step in answer.routes[crew]]
        if starts != sorted(starts):
            faults.append(f"crew {crew}: visits are not in the order of time")
    by_stop = _visits(problem, answer)
    total = 0.0
    for stop, visits in by_stop.items():
        value, wrong = _stop_value(problem, stop, visits)
        total += value
        faults += wrong
    if abs(total - answer.value) > TOLERANCE * max(1.0, abs(total)):
        faults.append(f"the value is said to be {answer.value!r} and is {total!r}")
    missing = {entry.stop for entry in answer.missing}
    faults += [
        f"pinned stop {stop} is neither visited nor said to be missing"
        for stop in problem.pinned
        if stop not in by_stop and stop not in missing
    ]
    faults += [
        f"stop {joint.stop} is not visited together"
        for joint in problem.joint
        if joint.stop not in missing and not _joint_held(joint, by_stop.get(joint.stop, []))
    ]
    for fixed in problem.fixed:
        if not any(
            step.option == fixed.option
            and _same(step.start, fixed.start)
            and _same(step.leave, fixed.start + fixed.dwell)
            for step in answer.routes[fixed.crew]
        ):
            faults.append(f"crew {fixed.crew}: the fixed visit at {fixed.start:g} is not there")
    return faults


def require_sound(problem: Problem, answer: Answer) -> None:
    """Refuse an answer that breaks a rule: it would be a fault of the search.

    Parameters
    ----------
    problem
        What was asked.
    answer
        Routes, breaks and value.

    Raises
    ------
    RuntimeError
        With all that is wrong; never because of a user's input.
    """
    faults = faults_of(problem, answer)
    if faults:
        raise RuntimeError("The route search broke its rules: " + "; ".join(faults))
