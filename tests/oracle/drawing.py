"""Small random experiments of automata, full of borders, and their experiment files.

SPDX-License-Identifier: Apache-2.0
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

from oracle import Connection, Experiment, Participant, Port

STEPS = [(100, 1), (250, 1), (300, 1), (400, 1), (1000, 3), (1000, 7)]


def draw_output(random: Random, name: str) -> Port:
    return Port(
        name,
        width=random.randint(1, 6),
        is_output=True,
        lag=random.choice([0, 0, 0, 1, 100, 130]),
        ends=random.random() < 0.25,
        ahead=random.choice([0, 0, 1, 500]),
    )


def draw_input(random: Random, name: str) -> Port:
    return Port(
        name,
        width=random.randint(1, 6),
        is_output=False,
        lead=random.choice([0, 0, 0, 1, 99, 100]),
        own=random.choice([0, 0, 0, 1, 100, 250]),
        ends=random.random() < 0.25,
    )


def draw_participant(random: Random, name: str, may_lack_steps: bool) -> Participant:
    ports = [draw_input(random, f"i{k}") for k in range(random.randint(1, 2))]
    if may_lack_steps and random.random() < 0.3:
        plain = tuple(replace(p, lead=0, own=0, ends=False) for p in ports)
        return Participant(name, 0, None, False, plain)
    step = random.choice(STEPS)
    ports += [draw_output(random, f"o{k}") for k in range(random.randint(1, 2))]
    steps = random.choice([None, None, None, 1, 2, 3])
    return Participant(
        name,
        seed=random.getrandbits(63),
        step=step,
        is_up_to=random.random() < 0.5,
        ports=tuple(ports),
        window=None if steps is None else steps * step[0] // step[1],
    )


def reach_back(participants: list[Participant]) -> int:
    """A delay that lets every cycle run that has it: all windows, leads and lags."""
    return sum(
        (p.window or p.border(1) + 1) + sum(q.lag + q.lead + 1 for q in p.ports)
        for p in participants
        if p.step
    )


def draw_delay(random: Random, source: Participant, target: Participant) -> int:
    """Zero, whole steps and windows of both ends, 1 ns to either side, and any."""
    lengths = [p.window or p.border(1) for p in (source, target) if p.step]
    length = random.choice(lengths) * random.randint(0, 3)
    return max(
        random.choice([length, length - 1, length + 1, random.randint(0, 900)]), 0
    )


def draw_connection(random: Random, participants: list[Participant]) -> Connection:
    sources = [i for i, p in enumerate(participants) if p.step]
    source, target = random.choice(sources), random.randrange(len(participants))
    outputs = [k for k, p in enumerate(participants[source].ports) if p.is_output]
    inputs = [k for k, p in enumerate(participants[target].ports) if not p.is_output]
    output, input = random.choice(outputs), random.choice(inputs)
    widths = (
        participants[source].ports[output].width,
        participants[target].ports[input].width,
    )
    count = random.randint(1, min(widths))
    delay = draw_delay(random, participants[source], participants[target])
    if target <= source:
        delay += reach_back(participants)
    return Connection(
        source,
        output,
        first=random.randint(0, widths[0] - count),
        target=target,
        input=input,
        to=random.randint(0, widths[1] - count),
        count=count,
        delay=delay,
    )


def draw_experiment(seed: int) -> Experiment:
    """An experiment that runs, however tight its cycles."""
    random = Random(seed)
    participants = [
        draw_participant(random, name, may_lack_steps=name != "a")
        for name in "abcd"[: random.randint(2, 4)]
    ]
    connections = [
        draw_connection(random, participants) for _ in range(random.randint(2, 9))
    ]
    stop = random.choice([6000, 6999, 9000, 9001])
    return Experiment(tuple(participants), tuple(connections), stop)


def draw_tight_experiment(seed: int) -> Experiment:
    """Windows of one step on a common grid, delays so short that many have no order."""
    random = Random(seed)
    drawn = draw_experiment(seed)
    participants = tuple(
        replace(p, step=(100, 1), window=100) if p.step else p
        for p in drawn.participants
    )
    connections = tuple(
        replace(c, delay=random.choice([0, 0, 99, 100, 101, 200, 300]))
        for c in drawn.connections
    )
    return Experiment(participants, connections, 2000)


def port_text(port: Port) -> str:
    text = f"{'out' if port.is_output else 'in'} {port.name}:{port.width}"
    for key in ("lag", "lead", "own", "ahead"):
        if getattr(port, key):
            text += f":{key}={getattr(port, key)}"
    return text + (":ends=1" if port.ends else "")


def participant_lines(
    participant: Participant, program: str, log: Path, slow: int
) -> list[str]:
    lines = [f"  {participant.name}:", f"    command: {program}"]
    if participant.window:
        lines.append(f"    window: {participant.window} ns")
    ports = " ".join(port_text(port) for port in participant.ports)
    lines += ["    options:", f'      log: "{log}"', f'      ports: "{ports}"']
    lines += [f'      seed: "{participant.seed}"', f'      slow: "{slow}"']
    if participant.step:
        ns, divisor = participant.step
        lines.append(f'      step: "{ns}/{divisor}"')
        lines.append(f'      windows: "{"up_to" if participant.is_up_to else "from"}"')
    return lines


def connection_line(experiment: Experiment, connection: Connection) -> str:
    source = experiment.participants[connection.source]
    target = experiment.participants[connection.target]
    first, to, count = connection.first, connection.to, connection.count
    left = f"{source.name}.{source.ports[connection.output].name}"
    right = f"{target.name}.{target.ports[connection.input].name}"
    return (
        f'  - {{from: "{left}[{first}:{first + count}]", '
        f'to: "{right}[{to}:{to + count}]", delay: {connection.delay} ns}}'
    )


def experiment_text(
    experiment: Experiment, program: str, folder: Path, slow: dict[str, int]
) -> str:
    """The experiment file; participant NAME writes folder/NAME.log."""
    lines = ["experiment: random", f"duration: {experiment.stop} ns", "participants:"]
    for participant in experiment.participants:
        log = folder / f"{participant.name}.log"
        lines += participant_lines(
            participant, program, log, slow.get(participant.name, 0)
        )
    lines.append("connections:")
    lines += [connection_line(experiment, c) for c in experiment.connections]
    return "\n".join(lines) + "\n"
