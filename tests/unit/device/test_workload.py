from __future__ import annotations

from iosemu import SyncLab
from iosemu.box.vtys import allocate_vty
from iosemu.subjects.processes.workload import memory_facts, pools, processes, utilization


def state(lab: SyncLab, name: str):
    return lab.lab.core.devices[name]


def by_name(device) -> dict[str, object]:
    return {process.name: process for process in processes(device)}


def test_an_idle_box_does_nothing() -> None:
    with SyncLab("office") as lab:
        lab.advance("10m")
        load = utilization(state(lab, "R1"))
        assert (round(load.five_seconds), round(load.one_minute), round(load.five_minutes)) == (0, 0, 0)


def test_packets_cost_processor_time() -> None:
    with SyncLab("office") as lab:
        lab["R1"].cli("ping 203.0.113.2")
        router = state(lab, "R1")
        port = router.interfaces["GigabitEthernet0/1"]
        frame = bytes(port.mac) + bytes(50)
        start = router.now
        for second in range(20):
            for _ in range(1000):
                port.counters.count_in(start + second, frame)
        lab.advance("20s")
        load = utilization(router)
        assert load.five_seconds == load.interrupt > 0.2
        assert 0 < load.five_minutes < load.one_minute < load.five_seconds
        lab.advance("1h")
        assert utilization(router).five_minutes < 0.01


def test_processes_count_what_happened() -> None:
    with SyncLab("office") as lab:
        lab.advance("60s")
        router = state(lab, "R1")
        before = by_name(router)
        lab["R1"].cli("ping 203.0.113.2 repeat 20")
        line = allocate_vty(router, "admin", "192.0.2.9")
        after = by_name(router)
        assert after["IP Input"].invoked >= before["IP Input"].invoked + 19
        assert after["Logger"].invoked == router.syslog.count
        assert after["SSH Process"].holding > before["SSH Process"].holding
        line.free()
        assert by_name(router)["SSH Process"].freed == after["SSH Process"].holding


def test_memory_follows_the_tables() -> None:
    with SyncLab("office") as lab:
        router = state(lab, "R1")
        main, _shared = memory_facts(router)
        before = pools(router)[0]
        assert before.total == main
        assert before.used + before.free == before.total
        lab["R1"].configure([f"ip route 10.0.{number}.0 255.255.255.0 203.0.113.2" for number in range(50)])
        assert pools(router)[0].used > before.used
        switch = state(lab, "SW1")
        assert pools(switch)[0].total < pools(router)[0].total


def test_totals_in_the_tables_agree() -> None:
    with SyncLab("office") as lab:
        statistics = lab["R1"].cli("show memory statistics").splitlines()[1].split()
        listed = lab["R1"].cli("show processes memory").splitlines()
        assert statistics[2] in listed[0]
        assert f"{statistics[3]} Total" in listed[-1]
        assert lab["R1"].cli("show processes cpu sorted").splitlines()[2:] != []
