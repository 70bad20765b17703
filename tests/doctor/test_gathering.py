"""What several service accounts need is read once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from unittest.mock import Mock

from eks_irsa.doctor.sources import Sources

AT_ONCE = 8


def test_what_several_need_is_read_once() -> None:
    """Who asks while it is read waits for the answer."""
    given = dict.fromkeys(("kubernetes", "eks", "iam", "sts", "exchange"))
    sources = Sources(
        region="", cluster_name="", cluster=None, auto_mode=False, **given
    )
    begun, done = Event(), Event()

    def read() -> str:
        begun.set()
        done.wait(10)
        return "read"

    asked = Mock(side_effect=read)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = [pool.submit(sources.once, "key", asked) for _ in range(AT_ONCE)]
        assert begun.wait(10)
        done.set()

    assert {one.result() for one in answers} == {"read"}
    assert asked.call_count == 1
