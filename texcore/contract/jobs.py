"""Say what is to be made of which files, and what was made.

A job is the same from the message to the file: the extension sends one, the command line makes one,
and the engine's pipeline does one. A picture by itself is a material with one map, of the kind
`map_kinds.PICTURE`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .map_kinds import PICTURE
from .recipe import Recipe

#: Of the largest preview, in pixels: one of 4096 would hold Blender's window up for a second and
#: more, until it is read and shown.
PREVIEW_SIDE = 2048
MAX_TRIANGLES = 1_000_000  #: of an object; a texture has hardly more texels on each


@dataclass(frozen=True)
class MapFiles:
    """A map on its way: what it is learnt from, and where its result goes.

    Attributes:
        exemplar: Absolute path of a picture, or of a float32 ``.npy`` of shape (height, width, 4).
        output: Absolute path to write; the suffix says the format.
        preview: Absolute path of a PNG to refresh while running, or of a uint8 ``.npy`` of shape
            (height, width, 4), top row first, `PREVIEW_SIDE` wide or high at most; None for no
            preview. A map that does not show may be left out.
        encoding: What the numbers of a colour mean, of `choices.ENCODINGS`.
        bit_depth: Of the file to write, of `choices.BIT_DEPTHS`; ``auto`` is the exemplar's, and
            for a map in which the steps of 8 bits would show, 16.
    """

    exemplar: Path
    output: Path
    preview: Path | None = None
    encoding: str = "auto"
    bit_depth: str = "auto"


@dataclass(frozen=True)
class Companions:
    """Pictures beside the exemplar; what is None or empty is not used.

    Where a picture stands for the exemplar it is one file for each map of the job, by kind: of a
    picture by itself, ``{"picture": path}``. Masks lie over all maps and are one file.

    Attributes:
        start: To start from.
        mix: Further exemplars, which the recipe's ``mix`` weighs.
        blend: Map of where the one further exemplar is, white, and where the first, black.
        mask: Regions of the exemplar, a colour each.
        target_mask: Regions of the result; else those of the exemplar.
        regions: Label of a region → the exemplar whose texture it gets.
        repair: What of the exemplar is made anew, white; all else is kept.
        keep: What of the exemplar is kept, white; all else is made anew.
        flow: Flow map over the unwrapping of an object: where the photo's top points.
        scale_map: Grey over the unwrapping of an object: how large the photo's things are.
        parts: Folder for the exemplar's regions as pictures.
    """

    start: dict[str, Path] = field(default_factory=dict)
    mix: list[dict[str, Path]] = field(default_factory=list)
    blend: Path | None = None
    mask: Path | None = None
    target_mask: Path | None = None
    regions: dict[str, dict[str, Path]] = field(default_factory=dict)
    parts: Path | None = None
    repair: Path | None = None
    keep: Path | None = None
    flow: Path | None = None
    scale_map: Path | None = None

    def list_files(self) -> list[Path]:
        """Return all files that are read, which no result may take the place of."""
        several = [self.start, *self.mix, *self.regions.values()]
        alone = [self.blend, self.mask, self.target_mask, self.repair, self.keep]
        alone += [self.flow, self.scale_map]
        files = [path for pictures in several for path in pictures.values()]
        return files + [path for path in alone if path is not None]


@dataclass(frozen=True)
class Job:
    """What to make from which maps into which files: the parameters of ``synthesize``.

    All files are written at the end, or none.

        >>> from pathlib import Path
        >>> job = Job.of_picture(Path("bark.jpg"), Path("new.png"), Recipe(seed=3))
        >>> list(job.maps), job.recipe.seed
        (['picture'], 3)

    Attributes:
        maps: By kind, see `map_kinds.get_kind`; those of a material all together.
        recipe: Everything else that decides the result. Its size is that of the largest map's
            result; encoding and depth are each map's own.
        derive: File to write by kind (`map_kinds.DERIVABLE`) of maps to guess from the new base
            color, or picture, where they are not given.
        derive_first: Guess them from the exemplar and synthesise them with it, instead of from the
            result.
        companions: Pictures beside the exemplar.
        device: ``auto``, ``cuda``, ``mps`` or ``cpu``.
        weights: ``auto``, ``vgg19``, ``vgg16``, ``random``, ``random-vgg`` or the path of a file.
        online: Whether weights that are not there may be fetched.
        tile_side: Of the part of the canvas that the network sees at a time, in texels; None for
            what the free memory allows. It decides nothing but memory and time.
        checkpoint: File beside which a long run leaves its state now and then; None for no state.
        resume: Whether to go on from that state if there is one.
        object: Absolute path of an object (OBJ, glTF, PLY) that the texture is made for, in its
            own unwrapping; None for a texture of a plane.
        solid: Whether a solid texture is made, whose picture is an atlas of slices (`solids`); the
            recipe's size says nothing then.
        now_and_then: Whether that state is left again and again while the run goes on.
        pausable: Whether it is left when the run is cancelled.
        udim: Numbers of the UDIM tiles that the result is cut into, see `udim`; the names of all
            outputs then say where they go, and the recipe's size is that of the least rectangle
            of tiles that holds them. Empty for a result in one piece.
    """

    maps: dict[str, MapFiles]
    recipe: Recipe = field(default_factory=Recipe)
    derive: dict[str, Path] = field(default_factory=dict)
    derive_first: bool = False
    companions: Companions = field(default_factory=Companions)
    device: str = "auto"
    weights: str = "auto"
    online: bool = True
    tile_side: int | None = None
    checkpoint: Path | None = None
    resume: bool = False
    object: Path | None = None
    solid: bool = False
    now_and_then: bool = True
    pausable: bool = False
    udim: tuple[int, ...] = ()

    @property
    def form(self) -> str:
        """What it makes, as a recipe says it: flat, object or solid."""
        return "solid" if self.solid else "object" if self.object else "flat"

    @classmethod
    def of_picture(
        cls,
        exemplar: Path,
        output: Path,
        recipe: Recipe | None = None,
        *,
        preview: Path | None = None,
        **others: Any,
    ) -> Job:
        """Return the job of one picture by itself, in the recipe's encoding and depth."""
        recipe = recipe or Recipe()
        files = MapFiles(exemplar, output, preview, recipe.encoding, recipe.bit_depth)
        return cls({PICTURE: files}, recipe, **others)


@dataclass(frozen=True)
class MadeMap:
    """A map that was written, and its own complete recipe; of tiles, the path of all."""

    output: Path
    recipe: Recipe


@dataclass(frozen=True)
class Made:
    """What was made: the result of ``synthesize``.

    Attributes:
        maps: By kind, those that were derived last.
        width, height: Of the largest, in pixels.
        evaluations: Of the objective.
        seconds: That it took, by the clock.
        network: Fingerprint of the feature network.
        notes: What the user should know, a sentence each.
        note_codes: The codes of those notes that have one, see `texcore.contract.notes`.
        repeats: How many whole periods of what repeats go round it, across and up, such as a
            wall's bricks; 0 where it does not repeat, and nothing where nobody knows.
    """

    maps: dict[str, MadeMap]
    width: int
    height: int
    evaluations: int
    seconds: float
    network: str
    notes: list[str] = field(default_factory=list)
    note_codes: list[str] = field(default_factory=list)
    repeats: tuple[int, ...] = ()

    @property
    def first(self) -> MadeMap:
        """The only map of a picture by itself."""
        return next(iter(self.maps.values()))
