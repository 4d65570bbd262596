"""The suite `looking`: what it plans, and that it sees what the models themselves know."""

import pytest
import torch

from bench.cell import Learning
from bench.declare.catalog import ARCHITECTURES, MEASURES, load_catalogs
from bench.declare.declarations import Planned, Profile, Setting
from bench.errors import Unsupported
from bench.learning.looking.attention import attention_of
from bench.learning.looking.patches import patches_of
from bench.learning.looking.positions import positions_of
from suites.looking import looking
from suites.models.vit_simple import Shape, VisionTransformer
from tests.bench.looks import look_of

PROFILES: tuple[Profile, ...] = ("smoke", "default", "full")


@pytest.fixture(autouse=True)
def _declared() -> None:
    load_catalogs()


def planned(profile: Profile = "default", chosen: tuple[str, ...] = ()) -> list[Planned]:
    return list(looking(Setting(profile, "cpu", 2, chosen)))


@pytest.mark.parametrize("profile", PROFILES)
def test_no_cell_is_planned_twice(profile: Profile) -> None:
    keys = [entry.cell.key for entry in planned(profile)]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("profile", PROFILES)
def test_every_cell_knows_what_it_is_made_from(profile: Profile) -> None:
    assert all(MEASURES.get(entry.cell.measure).artifacts(entry.cell) for entry in planned(profile))


def test_looking_needs_no_features_of_all_pictures() -> None:
    kinds = {
        artifact.kind
        for entry in planned()
        for artifact in MEASURES.get(entry.cell.measure).artifacts(entry.cell)
        if entry.cell.measure != "confusions"
    }
    assert {"dataset", "checkpoint"} == kinds


@pytest.mark.parametrize("profile", PROFILES)
def test_no_picture_is_too_small_for_its_network(profile: Profile) -> None:
    small = [
        entry.cell
        for entry in planned(profile)
        if isinstance(entry.cell.scenario, Learning)
        and entry.cell.scenario.resolution < ARCHITECTURES.get(entry.cell.architecture).min_resolution
    ]
    assert [] == small


def test_by_default_every_kind_of_picture_is_there() -> None:
    expected = {"filters", "feature_maps", "attention", "position_similarity", "patches", "confusions"}
    assert expected | {"augmentation_gallery"} == {entry.cell.measure for entry in planned()}


def test_what_the_user_names_is_looked_at_in_every_way() -> None:
    measures = [entry.cell.measure for entry in planned(chosen=("vgg11",)) if entry.cell.architecture == "vgg11"]
    assert ["filters", "feature_maps", "attention", "position_similarity", "patches"] == measures


def transformer() -> VisionTransformer:
    return VisionTransformer(2, Shape(image_size=8, patch_size=2, dim=12, depth=3, heads=3, mlp_dim=24))


def test_the_attention_of_the_simple_transformer_is_what_it_tells_itself() -> None:
    model = transformer()
    look = look_of(model, side=8)
    with torch.inference_mode():
        expected = model.attention_maps(look.inputs())
    torch.testing.assert_close(expected, [layer.weights for layer in attention_of(look)])


def test_the_positions_of_the_simple_transformer_are_found() -> None:
    (found,) = positions_of(look_of(transformer(), side=8))
    assert ("position", 4) == (found.name, found.side)


def test_a_deformable_transformer_begins_with_patches_of_half_the_side_in_their_places() -> None:
    model = ARCHITECTURES.get("dpt_tiny:image_size=32").build(2)
    found = patches_of(look_of(model, side=32))
    assert [4, 2, 1] == [patches.count for patches in found]
    sizes = [value for patches in found for value in (patches.size, patches.offset)]
    assert [0.5, 0.0] * 3 == pytest.approx(sizes, abs=1e-5)


def test_attention_to_a_reduced_map_is_looked_at_on_its_grid() -> None:
    model = ARCHITECTURES.get("dpt_tiny:image_size=64").build(2)
    sides = [layer.sides for layer in attention_of(look_of(model, side=64))]
    assert [(16, 2), (8, 2), (4, 2), (2, 2)] == list(dict.fromkeys(sides))


def test_windows_of_a_part_of_the_picture_have_no_map_of_it() -> None:
    model = ARCHITECTURES.get("attention_window").build(2)
    with pytest.raises(Unsupported, match="attends within windows"):
        attention_of(look_of(model, channels=96, side=14))
