"""Costly answers are made once, shared, and forgotten in order."""

from __future__ import annotations

import threading

import pytest

from riskmiljo.situation.memory import Memory


def test_the_answer_asked_for_longest_ago_goes_first():
    memory, made = Memory[str](most=2), []

    def get(key):
        return memory.get(key, lambda: made.append(key) or key.upper())

    assert [get(key) for key in "abacabb"] == list("ABACABB")
    assert made == list("abcb")


def test_those_who_ask_together_wait_for_one_answer_and_others_do_not():
    memory, begun, go = Memory[object](most=4), threading.Event(), threading.Event()
    answers, makers = [], []

    def make():
        makers.append(threading.current_thread())
        begun.set()
        assert go.wait(10)
        return object()

    threads = [
        threading.Thread(target=lambda: answers.append(memory.get("slow", make))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    assert memory.get("quick", lambda: 1) == 1
    go.set()
    for thread in threads:
        thread.join(10)
    assert len(makers) == 1
    assert len({id(one) for one in answers}) == 1
    assert len(answers) == 4


def test_a_failure_is_not_kept():
    memory = Memory[int](most=1)

    def fail():
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        memory.get("a", fail)
    assert memory.get("a", lambda: 2) == 2
