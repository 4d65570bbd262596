"""Random plans: the schedule's rules hold in whatever order works end, fail and go down with their hosts."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from bench.declare.needs import Needs
from bench.execute.executor import Host
from bench.run.schedule import Schedule, Start, Work

plans = settings(max_examples=60, deadline=None, database=None, derandomize=True)


@dataclass
class Log:
    """Goes through a schedule as events come, and looks at every moment whether all rules hold."""

    works: Sequence[Work]
    hosts: Sequence[Host]
    lanes: int
    shares: bool
    schedule: Schedule = field(init=False)
    running: dict[str, Start] = field(default_factory=dict)
    succeeded: set[str] = field(default_factory=set)
    ended: list[str] = field(default_factory=list)
    timed_on: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schedule = Schedule(self.works, self.hosts, self.lanes, shares=self.shares)
        self.known = {work.key: work for work in self.works}

    def begin(self) -> None:
        for start in iter(self.schedule.start, None):
            work = self.known[start.key]
            assert start.key not in {*self.running, *self.ended}
            assert self.succeeded.issuperset(work.after)
            self.running[start.key] = start
            if work.needs.alone:
                self.timed_on.append(start.host)
            for place in self.hosts:
                self.check(place)

    def check(self, place: Host) -> None:
        """Make sure that the host holds what runs on it."""
        here = [start for start in self.running.values() if start.host == place.name]
        needs = [self.known[start.key].needs for start in here]
        gpus = [start.gpu for start in here if start.gpu]
        assert len(here) <= self.lanes
        assert len(gpus) == len(set(gpus)) and set(gpus) <= set(place.gpus)
        assert [bool(need.device) for need in needs] == [bool(start.gpu) for start in here]
        assert len(here) < 2 or sum(need.threads for need in needs) <= place.threads
        assert len(here) < 2 or sum(need.memory for need in needs) <= place.memory
        if any(need.alone for need in needs):
            assert 1 == sum(need.alone for need in needs)
            assert len(here) < 2 or (self.shares and len(gpus) == len(here))

    def end(self, key: str, ok: bool) -> None:
        del self.running[key]
        self.ended.append(key)
        if ok:
            self.succeeded.add(key)
            self.schedule.ended(key)
        else:
            self.ended += self.schedule.failed(key)

    def lose(self, name: str) -> None:
        self.hosts = [place for place in self.hosts if place.name != name]
        self.schedule.hosts_are(self.hosts)
        for key in [key for key, start in self.running.items() if start.host == name]:
            del self.running[key]
            self.schedule.lost(key)


@st.composite
def logs(draw: st.DrawFn) -> Log:
    """A random plan on random hosts."""
    gpus = draw(st.integers(0, 3))
    names = draw(st.sampled_from(["a", "ab", "abc"]))
    hosts = [
        Host(name, draw(st.integers(1, 8)), draw(st.integers(1, 8)), tuple(f"cuda:{i}" for i in range(gpus)))
        for name in names
    ]
    needs = st.builds(
        Needs,
        alone=st.booleans(),
        threads=st.integers(1, 10),
        device=st.sampled_from(["", "cuda"] if gpus else [""]),
        memory=st.integers(0, 10),
    )
    works: list[Work] = []
    for i in range(draw(st.integers(0, 14))):
        before = (
            st.lists(st.sampled_from([work.key for work in works]), unique=True, max_size=3)
            if works
            else st.just([])
        )
        works.append(Work(str(i), draw(needs), draw(st.floats(0, 9)), tuple(draw(before)), draw(st.booleans())))
    return Log(works, hosts, draw(st.integers(1, 4)), draw(st.booleans()))


@plans
@given(logs(), st.data())
def test_any_plan_ends_each_work_once_by_the_rules_in_whatever_order_its_works_end_and_hosts_go(
    log: Log, data: st.DataObject
) -> None:
    log.begin()
    while log.running:
        what = data.draw(st.sampled_from(["ends", "ends", "fails", "host goes"]))
        if what == "host goes" and len(log.hosts) > 1:
            log.lose(data.draw(st.sampled_from([place.name for place in log.hosts])))
        else:
            log.end(data.draw(st.sampled_from(sorted(log.running))), what != "fails")
        assert log.schedule.left_seconds() >= 0.0
        log.begin()
    assert sorted(log.known) == sorted(log.ended)
    assert log.schedule.is_over


@plans
@given(logs())
def test_all_timings_of_a_plan_are_on_one_host_that_stays(log: Log) -> None:
    log.begin()
    while log.running:
        log.end(min(log.running), True)
        log.begin()
    assert len(set(log.timed_on)) <= 1
