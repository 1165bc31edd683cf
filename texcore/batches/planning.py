"""What a row's files and settings come to: a job, and the digest by which the row is known."""

from __future__ import annotations

import functools
import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import pictures
from ..contract import map_names
from ..contract.errors import BadInput
from ..contract.files import explain, safely, show_name
from ..contract.jobs import Companions, Job, MapFiles
from ..contract.map_kinds import PICTURE
from ..contract.plain import to_plain
from ..contract.recipe import Recipe, default_size
from ..contract.row_settings import RECIPE_SETTINGS
from ..service.material import name_outputs
from .rows import Row

# Files whose digests are remembered; the same picture is often in many rows.
_REMEMBERED = 4096
_CHUNK_BYTES = 1 << 20
_DIGEST_VERSION = 1


@dataclass(frozen=True)
class Plan:
    """A row as it can be made.

    Attributes:
        row: That it is of.
        maps: Files to learn from by kind; of a picture by itself one, of the kind ``picture``.
        recipe: All that decides the pixels; its size is None for the picture's own.
        companions: Pictures beside them.
        derive: Kinds of maps to guess.
        digest: SHA-256 of the content of all these files, and of what is asked.
    """

    row: Row
    maps: dict[str, Path]
    recipe: Recipe
    companions: Companions
    derive: tuple[str, ...]
    digest: str

    @property
    def alone(self) -> bool:
        """Whether the result is one picture, and not a folder of maps."""
        return set(self.maps) == {PICTURE}

    def make_job(self, folder: Path, checkpoint: Path, resume: bool) -> Job:
        """Return the job whose results go into a folder.

        Args:
            folder: That is there, for this row alone.
            checkpoint: See `Job.checkpoint`.
            resume: Whether to go on from it.
        """
        outputs = {kind: folder / name for kind, name in name_files(self).items()}
        return Job(
            {
                kind: MapFiles(
                    path, outputs[kind], None, self.recipe.encoding, self.recipe.bit_depth
                )
                for kind, path in self.maps.items()
            },
            self.recipe,
            derive={kind: outputs[kind] for kind in self.derive if kind not in self.maps},
            derive_first=self.row.get("derive_first"),
            companions=self.companions,
            device=self.row.get("device"),
            weights=_find_weights(self.row),
            checkpoint=checkpoint,
            resume=resume,
        )


def plan_row(row: Row) -> Plan:
    """Look at a row's files and settings.

    Raises:
        BadInput: A file cannot be read, or a setting cannot be.
    """
    if row.wrong:
        raise BadInput(row.wrong)
    derive = row.get("derive")
    several = bool(derive) or safely(row.image.is_dir)
    maps = _read_maps(row.image, several)
    own = {name: value for name, value in row.values.items() if name in RECIPE_SETTINGS}
    companions, of_mix = _read_companions(row, several)
    recipe = replace(Recipe(), **own, **of_mix)
    recipe = _with_size(row, recipe, maps)
    asked = {
        "version": _DIGEST_VERSION,
        "maps": {kind: digest_file(path) for kind, path in maps.items()},
        "companions": _digest_all(to_plain(companions)),
        "recipe": recipe.to_json(),
        "derive": derive,
        "derive_first": row.get("derive_first"),
        "format": row.get("format"),
        "weights": _digest_weights(row),
    }
    digest = hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()
    return Plan(row, maps, recipe, companions, derive, digest)


def name_files(plan: Plan) -> dict[str, str]:
    """Name the files of a row's result by kind, without their folder."""
    kinds = [*plan.maps, *(kind for kind in plan.derive if kind not in plan.maps)]
    sources = {kind: plan.maps.get(kind, next(iter(plan.maps.values()))) for kind in kinds}
    named = {kind: path.name for kind, path in name_outputs(Path(), sources).items()}
    format = plan.row.get("format")
    if format == "auto":
        return named
    return {kind: str(Path(name).with_suffix(f".{format}")) for kind, name in named.items()}


def digest_file(path: Path) -> str:
    """Return the SHA-256 of a file's content.

    Raises:
        BadInput: It cannot be read.
    """
    try:
        there = path.stat()
        return _digest_content(path, there.st_size, there.st_mtime_ns)
    except FileNotFoundError:
        raise BadInput(f"“{show_name(path)}” is not there: check the path.") from None
    except (OSError, ValueError) as e:
        why = explain(e) if isinstance(e, OSError) else "no file can have that name"
        raise BadInput(f"“{show_name(path)}” cannot be read ({why}).") from None


@functools.lru_cache(_REMEMBERED)
def _digest_content(path: Path, size: int, changed: int) -> str:
    """Digest a file; what it was when it had this size and was changed then stays known."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _digest_all(value: Any) -> Any:
    """Replace each path in plain values by the digest of its file."""
    if isinstance(value, dict):
        return {key: _digest_all(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_digest_all(entry) for entry in value]
    return digest_file(Path(value)) if isinstance(value, str) else value


def _read_maps(image: Path, several: bool) -> dict[str, Path]:
    """A picture that stands for the exemplar, or a folder of maps that stands for all of its."""
    if safely(image.is_dir):
        return dict(map_names.find(image).maps)
    return {"base_color" if several else PICTURE: image}


def _read_companions(row: Row, several: bool) -> tuple[Companions, dict[str, Any]]:
    """The pictures beside the exemplar, and what of them belongs into the recipe."""
    mix = row.find_path("mix")
    companions = Companions(
        mix=[_read_maps(mix, several)] if mix else [],
        mask=row.find_path("mask"),
        target_mask=row.find_path("target_mask"),
    )
    return companions, {"mix": (row.get("mix_weight"),)} if mix else {}


def _with_size(row: Row, recipe: Recipe, maps: dict[str, Path]) -> Recipe:
    """A recipe with the width and the height that a row asks for; a side of 0 is the picture's."""
    asked = row.get("width"), row.get("height")
    if not any(asked):
        return recipe
    size = recipe.size
    if size is None and not all(asked):
        height, width = max(
            (pictures.read(path).pixels.shape[1:] for path in maps.values()),
            key=lambda shape: shape[0] * shape[1],
        )
        size = default_size(width, height)
    whole = size or asked
    return replace(recipe, size=(asked[0] or whole[0], asked[1] or whole[1]))


def _find_weights(row: Row) -> str:
    """The word for the weights; a file's path starts at the queue's folder."""
    word: str = row.get("weights")
    path = row.folder / word
    return str(path) if os.sep in word or (word != "auto" and safely(path.is_file)) else word


def _digest_weights(row: Row) -> str:
    word = _find_weights(row)
    return digest_file(Path(word)) if safely(Path(word).is_file) else word
