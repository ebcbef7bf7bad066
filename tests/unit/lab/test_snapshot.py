import collections
import io
import random
import tracemalloc
from collections import deque
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import iosemu
from iosemu.lab import resources, snapshot
from iosemu.lab.capture import Capture
from iosemu.lab.errors import LabError
from iosemu.lab.lab import Lab
from iosemu.lab.snapshot import Snapshot
from iosemu.shell.loader import load
from iosemu.subjects.crypto.service.engine import CryptoEngine
from iosemu.testing.views import view


def work(lab: Lab, typed: str = "") -> bytes:
    """Let things happen: a ping through the tunnel, an hour, a cut cable; the capture of it all."""
    capture = Capture(lab, "all")
    if typed:
        load(lab["R-A"], lab.grammar, typed)
    for _ in range(2):
        session = lab.session("PC-A")
        assert session is not None
        session.start()
        session.run("ping 192.168.2.1")
        lab.clock.watch(session)
        assert lab.run_until(lambda session=session: not session.waiting, 60)
        lab.clock.unwatch(session)
        session.disconnect()
    lab.advance(600)
    lab.link("R-A:Fa0/0").plugged = False
    lab.advance(60)
    capture.close()
    return capture.read()


def test_a_seeded_lab_lives_the_same_life_again() -> None:
    lab = Lab.load("ipsec-vpn", seed=7)
    lab.boot()
    snapshot = lab.snapshot()
    changes = "hostname Changed\ninterface Loopback7\n ip address 7.7.7.7 255.0.0.0"
    once = work(lab, f"{changes}\ninterface FastEthernet0/0\n no crypto map")
    assert lab["R-A"].hostname == "Changed"
    lab.restore(snapshot)
    assert lab["R-A"].hostname == "R-A"
    assert "Loopback7" not in lab["R-A"].interfaces
    assert lab.link("R-A:Fa0/0").carrier
    assert lab.scheduler.now == 60.0
    plain = work(lab)
    lab.restore(snapshot)
    assert work(lab) == plain
    assert plain != once
    assert len(plain) > 5000


def test_a_restored_lab_equals_a_fresh_one() -> None:
    restored, fresh = Lab.load("ipsec-vpn", seed=3), Lab.load("ipsec-vpn", seed=3)
    restored.boot()
    fresh.boot()
    snapshot = restored.snapshot()
    restored.stop("R-B")
    work(restored, "hostname Elsewhere")
    restored.start("R-B")
    restored.restore(snapshot)
    assert work(restored) == work(fresh)


def test_a_snapshot_in_the_middle_of_a_negotiation() -> None:
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot()
    router = lab["R-A"]
    session = lab.session("PC-A")
    assert session is not None
    session.start()
    session.run("ping 192.168.2.1")
    assert lab.run_until(
        lambda: any(sa.state.value == "MM_KEY_EXCH" for sa in router.service(CryptoEngine).ike.sas), 10
    )
    snapshot = lab.snapshot()
    for _ in range(2):
        assert lab.run_until(lambda: len(router.service(CryptoEngine).sadb) == 1, 10)
        lab.restore(snapshot)
        assert [sa.state.value for sa in router.service(CryptoEngine).ike.sas] == ["MM_KEY_EXCH"]
        assert session.closed
        assert not any(line.busy for line in lab["PC-A"].lines.all())


@pytest.mark.parametrize("name", sorted(resources.labs()))
def test_every_lab_can_be_put_back(name: str) -> None:
    lab = Lab.load(name, seed=2)
    lab.boot()
    snapshot = lab.snapshot()
    before = {each: view(device) for each, device in lab.devices.items()}
    for device in list(lab.devices):
        lab.stop(device)
        lab.start(device)
    lab.advance(120)
    lab.restore(snapshot)
    assert {each: view(device) for each, device in lab.devices.items()} == before
    for device in lab.devices:
        session = lab.session(device)
        assert session is not None
        session.start()


def test_captures_are_closed_and_must_be() -> None:
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot()
    snapshot = lab.snapshot()
    capture = Capture(lab, "cables")
    with pytest.raises(LabError, match="close it before"):
        lab.snapshot()
    lab.restore(snapshot)
    assert not lab.captures
    assert io.BytesIO(capture.read()).read(4) == b"\x0a\x0d\x0d\x0a"
    assert not any(port.taps for port in lab["R-A"].ports.values())


class Thing:
    """Stands for a class of the network's, in slots and in `__dict__`."""

    __module__ = "iosemu.net.thing"
    __slots__ = ("__dict__", "first", "second")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2), inner, max_size=4),
    max_leaves=12,
)


def shown(value: object) -> str:
    """What a value is to the byte: 1, 1.0 and True differ, as does the order of keys."""
    if isinstance(value, Thing):
        slots = [shown(getattr(value, name)) for name in ("first", "second") if hasattr(value, name)]
        return f"Thing({slots}, {shown(value.__dict__)})"
    return repr(value)


@given(VALUES, VALUES, st.lists(st.sampled_from(["fill", "empty", "more", "fewer", "swap", "list", "dict"])))
def test_any_change_is_taken_back(one: object, other: object, changes: list[str]) -> None:
    thing, sharing = Thing(), Thing()
    thing.first = sharing.first = one
    thing.held = sharing.held = [one]
    queue, members, octets, source = deque([one]), {1, 2}, bytearray(b"abc"), random.Random(1)
    roots = {"thing": thing, "sharing": sharing, "queue": queue, "members": members, "octets": octets}
    before = shown(thing), shown(sharing), repr(roots["queue"]), set(members), bytes(octets), list(roots)
    snapshot = Snapshot(roots, source)
    expected = source.random()
    for change in changes:
        match change:
            case "fill":
                thing.second = other
            case "empty" if hasattr(thing, "first"):
                del thing.first
            case "more":
                thing.more = roots["more"] = other
                members.add(3)
            case "fewer":
                thing.__dict__.clear()
                members.discard(1)
                del octets[:1]
            case "swap":
                thing.first, sharing.first = other, 1
                roots["queue"] = roots.pop("queue")
            case "list" if isinstance(one, list):
                one.append(other)
            case "dict" if isinstance(one, dict):
                one["new"] = other
        queue.append(change)
        snapshot.restore()
        after = shown(thing), shown(sharing), repr(roots["queue"]), set(members), bytes(octets), list(roots)
        assert after == before
        assert source.random() == expected


def test_dictionaries_of_other_kinds_are_put_back_as_they_were() -> None:
    counts, lists = collections.Counter(a=2), collections.defaultdict(list, a=[1])
    ordered = collections.OrderedDict(a=1, b=2)
    snapshot = Snapshot([counts, lists, ordered])
    counts["b"] += 1
    lists["b"].append(2)
    ordered.move_to_end("a")
    snapshot.restore()
    assert counts == collections.Counter(a=2)
    assert lists == {"a": [1]}
    assert list(ordered.items()) == [("a", 1), ("b", 2)]


class Counter:
    """Stands for a class of which every lab has thousands of instances in the same state."""

    __module__ = "iosemu.net.thing"
    __slots__ = ("octets", "packets")

    def __init__(self) -> None:
        self.octets = self.packets = 0


def test_objects_in_the_same_state_share_a_note() -> None:
    things = [Counter() for _ in range(1000)]
    tracemalloc.start()
    try:
        snapshot = Snapshot(things)
        taken, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(snapshot) == 1001
    assert taken < 1000 * 60, "a note of its own takes 72 octets"


def test_sessions_that_were_hung_up_are_not_told_of_anything_again() -> None:
    lab = Lab.load("ipsec-vpn", seed=1)
    lab.boot()
    device = lab["R-A"]
    before = len(device.attention)
    session = lab.session("R-A")
    assert session is not None
    assert len(device.attention) == before + 1
    taken = lab.snapshot()
    later = lab.session("R-A")
    assert later is not None
    lab.restore(taken)
    assert session.closed
    assert later.closed
    assert len(device.attention) == before


def test_every_room_that_has_state_of_boxes_is_known():
    """A room that is forgotten here would run on from another moment after a restore."""
    rooms = {each.name for each in Path(iosemu.__file__).parent.iterdir() if (each / "__init__.py").exists()}
    without_state = {
        "agents",
        "challenges",
        "farm",
        "lab",
        "parser",
        "server",
        "shell",
        "terminal",
        "testing",
    }
    assert rooms - without_state <= set(snapshot._ROOMS)


def test_ikev2_sas_are_put_back() -> None:
    lab = Lab.load("ikev2-site-to-site", seed=7)
    lab.boot()
    repair = "crypto ikev2 profile SITES\n match identity remote address 10.0.10.10 255.255.255.255\n"
    load(lab["R-B"], lab.grammar, repair)
    crypto = [lab[name].service(CryptoEngine) for name in ("R-A", "R-B")]
    assert lab.run_until(lambda: all(len(each.sadb) == 1 for each in crypto), 120)
    lab.advance(5)
    before = [[sa.spi_i for sa in each.ikev2.engine.sas] for each in crypto]
    snapshot = lab.snapshot()
    once = work(lab)
    crypto[0].clear_ikev2()
    lab.advance(60)
    assert [[sa.spi_i for sa in each.ikev2.engine.sas] for each in crypto] != before
    lab.restore(snapshot)
    assert [[sa.spi_i for sa in each.ikev2.engine.sas] for each in crypto] == before
    assert work(lab) == once
