"""What a coupled experiment of automata must do, from causality alone.

A step of a participant is computed once every step of a source that could still reach it
has been. There is no promise, no window and no clock here, and no line is shared with the
library: only the automaton of echo.c is said a second time.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

from dataclasses import dataclass, field

MASK = (1 << 64) - 1


@dataclass(frozen=True)
class Port:
    name: str
    width: int
    is_output: bool
    lag: int = 0
    lead: int = 0
    own: int = 0
    ends: bool = False
    ahead: int = 0


@dataclass(frozen=True)
class Participant:
    name: str
    seed: int
    step: tuple[int, int] | None  # ns, divisor; None: only writes down what comes
    is_up_to: bool
    ports: tuple[Port, ...]
    window: int | None = None  # ns; for the experiment file, nothing here reads it

    def border(self, number: int) -> int:
        assert self.step
        return number * self.step[0] // self.step[1]


@dataclass(frozen=True)
class Connection:
    source: int
    output: int  # place among the ports of the source
    first: int
    target: int
    input: int
    to: int
    count: int
    delay: int


@dataclass(frozen=True)
class Experiment:
    participants: tuple[Participant, ...]
    connections: tuple[Connection, ...]
    stop: int


@dataclass
class Record:
    """What one participant took and sent: for each port a list in order."""

    took: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)
    sent: dict[str, list[tuple[int, int, int]]] = field(default_factory=dict)


class Stuck(Exception):
    """Some steps wait for each other: no order of events exists."""


def mix(value: int) -> int:
    value = (value + 0x9E3779B97F4A7C15) & MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & MASK
    return value ^ (value >> 31)


class Run:
    """The experiment while it is computed."""

    def __init__(self, experiment: Experiment) -> None:
        self.experiment = experiment
        self.steps = [0 for _ in experiment.participants]
        self.states = [mix(p.seed) for p in experiment.participants]
        self.records = [Record() for _ in experiment.participants]
        # Under way on each connection: (due, connection, source index, sequence, index).
        self.flying: list[list[tuple[int, int, int, int, int]]] = [
            [] for _ in experiment.connections
        ]
        self.sequence = 0

    def has_ended(self, who: int) -> bool:
        participant = self.experiment.participants[who]
        return (
            participant.step is not None
            and participant.border(self.steps[who]) >= self.experiment.stop
        )

    def limit(self, who: int, port: Port) -> int:
        """What is due before it is taken in the participant's next step at the latest."""
        participant = self.experiment.participants[who]
        if participant.step is None:
            end, shortest = self.experiment.stop, 1
        else:
            end = participant.border(self.steps[who] + 1)
            shortest = participant.step[0] // participant.step[1]
        inclusive = 1 if participant.is_up_to else 0
        if port.ends:
            inclusive, end = 1, end - shortest
        return end + inclusive + port.lead - port.own

    def earliest(self, who: int, port: Port) -> int:
        """No step that is still to come stamps anything before it."""
        participant = self.experiment.participants[who]
        if port.ends:
            return participant.border(self.steps[who] + 1) - port.lag
        begin = participant.border(self.steps[who])
        return begin + (1 if participant.is_up_to else 0) - port.lag

    def is_ready(self, who: int) -> bool:
        for connection in self.experiment.connections:
            if connection.target != who or self.has_ended(connection.source):
                continue
            source = self.experiment.participants[connection.source]
            target = self.experiment.participants[who]
            earliest = self.earliest(connection.source, source.ports[connection.output])
            limit = self.limit(who, target.ports[connection.input])
            if earliest + connection.delay < limit:
                return False
        return True

    def take(self, who: int, place: int) -> list[tuple[int, int]]:
        """Due times and indices that port `place` takes in this step, in order."""
        port = self.experiment.participants[who].ports[place]
        limit = self.limit(who, port)
        taken = []
        for number, connection in enumerate(self.experiment.connections):
            if connection.target != who or connection.input != place:
                continue
            taken += [e for e in self.flying[number] if e[0] < limit]
            self.flying[number] = [e for e in self.flying[number] if e[0] >= limit]
        return [(event[0], event[4]) for event in sorted(taken)]

    def send(self, who: int, place: int, stamp: int, index: int) -> None:
        self.sequence += 1
        for number, connection in enumerate(self.experiment.connections):
            if connection.source != who or connection.output != place:
                continue
            if connection.first <= index < connection.first + connection.count:
                arrives = index - connection.first + connection.to
                due = stamp + connection.delay
                self.flying[number].append((due, number, index, self.sequence, arrives))

    def stamp(self, who: int, port: Port, draw: int) -> int:
        participant = self.experiment.participants[who]
        shift = 1 if participant.is_up_to else 0
        end = participant.border(self.steps[who] + 1)
        if port.ends:
            return end
        first = max(participant.border(self.steps[who]) + shift - port.lag, 0)
        last = end - 1 + shift
        later = draw // 8
        if draw % 8 == 0:
            return first
        if draw % 8 == 1:
            return last
        if draw % 8 == 2:
            return min(first + 1, last)
        if draw % 8 == 3:
            return max(last - 1, first)
        if draw % 8 == 4:
            return last + later % (port.ahead + 1)
        return first + later % (last - first + 1)

    def emit(self, who: int, place: int) -> None:
        port = self.experiment.participants[who].ports[place]
        draw = mix(self.states[who] ^ place)
        for _ in range(draw % 4):
            draw = mix(draw)
            stamp = self.stamp(who, port, draw)
            draw = mix(draw)
            index = draw % port.width
            self.send(who, place, stamp, index)
            sent = self.records[who].sent.setdefault(port.name, [])
            sent.append((self.steps[who], stamp, index))

    def compute(self, who: int) -> None:
        """One step of a participant."""
        participant = self.experiment.participants[who]
        self.states[who] = mix(self.states[who] ^ self.steps[who])
        for place, port in enumerate(participant.ports):
            if port.is_output:
                continue
            for due, index in self.take(who, place):
                self.states[who] = mix(self.states[who] ^ (due & MASK))
                self.states[who] = mix(self.states[who] ^ index)
                took = self.records[who].took.setdefault(port.name, [])
                took.append((self.steps[who], due, index))
        for place, port in enumerate(participant.ports):
            if port.is_output:
                self.emit(who, place)
        self.steps[who] += 1

    def finish(self, who: int) -> None:
        """All that comes to a participant without steps."""
        for place, port in enumerate(self.experiment.participants[who].ports):
            for due, index in self.take(who, place):
                took = self.records[who].took.setdefault(port.name, [])
                took.append((0, due, index))


def foretell(experiment: Experiment) -> list[Record]:
    """What each participant takes and sends. Raises Stuck when nobody can know."""
    run = Run(experiment)
    stepping = [i for i, p in enumerate(experiment.participants) if p.step]
    while not all(run.has_ended(who) for who in stepping):
        ready = [w for w in stepping if not run.has_ended(w) and run.is_ready(w)]
        if not ready:
            raise Stuck
        for who in ready:
            run.compute(who)
    for who, participant in enumerate(experiment.participants):
        if participant.step is None:
            run.finish(who)
    return run.records
