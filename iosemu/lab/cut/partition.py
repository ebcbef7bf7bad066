"""Who computes what: the lab's graph cut in parts of about the same work, where cables are few, long and quiet."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from iosemu.box.device import SOFTWARE_LATENCY
from iosemu.box.interface_types import Medium, type_of
from iosemu.lab.errors import LabError
from iosemu.lab.labfile import Topology
from iosemu.lab.labfile_model import Cable

MOST = 64
"""Workers of a lab."""
SHORT = 1e-3
"""Seconds: a cable of this delay costs twice what a long one costs, if it is cut."""
_WORKER = re.compile(r"worker-([1-9][0-9]?)")


@dataclass(frozen=True)
class Partition:
    """The worker of each node, from 0; and the cables that lead from one to another, by their numbers."""

    workers: int
    of: Mapping[str, int]
    cut: tuple[int, ...]


def why_whole(cable: Cable, port: str) -> str:
    """Why a cable in such a port cannot be cut; empty if it can."""
    impairment = cable.impairment()
    if type_of(port).medium is Medium.SERIAL:
        return "is a serial line, one end of which gives the other its clock"
    if impairment.reorder:
        return "lets frames overtake others by its whole delay"
    if impairment.delay - impairment.jitter <= 0.0:
        return "has no delay" if impairment.delay <= 0.0 else "varies by its whole delay"
    return ""


def divide(topology: Topology, workers: int, traffic: Mapping[int, float] | None = None) -> Partition:
    """Part a lab among `workers`.

    Where the lab's file says `on: worker-2` it is so. The others are parted so that each worker has about as many
    boxes and cables, and what passes between workers is little: `traffic` has the frames of each cable by its number,
    where they were measured; otherwise all count alike. Raises LabError where it cannot be.
    """
    if not 2 <= workers <= MOST:
        raise LabError(f"a lab is cut in 2 to {MOST} parts, not {workers}")
    if topology.outside:
        raise LabError(
            "a lab with cables that lead out (udp:, tap:) is not cut: they live by the wall clock. Start it "
            "without --workers"
        )
    nodes = list(topology.lab.nodes)
    if len(nodes) < workers:
        raise LabError(f"{len(nodes)} devices are too few for {workers} workers")
    pinned = _pinned(topology, workers)
    groups = _groups(topology, pinned)
    of = {}
    for worker, members in enumerate(_parts(topology, groups, pinned, workers, traffic or {})):
        of.update(dict.fromkeys(members, worker))
    cut = tuple(number for number, ((a, _), (b, _), _cable) in enumerate(topology.cables) if of[a] != of[b])
    for number in cut:
        (a, a_port), (b, b_port), cable = topology.cables[number]
        if reason := why_whole(cable, a_port):
            give = "" if type_of(a_port).medium is Medium.SERIAL else "Give it a delay (delay: 1ms) or say"
            raise LabError(
                f"the cable from {a}:{a_port} to {b}:{b_port} {reason}: it cannot be cut. {give or 'Say'} the same "
                f"`on:` for {a} and {b}"
            )
    if missing := set(range(workers)) - set(of.values()):
        raise LabError(f"nothing is left for worker-{min(missing) + 1}; use fewer workers")
    return Partition(workers, {name: of[name] for name in nodes}, cut)


def _pinned(topology: Topology, workers: int) -> dict[str, int]:
    """What the lab's file says about nodes and cables."""
    found: dict[str, int] = {}

    def pin(name: str, text: str | None) -> None:
        if text is None:
            return
        match = _WORKER.fullmatch(text)
        if match is None or int(match[1]) > workers:
            raise LabError(f"{name}: on: {text} is none of worker-1 to worker-{workers}")
        if found.setdefault(name, int(match[1]) - 1) != int(match[1]) - 1:
            raise LabError(f"{name} is to be on worker-{found[name] + 1} and on {text}")

    for name, node in topology.lab.nodes.items():
        pin(name, node.on)
    for (a, _), (b, _), cable in topology.cables:
        pin(a, cable.on)
        pin(b, cable.on)
    return found


def _groups(topology: Topology, pinned: Mapping[str, int]) -> dict[str, list[str]]:
    """Nodes that must stay together, by the first of them: a cable between them cannot be cut.

    Those that are pinned apart are left apart; whoever checks the cables tells.
    """
    leader = {name: name for name in topology.lab.nodes}

    def find(name: str) -> str:
        while leader[name] != name:
            name = leader[name]
        return name

    place: dict[str, int] = dict(pinned)
    for (a, port), (b, _), cable in topology.cables:
        first, second = find(a), find(b)
        if first == second or not why_whole(cable, port):
            continue
        if first in place and second in place and place[first] != place[second]:
            continue
        leader[second] = first
        if second in place:
            place[first] = place[second]
    groups: dict[str, list[str]] = {}
    for name in topology.lab.nodes:
        groups.setdefault(find(name), []).append(name)
    return groups


def _cost(cable: Cable, frames: float) -> float:
    return (1.0 + frames) * (1.0 + SHORT / (cable.delay - cable.jitter + SOFTWARE_LATENCY))


def _parts(
    topology: Topology,
    groups: Mapping[str, list[str]],
    pinned: Mapping[str, int],
    workers: int,
    traffic: Mapping[int, float],
) -> list[list[str]]:
    try:
        import networkx
    except ImportError as error:
        raise LabError("cutting a lab needs a few more packages: pip install 'iosemu[workers]'") from error
    graph = networkx.Graph()
    of = {name: leader for leader, members in groups.items() for name in members}
    for leader, members in groups.items():
        graph.add_node(leader, work=float(len(members)))
    scale = sum(traffic.values()) / max(1, len(topology.cables)) or 1.0
    for number, ((a, _), (b, _), cable) in enumerate(topology.cables):
        frames = traffic.get(number, 0.0) / scale
        for end in (a, b):
            graph.nodes[of[end]]["work"] += 0.5 * (frames if traffic else 1.0)
        if of[a] != of[b]:
            known = graph.get_edge_data(of[a], of[b], {"weight": 0.0})["weight"]
            graph.add_edge(of[a], of[b], weight=known + _cost(cable, frames))
    place = {of[name]: worker for name, worker in pinned.items()}
    found: list[list[str]] = [[] for _ in range(workers)]
    _bisect(graph, range(workers), place, found)
    return [[name for leader in part for name in groups[leader]] for part in found]


def _bisect(graph: Any, workers: range, place: Mapping[str, int], found: list[list[str]]) -> None:
    """Give the nodes of `graph` to `workers`, halving them as often as needed."""
    if len(workers) == 1:
        found[workers[0]] = list(graph)
        return
    half = len(workers) // 2
    sides = _halves(graph, workers[:half], workers[half:], place)
    for side, those in zip(sides, (workers[:half], workers[half:]), strict=True):
        _bisect(graph.subgraph(side).copy(), those, place, found)


def _halves(graph: Any, left: range, right: range, place: Mapping[str, int]) -> tuple[list[str], list[str]]:
    """Two sides: neighbours together first (in breadth), then exchanged as Kernighan and Lin do."""
    import networkx

    nodes = list(graph)  # in the order of the lab's file: the same graph is always cut in the same way
    share = sum(graph.nodes[each]["work"] for each in nodes) * len(left) / (len(left) + len(right))
    fixed = {each: place[each] in left for each in nodes if each in place}
    order = _in_breadth(graph, nodes, [each for each in nodes if fixed.get(each)])
    best: tuple[float, list[str], list[str]] | None = None
    one = [each for each in nodes if fixed.get(each)]
    done = sum(graph.nodes[each]["work"] for each in one)
    for each in order:
        if each not in fixed and done < share:
            one.append(each)
            done += graph.nodes[each]["work"]
    chosen = set(one)
    first = [each for each in nodes if each in chosen], [each for each in nodes if each not in chosen]
    candidates = [first]
    if first[0] and first[1]:
        free = [[each for each in side if each not in fixed] for side in first]
        if free[0] and free[1]:
            swapped = networkx.community.kernighan_lin_bisection(
                graph.subgraph([*free[0], *free[1]]), (set(free[0]), set(free[1])), weight="weight", seed=1
            )
            kept = set(swapped[0]) | {each for each in fixed if fixed[each]}
            candidates.append(
                ([each for each in nodes if each in kept], [each for each in nodes if each not in kept])
            )
    for side, other in candidates:
        inside = set(side)
        crossing = sum(
            data["weight"] for a, b, data in graph.edges(data=True) if (a in inside) != (b in inside)
        )
        work = sum(graph.nodes[each]["work"] for each in side)
        uneven = abs(work - share) / max(share, 1.0)
        score = crossing * (1.0 + max(0.0, uneven - 0.05) * 20)
        if best is None or score < best[0]:
            best = score, side, other
    assert best is not None
    return best[1], best[2]


def _in_breadth(graph: Any, nodes: Sequence[str], begin: Sequence[str]) -> list[str]:
    """All nodes, those near each other together: from the ends of the graph inwards."""
    seen: dict[str, None] = dict.fromkeys(begin)
    waiting = list(begin)
    while len(seen) < len(nodes):
        if not waiting:
            start = min(
                (each for each in nodes if each not in seen),
                key=lambda each: (graph.degree(each), nodes.index(each)),
            )
            seen[start] = None
            waiting = [start]
        for each in graph.neighbors(waiting.pop(0)):
            if each not in seen:
                seen[each] = None
                waiting.append(each)
    return list(seen)


def distances(
    lanes: int, hops: Mapping[int, Sequence[tuple[int, float]]], doors: Mapping[int, float]
) -> list[float]:
    """For each lane the seconds until what happens there can be seen by another worker; and the least at the end.

    `hops` has the lanes beside each lane, with the least seconds to get there, `doors` the seconds to the far end of
    a cut cable. Infinity for a lane that has no way out.
    """
    import heapq

    found = [math.inf] * lanes
    heap = [(seconds, lane) for lane, seconds in doors.items()]
    heapq.heapify(heap)
    while heap:
        seconds, lane = heapq.heappop(heap)
        if seconds >= found[lane]:
            continue
        found[lane] = seconds
        for beside, cost in hops.get(lane, ()):
            if seconds + cost < found[beside]:
                heapq.heappush(heap, (seconds + cost, beside))
    return [*found, min(doors.values(), default=math.inf)]
