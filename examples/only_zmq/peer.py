"""A participant without Tutti's library: it speaks the two protocols over ZeroMQ.

It hears spikes and answers each of them 1 ms later. Everything that is needed to write such
a peer in another language stands in docs/protocol.md.
SPDX-License-Identifier: Apache-2.0
"""

import os
import struct

import zmq

INFINITY = 2**63 - 1
HELLO, COMPLETE, END, ANSWER = 1, 2, 4, 8
HEADER = struct.Struct("<4sHH16sIIQqQ")
SECTION = struct.Struct("<IHHIIQ")
JOIN, DECLARE, READY, LEAVE = 1, 3, 4, 6
WELCOME, WIRING, GO, PING, FAILURE = 7, 9, 10, 11, 12


# --- protobuf, as much of it as is needed


def varint(number: int) -> bytes:
    number &= 2**64 - 1
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def pack(fields: dict[int, object]) -> bytes:
    """Integers, text and bytes by the numbers of their fields; lists are repeated."""
    out = b""
    for number, values in fields.items():
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, int):
                out += varint(number << 3) + varint(value)
            else:
                data = value.encode() if isinstance(value, str) else value
                out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def unpack(data: bytes) -> dict[int, list]:
    """Every field as a list: signed integers, or bytes."""
    fields: dict[int, list] = {}
    at = 0

    def number() -> int:
        nonlocal at
        value = shift = 0
        while True:
            value |= (data[at] & 127) << shift
            shift, at = shift + 7, at + 1
            if data[at - 1] < 128:
                return value - 2**64 if value >> 63 else value

    while at < len(data):
        key = number()
        if key & 7 == 0:
            value: object = number()
        else:
            size = {1: 8, 5: 4}.get(key & 7) or number()
            value = data[at : at + size]
            at += size
        fields.setdefault(key >> 3, []).append(value)
    return fields


# --- the peer


class Peer:
    """One input and one output for spikes; windows are [begin, end)."""

    def __init__(self, broker: str, name: str) -> None:
        self.zmq = zmq.Context()
        self.control = self.zmq.socket(zmq.DEALER)
        self.control.connect(broker)
        self.inbox = self.zmq.socket(zmq.PULL)
        where = f"ipc://@tutti-{os.urandom(8).hex()}"
        self.inbox.bind(where if broker.startswith("ipc") else "tcp://127.0.0.1:*")
        address = self.inbox.getsockopt_string(zmq.LAST_ENDPOINT)
        join = {1: 1, 2: "none", 3: name, 4: "", 5: os.getpid(), 6: address}
        self.say(JOIN, pack(join))
        welcome = self.hear(WELCOME)
        self.session, self.stop = welcome[2][0], welcome[5][0]
        self.process = welcome.get(4, [0])[0]

    def say(self, kind: int, body: bytes) -> None:
        self.control.send(pack({kind: body}))

    def hear(self, wanted: int) -> dict[int, list]:
        """The next message of a kind; frames that come meanwhile stay in the inbox."""
        while True:
            kind, (body,) = next(iter(unpack(self.control.recv()).items()))
            if kind == FAILURE:
                raise SystemExit(unpack(body)[2][0].decode())
            if kind == wanted:
                return unpack(body)

    def start(self, heard: str, answer: str) -> None:
        port = {1: heard, 3: 1, 4: 1}, {1: answer, 2: 1, 3: 1, 4: 1}
        self.say(DECLARE, pack({4: [pack(fields) for fields in port]}))
        wiring = self.hear(WIRING)
        self.window, self.credit = wiring[1][0], wiring[2][0]
        self.lines, self.sent, self.reached, self.last = {}, {}, {}, {}
        for fields in map(unpack, wiring.get(3, [])):
            peer = fields.get(1, [0])[0]
            self.lines[peer] = self.zmq.socket(zmq.PUSH)
            self.lines[peer].connect(fields[3][0].decode())
            self.sent[peer], self.reached[peer] = 0, 0
        names = ("number", "peer", "is_output", "", "", "first", "to", "count")
        names += ("delay", "out", "need")
        self.wires = []
        for fields in map(unpack, wiring.get(4, [])):
            numbers = {n: fields.get(i + 1, [0])[0] for i, n in enumerate(names) if n}
            self.wires.append(numbers)
        for peer in self.lines:
            self.send(peer, HELLO, 0, b"", 0)
        met: set[int] = set()
        while met != set(self.lines):
            met.add(self.receive()[0])
        self.say(READY, b"")
        self.hear(GO)

    def send(
        self, peer: int, flags: int, reached: int, body: bytes, count: int
    ) -> None:
        head = (b"TUTF", 1, flags, self.session, self.process, count)
        size = HEADER.size + len(body)
        self.lines[peer].send(HEADER.pack(*head, self.sent[peer], reached, size) + body)
        self.sent[peer] += 1

    def receive(self) -> tuple[int, list[tuple[int, int]]]:
        """A frame of this run: who sent it, and its spikes as (due, index)."""
        while not self.inbox.poll(100):
            if self.control.poll(0):
                self.hear(PING)  # or the end of the run
        frame = self.inbox.recv()
        magic, version, flags, session, peer, sections, _, reached, size = (
            HEADER.unpack_from(frame)
        )
        assert (magic, version, size) == (b"TUTF", 1, len(frame))
        assert session == self.session
        spikes, at = [], HEADER.size
        for _ in range(sections):
            number, _, _, count, _, length = SECTION.unpack_from(frame, at)
            wire = next(w for w in self.wires if w["number"] == number)
            base = self.reached[peer] + wire["out"] + wire["delay"]
            for place in range(count):
                offset, index = struct.unpack_from("<II", frame, at + 24 + 8 * place)
                spikes.append((base + offset, index))
            at += SECTION.size + length
        if flags & COMPLETE:
            self.reached[peer] = reached
        if flags & END:
            self.send(peer, ANSWER, 0, b"", 0)
        return peer, spikes

    def may_run_to(self, border: int) -> bool:
        for wire in self.wires:
            ahead = wire["delay"] + wire["out"] - wire["need"]
            ahead = self.credit if wire["is_output"] else ahead
            if self.reached[wire["peer"]] + ahead < border:
                return False
        return True

    def play(self) -> None:
        """One window after the other; each spike is answered 1 ms after it is due."""
        begin, waiting, answers = 0, [], []
        inputs = [wire for wire in self.wires if not wire["is_output"]]
        need = inputs[0]["need"] if inputs else 0
        while begin < self.stop:
            end = min(begin + self.window, self.stop)
            while not self.may_run_to(end):
                waiting += self.receive()[1]
            due = sorted(spike for spike in waiting if spike[0] < end + need)
            waiting = [spike for spike in waiting if spike[0] >= end + need]
            answers += [time + 1_000_000 for time, _ in due]
            now = [stamp for stamp in answers if stamp < end]
            answers = [stamp for stamp in answers if stamp >= end]
            self.promise(begin, end if end < self.stop else INFINITY, now)
            begin = end
        self.say(LEAVE, pack({1: 1}))
        self.zmq.destroy(linger=2000)

    def promise(self, begin: int, reached: int, stamps: list[int]) -> None:
        flags = COMPLETE | (END if reached == INFINITY else 0)
        for peer in self.lines:
            body, count = b"", 0
            for wire in self.wires:
                if wire["peer"] != peer or not wire["is_output"] or not stamps:
                    continue
                base = begin + wire["out"]
                spikes = b"".join(struct.pack("<II", t - base, 0) for t in stamps)
                head = SECTION.pack(wire["number"], 1, 0, len(stamps), 1, len(spikes))
                body, count = body + head + spikes, count + 1
            self.send(peer, flags, reached, body, count)


if __name__ == "__main__":
    peer = Peer(os.environ["TUTTI_BROKER"], os.environ["TUTTI_NAME"])
    peer.start("heard", "answer")
    peer.play()
