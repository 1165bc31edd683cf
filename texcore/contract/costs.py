"""Count what a run takes, before it begins and whatever the machine.

What is counted becomes seconds by what a machine was found to take for it
(`texcore.contract.estimates`). Here are numbers only, so that the extension can count too.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from .map_kinds import PICTURE, get_kind
from .schedule import Effort, Level, Schedule

# Sides of a patchwork's chunks, as shares of the exemplar's shorter side. Large chunks make fewer
# joints; but where the exemplar stays in its place small ones leave more of it, and on a torus more
# than twice as large every large one would show its middle again, unless the exemplar repeats
# anyway.
CHUNK_SHARES = (5 / 8, 3 / 8)
CHUNK_SHARES_OF_MANY = (3 / 8, 3 / 8)
CHUNK_SHARES_AT_HOME = (1 / 4, 3 / 8)
#: Where the photo is arranged anew, the side of chunks as a share of the exemplar's shorter side.
ANEW_CHUNK_SHARE = 0.9
#: Where the photo's progression is kept, the side of chunks as a share of the exemplar's shorter
#: side: larger ones would be from too far away.
CHUNK_SHARE_IN_PROGRESS = 3 / 8
# What is arranged anew is tried this often at most, as long as all patchworks together hold no more
# copies of the exemplar than this.
_MOST_ANEW = 4
_ANEW_COPIES = 16
# For each copy of the exemplar: the joints that are looked at in each patchwork tried, and in all
# of them together.
_TRIED_JOINTS = 3
_ANEW_JOINTS = 16
# The most joints of all copies together, as a number and what each copy adds to it: on a torus that
# is large, and on one that is huge.
_LARGE_JOINTS = (60, 9)
_HUGE_JOINTS = (300, 0.5)
# For each copy of the exemplar: the windows and the contexts that are looked at after the joints;
# there are fewer of them where less than half of `_ANEW_JOINTS` is looked at.
_ANEW_WINDOWS = 4
_ANEW_CONTEXTS = 6
#: Times the exemplar's side from which on a torus shows many copies of it.
MANY_COPIES = 2
# A layout is chosen of at least and of at most so many patchworks: of the more, the smaller the
# canvas is, as long as they have no more texels than this together.
_LEAST_TRIES = 2
_MOST_TRIES = 8
_TRIED_TEXELS = 2**18
#: Proportions of a texture's sides to the exemplar's within which it keeps the arrangement.
AS_LARGE = (0.8, 1.25)
# The number of times that the canvas is covered with chunks; the side of the chunks that mend the
# worst joints, as a share of the exemplar's shorter side; and the step from one chunk to the next,
# as a share of the chunk's side.
_PASSES = 2
_MENDING_SHARE = 3 / 8
_STEP_SHARE = 2 / 3

# All seconds are those of the reference: one core of a server's processor at 2.x GHz.
# Seconds for a chunk whatever its size, and for each texel of its side.
_CHUNK_SECONDS = 0.4e-3
_CHUNK_SIDE_SECONDS = 28e-6
# Seconds for a chunk and each texel of the exemplar that it is looked for in: for the texel itself,
# for each of its channels, and where the exemplar repeats, for whether the chunk would be in step.
_CHUNK_TEXEL_SECONDS = 2e-8
_CHUNK_CHANNEL_SECONDS = 4e-9
_CHUNK_STEP_SECONDS = 6e-8
# Seconds for a joint that is looked at, whatever its size, and for each texel of the exemplar that
# could take over about it; and for finding the joints, for each texel of the canvas.
_JOINT_SECONDS = 8.3e-3
_JOINT_TEXEL_SECONDS = 0.62e-6
_JOINTS_TEXEL_SECONDS = 0.25e-6
# Seconds for a window or a context that is looked at, whatever its size, and for each texel of the
# exemplar that could take over about it.
_WINDOW_SECONDS = 12e-3
_WINDOW_TEXEL_SECONDS = 1.0e-6
# Seconds for each texel of a layout whose pieces are registered.
_REGISTRATION_TEXEL_SECONDS = 1.6e-6
# Seconds for a run however small, and for the search for leaning lines.
_RUN_SECONDS = 0.04
_STRAIGHTENING_SECONDS = 0.1
# Seconds for each number of a picture that is read, for each texel of the exemplar whose periods
# are looked for, and for each number of a picture that is made and written.
_READING_SECONDS = 3e-8
_PERIODS_SECONDS = 1e-7
_WRITING_SECONDS = 5.5e-8
# Of the multiplications of an evaluation, the share that the features take without a gradient.
_FORWARD_SHARE = 1 / 3
# What an evaluation, the beginning of a level and the spectrum of its exemplar take, for each
# number of the canvas or of the exemplar, in the work of blending a layout once over as many
# numbers.
_EVALUATION_PASSES = 0.3
_BEGINNING_PASSES = 0.6
_EXEMPLAR_PASSES = 1.4
# The work with tiles over that without: features are made twice, and their halos besides.
_TILED_FACTOR = 1.45


@dataclass(frozen=True)
class Load:
    """Work of four kinds, each of which a machine has a speed of its own for.

    Attributes:
        products: Multiplications of the feature network, there and back.
        calls: Layers of the network that are looked at, whatever the canvas' size.
        passes: Numbers of a canvas that are passed over as in blending a layout, on the device.
        seconds: On the reference's processor: what no device speeds up.

    Example:
        >>> Load(products=3.0) + Load(products=1.0, calls=2.0)
        Load(products=4.0, calls=2.0, passes=0.0, seconds=0.0)
    """

    products: float = 0.0
    calls: float = 0.0
    passes: float = 0.0
    seconds: float = 0.0

    def __add__(self, other: Load) -> Load:
        return Load(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(Load)))


@dataclass(frozen=True)
class Cost:
    """What a run takes.

    Attributes:
        before: Until its first evaluation is made: reading, the layout, the exemplar's statistics.
        work: From then on to the last evaluation.
        after: Making pictures of the canvas, and writing them.
    """

    before: Load = Load()
    work: Load = Load()
    after: Load = Load()


@dataclass(frozen=True)
class Shape:
    """All of an exemplar and of the texture to be made that decides what a run costs.

    Attributes:
        exemplar: Height and width in texels of what is learnt from.
        result: Height and width of the result.
        read: Height and width of the picture that is read; None where all of it is learnt from.
        channels: Of the canvas.
        views: Images that the network is shown of each canvas.
        coarse: How many of these it sees little of at full size.
        at_home: Whether a layout leaves the exemplar's large things where they are.
        repeats: How likely the exemplar is to repeat, 0...1.
        straighten: Whether leaning lines are looked for.
        progress: Whether it is kept how the exemplar changes along an axis.
        untiled: Texels of a canvas up to which the network is shown all of it at a time; None for
            any.
    """

    exemplar: tuple[int, int]
    result: tuple[int, int]
    read: tuple[int, int] | None = None
    channels: int = 3
    views: int = 1
    coarse: int = 0
    at_home: bool = False
    repeats: float = 0.0
    straighten: bool = True
    progress: bool = False
    untiled: int | None = None


def count_cost(schedule: Schedule, levels: Sequence[Level], shape: Shape) -> Cost:
    """Count what a run takes.

    Args:
        schedule: How its model goes from coarse to fine; one without products is a sketch.
        levels: That the run goes through, of the same schedule.
        shape: Of exemplar and result.

    Example:
        >>> schedule = Schedule(evaluations=10, coarse_to_fine=False, first=Effort(1e5, 1e5))
        >>> levels = schedule.plan((64, 64), (128, 128))
        >>> cost = count_cost(schedule, levels, Shape((64, 64), (128, 128)))
        >>> round(cost.work.products / 1e9, 1)
        14.7
    """
    numbers = shape.channels * shape.result[0] * shape.result[1]
    read = shape.channels * math.prod(shape.read or shape.exemplar)
    before = Load(seconds=_RUN_SECONDS + _READING_SECONDS * read)
    if schedule.layout:
        seconds = _PERIODS_SECONDS * shape.exemplar[0] * shape.exemplar[1]
        seconds += _STRAIGHTENING_SECONDS * shape.straighten
        before += Load(seconds=seconds) + _count_layout(schedule, levels[0], shape)
    after = Load(seconds=_WRITING_SECONDS * numbers)
    if not schedule.first.products:
        return Cost(before, Load(passes=numbers), after)
    if schedule.sewn:
        before += Load(passes=numbers)
    work = Load()
    for number, level in enumerate(levels):
        effort = schedule.find_effort(number)
        one = _count_evaluation(effort, level, shape)
        begun = _count_beginning(effort, level, shape, schedule.sewn)
        left = level.evaluations
        if number == 0:
            before += begun + one
            left -= 1
        else:
            work += begun
        work += _times(one, left)
    return Cost(before, work, after)


def keeps_arrangement(arrangement: str, size: tuple[int, int], exemplar: tuple[int, int]) -> bool:
    """Say whether large things stay where they are in the photo.

    Args:
        arrangement: The recipe's, one of `choices.ARRANGEMENTS`.
        size: Height and width of the texture.
        exemplar: Height and width of the exemplar.

    Example:
        >>> keeps_arrangement("auto", (120, 100), (100, 100))
        True
        >>> keeps_arrangement("auto", (200, 100), (100, 100))
        False
    """
    low, high = AS_LARGE
    alike = all(low <= n / of <= high for n, of in zip(size, exemplar, strict=True))
    return arrangement == "photo" or (arrangement == "auto" and alike)


def count_tries(height: int, width: int) -> int:
    """Count the patchworks that are tried on a canvas of a size in texels.

    The more, as long as all have no more texels than a fixed number together.

    Example:
        >>> count_tries(128, 128), count_tries(1024, 1024)
        (8, 2)
    """
    return max(_LEAST_TRIES, min(_MOST_TRIES, _TRIED_TEXELS // (height * width)))


def count_anew(
    size: tuple[float, float], exemplar: tuple[float, float]
) -> tuple[int, tuple[float, float, float, float]]:
    """Count the patchworks tried of what is arranged anew, and what is looked at in them.

    On a small torus luck decides, and several are tried; on a large one it evens out.

    Args:
        size: Height and width of the torus in texels.
        exemplar: Height and width of the exemplar in these texels.

    Returns:
        How many patchworks; and for each copy of the exemplar that goes into the torus, how many
        joints of each of them and then of the best, and how many windows and contexts of the best
        at last.

    Example:
        >>> count_anew((256, 256), (128, 128)), count_anew((512, 512), (128, 128))
        ((4, (3, 4.0, 4.0, 6.0)), (1, (3, 9.75, 4.0, 6.0)))
    """
    copies = math.prod(size) / math.prod(exemplar)
    tries = max(1, min(_MOST_ANEW, round(_ANEW_COPIES / copies)))
    joints, windows, contexts = count_mending(size, exemplar)
    tried = min(_TRIED_JOINTS, joints / tries)
    return tries, (tried, max(0.0, joints - tries * tried), windows, contexts)


def count_mending(
    size: tuple[float, float], exemplar: tuple[float, float]
) -> tuple[float, float, float]:
    """Count the joints, the windows and the contexts that are looked at where a layout is mended.

    Args:
        size: Height and width of the torus in texels.
        exemplar: Height and width of the exemplar in these texels.

    Returns:
        How many of each for each copy of the exemplar that goes into the torus.

    Example:
        >>> count_mending((128, 128), (128, 128)), count_mending((2048, 2048), (128, 128))
        ((16.0, 4.0, 6.0), (1.671875, 0.8359375, 1.25390625))
    """
    copies = math.prod(size) / math.prod(exemplar)
    few = (first + each * copies for first, each in (_LARGE_JOINTS, _HUGE_JOINTS))
    joints = min(_ANEW_JOINTS * copies, *few) / copies
    share = min(1.0, 2 * joints / _ANEW_JOINTS)
    return joints, _ANEW_WINDOWS * share, _ANEW_CONTEXTS * share


def count_views(kinds: Iterable[str]) -> tuple[int, int, int]:
    """Count the channels of some maps, the views of them, and how many of these are coarse.

    Args:
        kinds: Of the maps, see `map_kinds.get_kind`.

    Example:
        >>> count_views(["picture"]), count_views(["base_color", "normal", "roughness"])
        ((3, 1, 0), (7, 4, 1))
    """
    named = list(kinds)
    if named == [PICTURE]:
        return 3, 1, 0
    found = [get_kind(kind) for kind in named]
    colours = sum(kind.meaning == "colour" for kind in found)
    normals = sum(kind.meaning == "normal" for kind in found)
    others = sum(max(1, len(kind.channels)) for kind in found) - colours - normals
    beside = colours + normals > 0
    at_once = 3 if not beside else 1 if others == 1 else 2
    coarse = int(colours > 0 and normals > 0)
    views = colours + normals + math.ceil(others / at_once) + coarse
    return 3 * (colours + normals) + others, views, coarse


def count_sewing(
    share: float,
    source: tuple[float, float],
    canvas: tuple[int, int],
    channels: int = 3,
    at_home: bool = False,
    repeats: float = 0.0,
    mend: bool = True,
) -> float:
    """Count the reference's seconds for one patchwork.

    Args:
        share: Side of its chunks, as a share of the exemplar's shorter one.
        source: Height and width of the exemplar in texels of the canvas.
        canvas: Height and width in texels.
        channels: Of both.
        at_home: Whether the exemplar stays in its place.
        repeats: How likely it is to repeat, 0...1.
        mend: Whether chunks are sewn over the worst joints, where nothing has its place.
    """
    shortest = min(*source, *canvas)
    side = max(4.0, shortest * share)
    counts = [math.ceil(n / (_STEP_SHARE * side)) for n in canvas]
    places = counts[0] * counts[1]
    if at_home:
        spans = zip(canvas, source, counts, strict=True)
        places -= math.prod(_count_inside(n, of, count, side) for n, of, count in spans)
    seconds = _PASSES * places * _time_chunk(side, source, channels, repeats)
    if mend and not at_home:
        side = max(4.0, shortest * _MENDING_SHARE)
        mended = canvas[0] * canvas[1] / (_STEP_SHARE * side) ** 2
        seconds += mended * _time_chunk(side, source, channels, repeats)
    return seconds


def _count_evaluation(effort: Effort, level: Level, shape: Shape) -> Load:
    """Count an evaluation of the objective at a level."""
    texels = level.height * level.width
    products = texels * _count_products(effort, shape)
    if shape.untiled is not None and texels > shape.untiled:
        products *= _TILED_FACTOR
    return Load(
        products=products,
        calls=shape.views * effort.layers,
        passes=_EVALUATION_PASSES * shape.channels * texels,
    )


def _count_beginning(effort: Effort, level: Level, shape: Shape, sewn: bool) -> Load:
    """Count what comes before a level's first evaluation: the canvas, the exemplar's statistics."""
    texels = level.height * level.width
    learnt = shape.exemplar[0] * level.scale_y * shape.exemplar[1] * level.scale_x
    passes = (_BEGINNING_PASSES + sewn) * texels + _EXEMPLAR_PASSES * learnt
    return Load(
        products=_FORWARD_SHARE * learnt * _count_products(effort, shape),
        calls=_FORWARD_SHARE * shape.views * effort.layers,
        passes=shape.channels * passes,
    )


def _count_products(effort: Effort, shape: Shape) -> float:
    """Count the multiplications for a texel of the canvas, of all its views."""
    return (shape.views - shape.coarse) * effort.products + shape.coarse * effort.coarse_products


def _count_layout(schedule: Schedule, level: Level, shape: Shape) -> Load:
    """Count all tries of a layout, and how far each is from the exemplar."""
    source = shape.exemplar[0] * level.scale_y, shape.exemplar[1] * level.scale_x
    if schedule.sewn or not schedule.first.products:
        return Load(seconds=_count_mended(level, source, shape))
    tries = count_tries(level.height, level.width)
    large = max(level.height / source[0], level.width / source[1]) > MANY_COPIES
    shares = CHUNK_SHARES_OF_MANY if large and shape.repeats < 1 else CHUNK_SHARES
    if shape.at_home:
        shares = CHUNK_SHARES_AT_HOME
    canvas = level.height, level.width
    sewn = [
        count_sewing(share, source, canvas, shape.channels, shape.at_home, shape.repeats)
        for share in shares
    ]
    measured = _count_evaluation(schedule.first, level, shape)
    return Load(
        products=_FORWARD_SHARE * tries * measured.products,
        calls=_FORWARD_SHARE * tries * measured.calls if measured.products else 0.0,
        passes=_EVALUATION_PASSES * tries * shape.channels * level.height * level.width,
        seconds=tries * sum(sewn) / len(sewn),
    )


def _count_mended(level: Level, source: tuple[float, float], shape: Shape) -> float:
    """Count the reference's seconds for a layout that is mended and registered."""
    canvas = level.height, level.width
    shares: tuple[float, ...] = (ANEW_CHUNK_SHARE,)
    if shape.at_home:
        shares = CHUNK_SHARES_AT_HOME
    elif shape.progress:
        shares = (CHUNK_SHARE_IN_PROGRESS,)
    sewn = [
        count_sewing(share, source, canvas, shape.channels, shape.at_home, shape.repeats, False)
        for share in shares
    ]
    found = _JOINTS_TEXEL_SECONDS * canvas[0] * canvas[1]
    tries, _ = count_anew(canvas, source)
    joints, windows, contexts = count_mending(canvas, source)
    copies = canvas[0] * canvas[1] / (source[0] * source[1])
    reached = min(source[0], canvas[0]) * min(source[1], canvas[1])
    joint = _JOINT_SECONDS + _JOINT_TEXEL_SECONDS * reached
    window = _WINDOW_SECONDS + _WINDOW_TEXEL_SECONDS * reached
    mended = copies * (joints * joint + (windows + contexts) * window)
    registered = _REGISTRATION_TEXEL_SECONDS * canvas[0] * canvas[1]
    return tries * (sum(sewn) / len(sewn) + found) + mended + registered


def _count_inside(n: int, of: float, count: int, side: float) -> int:
    """Count the chunks along an axis that lie within the exemplar, where this keeps its place."""
    room = min(n, of) - side
    return min(count, int(room * count / n) + 1) if room >= 0 else 0


def _time_chunk(side: float, source: tuple[float, float], channels: int, repeats: float) -> float:
    """Tell the reference's seconds for a chunk."""
    of_texel = _CHUNK_TEXEL_SECONDS + channels * _CHUNK_CHANNEL_SECONDS
    of_texel += repeats * _CHUNK_STEP_SECONDS
    return _CHUNK_SECONDS + _CHUNK_SIDE_SECONDS * side + of_texel * source[0] * source[1]


def _times(load: Load, count: float) -> Load:
    return Load(*(count * getattr(load, f.name) for f in fields(Load)))
