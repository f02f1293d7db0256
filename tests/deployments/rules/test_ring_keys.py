"""The keys of rings: every plan has enough of them, a known name keeps its own, and the order stays where it can."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, strategies as st

from app.deployments.rules.ring_keys import ring_keys
from app.vocabulary import RING_KEYS

known = st.sampled_from(RING_KEYS).flatmap(lambda key: st.sampled_from([key, key.upper(), key.capitalize()]))
own = st.sampled_from(["IT", "Branch offices", "VIP", "wave 1", "wave 2", "wave 3", "rest", "a", "b"])
names = st.lists(known | own, unique=True, min_size=1, max_size=len(RING_KEYS))


@pytest.mark.parametrize(
    ("of_plan", "keys"),
    [
        (["lab", "canary", "department", "global"], ["lab", "canary", "department", "global"]),
        (["IT", "Branch offices", "VIP"], ["lab", "canary", "pilot"]),
        (["lab", "IT", "global"], ["lab", "canary", "global"]),
        (["Canary", "Global"], ["canary", "global"]),
        (["IT", "lab"], ["canary", "lab"]),
        (["lab", "IT", "canary"], ["lab", "pilot", "canary"]),
        (["global", "IT", "lab"], ["global", "ring_6", "lab"]),
        (["LAB", "lab"], ["canary", "lab"]),
        (["ring_9", "a", "b"], ["ring_9", "lab", "canary"]),
    ],
)
def test_a_plan_has_these_keys(of_plan: list[str], keys: list[str]) -> None:
    assert ring_keys(of_plan) == keys


@given(names)
def test_every_ring_has_a_key_of_its_own(of_plan: list[str]) -> None:
    keys = ring_keys(of_plan)
    assert len(keys) == len(set(keys)) == len(of_plan)
    assert set(keys) <= set(RING_KEYS)


@given(names)
def test_a_ring_that_bears_a_key_has_it(of_plan: list[str]) -> None:
    keys = dict(zip(of_plan, ring_keys(of_plan), strict=True))
    for name, key in keys.items():
        if name in RING_KEYS:
            assert key == name
        elif name.lower() in RING_KEYS:
            assert key == name.lower() or name.lower() in [keys[other] for other in keys if other != name]


@given(names)
def test_keys_are_in_the_order_of_the_plan_if_any_keys_can_be(of_plan: list[str]) -> None:
    keys = ring_keys(of_plan)
    fixed = {n: key for n, (name, key) in enumerate(zip(of_plan, keys, strict=True)) if name.lower() == key}
    in_order = any(
        all(choice[n] == key for n, key in fixed.items()) for choice in combinations(RING_KEYS, len(of_plan))
    )
    assert in_order == (sorted(keys, key=RING_KEYS.index) == keys)


@given(names, st.data())
def test_what_the_other_rings_are_called_changes_no_known_name(of_plan: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(of_plan))
    before, after = (dict(zip(order, ring_keys(order), strict=True)) for order in (of_plan, shuffled))
    for name in of_plan:
        if name in RING_KEYS:
            assert before[name] == after[name] == name
