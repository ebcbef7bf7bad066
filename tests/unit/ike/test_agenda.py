"""The agenda tells the same as a plain dict of times."""

from hypothesis import given
from hypothesis import strategies as st

from iosemu.ike.agenda import SLACK, Agenda

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("plan"), st.integers(0, 9), st.one_of(st.none(), st.integers(0, 30))),
        st.tuples(st.just("take"), st.integers(0, 30), st.none()),
    ),
    max_size=300,
)


@given(STEPS)
def test_like_a_dict_of_times(steps) -> None:
    agenda: Agenda[int] = Agenda()
    times: dict[int, float] = {}
    for what, number, when in steps:
        if what == "plan":
            agenda.plan(number, when, (number,))
            times.pop(number, None)
            if when is not None:
                times[number] = when
        else:
            expected = min((time, key) for key, time in times.items()) if times else None
            taken = agenda.take(number)
            if expected is not None and expected[0] <= number:
                assert taken == expected[1]
                del times[expected[1]]
            else:
                assert taken is None
        assert agenda.next() == min(times.values(), default=None)
        assert len(agenda) == len(times)


def test_what_is_planned_anew_takes_no_memory() -> None:
    agenda: Agenda[str] = Agenda()
    for second in range(10_000):
        agenda.plan("one", float(second), (1,))
    assert len(agenda._heap) <= 2 + SLACK
    assert agenda.next() == 9_999
