"""Which objects and layers are read, in which order, and where their matrices put them."""

from typing import Any

import bpy
import numpy as np
import pytest
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.chosen import Choice
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.exposures import walk
from bl_ext.user_default.anidoc.anidoc_blender.grease_pencil.picture import Reader
from bl_ext.user_default.anidoc.backend.contracts.errors import AniDocError
from mathutils import Euler, Matrix, Vector

from .scenery import CROSS, SQUARE, armature, blenders_pixels, key, layer, look, pencil, stage


def where(strokes, matrix, scene, path=SQUARE):
    """Whether the first stroke is ``path`` moved by ``matrix``."""
    world = [matrix @ Vector((x, 0, z)) for x, z in path]
    return np.abs(strokes.points[: len(path)] - blenders_pixels(scene, world)).max() < 2e-3


def test_layers_are_read_from_bottom_to_top():
    scene = stage()
    ob = pencil()
    key(layer(ob, "Body"), 1, CROSS, CROSS)
    key(layer(ob, "Hair"), 1, CROSS)
    assert list(look(scene).layer) == [0, 0, 1]


@pytest.mark.parametrize(
    "hide",
    [
        lambda on: setattr(on, "hide", True),
        lambda on: setattr(on, "opacity", 0.0),
        lambda on: setattr(on.parent_group, "hide", True),
        lambda on: setattr(on.parent_group.parent_group, "hide", True),
        lambda on: setattr(on, "viewlayer_render", "Another"),
    ],
    ids=["hidden", "faded out", "in a hidden group", "in a group in a hidden group", "kept for another view layer"],
)
def test_a_hidden_layer_is_not_read(hide):
    scene = stage()
    ob = pencil()
    key(layer(ob, "Shown"), 1, CROSS)
    rough = layer(ob, "Rough")
    key(rough, 1, CROSS)
    outer = ob.data.layer_groups.new("Outer")
    inner = ob.data.layer_groups.new("Inner", parent_group=outer)
    ob.data.layers.move_to_layer_group(rough, inner)
    assert len(look(scene)) == 2
    hide(rough)
    assert len(look(scene)) == 1
    with pytest.raises(AniDocError, match=r"The layer Rough of Character is hidden\."):
        look(scene, choice=Choice(layers=(("Character", "Rough"),)))


def test_only_what_is_chosen_is_read():
    scene = stage()
    for name in ("Anna", "Ben"):
        ob = pencil(name)
        key(layer(ob, "Body"), 1, CROSS)
        key(layer(ob, "Hair"), 1, CROSS)
    assert len(look(scene)) == 4
    assert len(look(scene, choice=Choice(objects=("Ben",)))) == 2
    assert len(look(scene, choice=Choice(layers=(("Ben", "Hair"),)))) == 1
    assert len(look(scene, choice=Choice(objects=("Anna", "Ben"), layers=(("Ben", "Hair"),)))) == 3


def test_a_hidden_object_that_was_chosen_is_said():
    scene = stage()
    key(layer(pencil("Anna")), 1, CROSS)
    key(layer(pencil("Ben")), 1, CROSS)
    scene.objects["Ben"].hide_set(True)
    assert len(look(scene)) == 1
    with pytest.raises(AniDocError, match=r"Ben is hidden\."):
        look(scene, choice=Choice(objects=("Ben",)))


def test_a_collection_that_is_not_rendered_is_not_read():
    scene = stage()
    key(layer(pencil("Anna")), 1, CROSS)
    ben = pencil("Ben", link=False)
    key(layer(ben), 1, CROSS)
    extras = bpy.data.collections.new("Extras")
    scene.collection.children.link(extras)
    extras.objects.link(ben)
    assert len(look(scene)) == 2
    extras.hide_render = True
    assert len(look(scene)) == 1
    scene.collection.objects.link(ben)
    assert len(look(scene)) == 2


def test_object_and_layer_matrices_move_the_points():
    scene = stage()
    ob = pencil()
    ob.location, ob.rotation_euler, ob.scale = (0.3, 0.2, -0.1), (0.3, 0.4, 0.5), (0.5, 0.4, 0.6)
    on = layer(ob)
    on.translation, on.rotation, on.scale = (0.1, 0.2, 0.3), (0.1, 0.2, 0.7), (1, 2, 0.5)
    key(on, 1, SQUARE)
    own = Matrix.LocRotScale(Vector((0.1, 0.2, 0.3)), Euler((0.1, 0.2, 0.7)), Vector((1, 2, 0.5)))
    strokes = look(scene)
    assert where(strokes, ob.matrix_world @ own, scene)


def test_an_object_hangs_on_its_parent():
    scene = stage()
    holder = bpy.data.objects.new("Holder", None)
    scene.collection.objects.link(holder)
    holder.location, holder.rotation_euler = (0.5, 0, 0.2), (0, 0.5, 0)
    ob = pencil()
    ob.parent, ob.location = holder, (0.1, 0, 0.1)
    key(layer(ob), 1, SQUARE)
    strokes = look(scene)
    assert where(strokes, holder.matrix_world @ Matrix.Translation((0.1, 0, 0.1)), scene)


def test_a_layer_hangs_on_its_own_parent():
    scene = stage()
    holder = bpy.data.objects.new("Holder", None)
    scene.collection.objects.link(holder)
    ob = pencil()
    ob.location = (9, 9, 9)
    on = layer(ob)
    on.parent, on.translation = holder, (0.1, 0, 0.3)
    holder.location = (0.5, 0, 0.2)
    key(on, 1, SQUARE)
    strokes = look(scene)
    moved = holder.matrix_world @ on.matrix_parent_inverse @ Matrix.Translation((0.1, 0, 0.3))
    assert where(strokes, moved, scene)


def test_a_layer_hangs_on_a_bone(tmp_path, rendered):
    scene = stage()
    rig = armature()
    ob = pencil()
    on = layer(ob)
    on.parent, on.parent_bone = rig, "Arm"
    key(on, 1, SQUARE, radius=0.02)
    rig.pose.bones["Arm"].rotation_mode = "XYZ"
    rig.pose.bones["Arm"].rotation_euler = (0, 0, 0.5)
    bpy.context.view_layer.update()
    strokes = look(scene)
    assert where(strokes, rig.matrix_world @ rig.pose.bones["Arm"].matrix @ on.matrix_parent_inverse, scene)
    assert lies_on(strokes, rendered(scene, tmp_path))


def lies_on(strokes, picture):
    """Whether the picture has ink wherever a stroke's points are."""
    x, y = np.round(strokes.points - 0.5).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < picture.shape[1]) & (y < picture.shape[0])
    return inside.any() and all(picture[max(b - 1, 0) : b + 2, max(a - 1, 0) : a + 2, 3].max() > 100 for a, b in
                                zip(x[inside], y[inside], strict=True))  # fmt: skip


def test_the_farther_object_is_painted_first():
    scene = stage()
    near = pencil("Near")
    key(layer(near), 1, CROSS)
    far = pencil("Far")
    far.location.y = 3
    key(layer(far), 1, CROSS)
    reader = Reader(scene.name, Choice())
    seen = next(walk(reader, 1, 1))[0].strokes
    assert [reader.layers[i] for i in seen.layer] == ["Far/Lines", "Near/Lines"]


def test_a_stroke_keeps_its_id_when_it_moves_and_when_others_come_before_it():
    scene = stage()
    on = layer(pencil())
    key(on, 1, SQUARE, CROSS)
    key(on, 2, [(0, 0), (0.1, 0), (0.2, 0)], [(x + 0.2, z) for x, z in SQUARE], [(0, 0.1), (0.5, 0.1)])
    one, two = look(scene, 1).ids, look(scene, 2).ids
    assert list(one) == list(two[1:]) and two[0] not in one
    assert len(set(two)) == 3 and (two >= 0).all()


def test_instances_of_a_collection_are_read_where_they_stand():
    scene = stage()
    ob = pencil("Anna", link=False)
    ob.location.x = 0.25
    key(layer(ob), 1, SQUARE)
    character = bpy.data.collections.new("Anna")
    character.objects.link(ob)
    for x in (-0.5, 0.5):
        holder = bpy.data.objects.new("Holder", None)
        holder.instance_type, holder.instance_collection = "COLLECTION", character
        holder.location.x = x
        scene.collection.objects.link(holder)
    strokes = look(scene)
    assert len(strokes) == 2 and len(set(strokes.ids)) == 2
    assert where(strokes, Matrix.Translation((-0.25, 0, 0)), scene)
    assert len(look(scene, choice=Choice(objects=("Holder",)))) == 1
    assert len(look(scene, choice=Choice(objects=("Anna",)))) == 2


@pytest.fixture
def library(tmp_path):
    """A .blend with a character in a collection, written and left."""
    stage()
    ob = pencil("Anna", link=False)
    key(layer(ob), 1, SQUARE)
    key(ob.data.layers[0], 5, CROSS)
    character = bpy.data.collections.new("Anna")
    character.objects.link(ob)
    bpy.data.libraries.write(str(tmp_path / "library.blend"), {character})
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    return tmp_path / "library.blend"


def linked(library):
    loading: Any = bpy.data.libraries.load(str(library), link=True)
    with loading as (_, into):
        into.collections = ["Anna"]
    return bpy.data.collections["Anna"]


def test_a_linked_character_is_read(library):
    scene = stage()
    scene.collection.children.link(linked(library))
    assert [len(look(scene, f).points) for f in (1, 5)] == [4, 2]


def test_an_overridden_character_is_read_where_the_override_puts_it(library):
    scene = stage()
    character = linked(library)
    scene.collection.children.link(character)
    own = character.override_hierarchy_create(scene, bpy.context.view_layer)
    scene.collection.children.unlink(character)
    ob = next(o for o in own.objects if o.type == "GREASEPENCIL")
    ob.location.x = 0.4
    strokes = look(scene)
    assert len(strokes) == 1
    assert where(strokes, Matrix.Translation((0.4, 0, 0)), scene)


def test_a_missing_library_is_said(library, tmp_path):
    scene = stage()
    scene.collection.children.link(linked(library))
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "shot.blend"))
    library.unlink()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "shot.blend"))
    with pytest.raises(AniDocError, match="missing"):
        look(bpy.context.scene)
