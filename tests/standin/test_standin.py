"""The stand-in for CUDA behaves as CUDA does, as far as the tests that use it go."""

from concurrent.futures import ThreadPoolExecutor

import pynvml
import pytest
import torch
from torch import nn

from tests.standin.card import Card
from tests.standin.cuda import StandIn, stand_in


def test_a_tensor_on_cuda_says_so_and_is_computed_with(cuda: StandIn) -> None:
    images = torch.ones(2, 3).to("cuda")
    assert (torch.device("cuda", 0), True) == (images.device, images.is_cuda)
    assert 12.0 == (images * 2).sum().item()


def test_what_is_computed_from_tensors_on_cuda_is_there_too(cuda: StandIn) -> None:
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Flatten()).to("cuda:0")
    out = model(torch.ones(2, 1, 5, 5, device="cuda"))
    out.sum().backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    assert {"cuda"} == {
        tensor.device.type for tensor in (out, *model.state_dict().values(), *gradients) if tensor is not None
    }


def test_tensors_of_two_devices_cannot_be_mixed(cuda: StandIn) -> None:
    with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device"):
        _ = torch.ones(2, device="cuda") + torch.ones(2)
    with pytest.raises(RuntimeError, match="at least two devices, cpu and cuda:0"):
        torch.stack([torch.ones(2, device="cuda"), torch.ones(2)])


def test_a_number_may_be_anywhere(cuda: StandIn) -> None:
    assert "cuda" == (torch.ones(2, device="cuda") * torch.tensor(2.0)).device.type


def test_what_was_copied_to_the_host_is_a_copy(cuda: StandIn) -> None:
    there = torch.zeros(2, device="cuda")
    here = there.cpu()
    there += 1
    assert ([0.0, 0.0], "cpu") == (here.tolist(), here.device.type)
    with pytest.raises(TypeError, match="can't convert cuda:0 device type tensor to numpy"):
        there.numpy()


def test_a_copy_of_pinned_memory_may_go_on_while_the_host_does(cuda: StandIn) -> None:
    cuda.launching, cuda.running = 0.0, lambda name, elements: 10.0
    for host in (torch.ones(2).pin_memory(), torch.ones(2)):
        _ = host.to("cuda", non_blocking=True)
    assert [(None, 0, False), (None, 0, True)] == cuda.copies
    assert 20.0 == cuda.time.seconds


def test_threads_know_the_gpu_too(cuda: StandIn) -> None:
    with ThreadPoolExecutor(1) as pool:
        made = pool.submit(lambda: torch.ones(2).pin_memory().to("cuda") * 2).result()
    assert ("cuda", [2.0, 2.0]) == (made.device.type, made.tolist())


def test_a_generator_of_the_host_draws_nothing_on_a_gpu(cuda: StandIn) -> None:
    with pytest.raises(RuntimeError, match="Expected a 'cuda' device type for generator"):
        torch.randn(2, device="cuda", generator=torch.Generator())
    assert (2,) == torch.randn(2, device="cuda", generator=torch.Generator("cuda")).shape


def test_the_host_goes_on_until_it_waits(cuda: StandIn) -> None:
    cuda.launching, cuda.running = 1.0, lambda name, elements: 10.0
    there = torch.ones(2, device="cuda")
    assert 1.0 == cuda.time.seconds
    _ = there * 2
    assert 2.0 == cuda.time.seconds
    torch.cuda.synchronize()
    assert 21.0 == cuda.time.seconds


def test_waiting_for_another_gpu_is_no_waiting() -> None:
    with stand_in(Card(), Card(uuid="2")) as cuda:
        cuda.launching, cuda.running = 1.0, lambda name, elements: 10.0
        _ = torch.ones(2, device="cuda:1")
        torch.cuda.synchronize()
        assert 1.0 == cuda.time.seconds
        torch.cuda.synchronize("cuda:1")
        assert 11.0 == cuda.time.seconds
        assert [("synchronize", 0), ("synchronize", 1)] == cuda.named("synchronize")


def test_events_tell_the_device_s_time_not_the_host_s(cuda: StandIn) -> None:
    cuda.launching, cuda.running = 1.0, lambda name, elements: 10.0
    there = torch.ones(2, device="cuda")
    first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
    first.record()
    _ = there + 1
    _ = there + 2
    last.record()
    with pytest.raises(RuntimeError, match="not ready"):
        first.elapsed_time(last)
    last.synchronize()
    assert 20_000.0 == first.elapsed_time(last)


def test_a_graph_launches_its_kernels_at_once_and_does_them_again(cuda: StandIn) -> None:
    cuda.launching, cuda.running = 1.0, lambda name, elements: 0.0
    there = torch.ones(2, device="cuda")
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        result = (there + 1) * 2
    there.fill_(2.0)
    before = cuda.time.seconds
    graph.replay()
    assert (1.0, [6.0, 6.0]) == (cuda.time.seconds - before, result.tolist())


def test_memory_is_that_of_the_tensors_that_live(cuda: StandIn) -> None:
    first = torch.empty(1000, device="cuda")
    del first
    torch.cuda.reset_peak_memory_stats("cuda")
    second = torch.empty(500, device="cuda")
    assert (2000, 2000, 4000) == (
        torch.cuda.memory_allocated(),
        torch.cuda.max_memory_allocated(),
        torch.cuda.max_memory_reserved(),
    )
    del second


def test_cublas_keeps_its_workspace_until_it_is_cleared() -> None:
    with stand_in(Card(workspace=1000)):
        _ = torch.ones(2, 2, device="cuda") @ torch.ones(2, 2, device="cuda")
        before = torch.cuda.memory_allocated()
        torch._C._cuda_clearCublasWorkspaces()
        assert 1000 == before - torch.cuda.memory_allocated()


def test_more_than_a_card_has_is_out_of_memory() -> None:
    with stand_in(Card(memory=600_000_000), lies_on="meta"), pytest.raises(torch.OutOfMemoryError):
        torch.empty(30_000_000, device="cuda")


def test_the_energy_counter_goes_on_in_steps_and_counts_the_work(cuda: StandIn) -> None:
    cuda.launching, cuda.running = 0.0, lambda name, elements: 1.0
    handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{cuda.cards[0].uuid}")
    cuda.time.sleep(1.05)
    assert 70_000 == pynvml.nvmlDeviceGetTotalEnergyConsumption(handle)
    _ = torch.ones(2, device="cuda")
    torch.cuda.synchronize()
    assert 70_000 + 70_000 + 430 * 950 == pytest.approx(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle))


def test_outside_of_it_there_is_no_gpu() -> None:
    with stand_in():
        pass
    assert "cpu" == torch.empty(2).device.type
