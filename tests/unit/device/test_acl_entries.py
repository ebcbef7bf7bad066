import time

import pytest

from iosemu.subjects.acl.config import AccessList, Action, AddressMatch, Entry


def host(number: int, action: Action = Action.PERMIT) -> Entry:
    return Entry(action, source=AddressMatch(number))


def test_an_equal_entry_is_not_added_twice_until_it_is_removed():
    listed = AccessList("5", extended=False)
    assert listed.add(host(1))
    assert not listed.add(host(1))
    assert listed.add(host(1, Action.DENY))
    assert listed.remove(host(1))
    assert not listed.remove(host(1))
    assert listed.add(host(1))
    assert list(listed.items) == [20, 30]


def test_numbers_put_entries_in_order():
    listed = AccessList("5", extended=False)
    for sequence in (30, 10, 20):
        listed.add(host(sequence), sequence)
    assert [entry.source.address for entry in listed.entries] == [10, 20, 30]
    with pytest.raises(ValueError, match="20"):
        listed.add(host(5), 20)
    listed.resequence(100, 1)
    assert list(listed.items) == [100, 101, 102]
    assert listed.remove(host(20))
    assert list(listed.items) == [100, 102]


def test_a_long_list_takes_no_longer_for_each_entry():
    listed = AccessList("5", extended=False)

    def took(first: int) -> float:
        began = time.process_time()
        for number in range(first, first + 5_000):
            listed.add(host(number))
        return time.process_time() - began

    took(0)
    assert min(took(first) for first in (5_000, 10_000)) < 0.5
