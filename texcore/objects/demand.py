"""Say what a texture on an object takes, in memory and in work, before it begins."""

from __future__ import annotations

import torch

from ..contract.costs import Cost
from ..contract.surface_costs import SurfaceShape, choose_factor, count_surface_cost
from ..features.facts import NetworkFacts
from ..models.model import TextureModel
from ..runtime.context import Context
from ..synthesis import forecast
from ..synthesis.forecast import Forecast
from .atlas import Raster
from .mesh import Mesh

# Bytes for each texel that is looked at on the surface, with its charts, and for each that lies on
# it; and for each of these that the network mends, with views and pairs. For each texel of the
# texture, while it is found out which are on the surface, and filled in the end. For each triangle,
# as read and as laid out. And of any run.
_BYTES_OF_ATLAS, _BYTES_PER_TEXEL, _BYTES_OF_VIEWS = 600, 60, 700
_BYTES_OF_TEXTURE, _BYTES_PER_TRIANGLE, _BYTES_OF_RUN = 60, 600, 100e6


def forecast_surface(
    mesh: Mesh, height: int, width: int, side: int, mended: bool, context: Context
) -> tuple[Forecast, list[str]]:
    """Forecast what memory a run takes, and refuse it where so much cannot be had.

    The charts are made in the machine's memory, whatever the device.

    Args:
        mesh: The object, unwrapped.
        height, width: Of the texture in texels.
        side: Of a piece of the photo, in the same.
        mended: Whether the network mends the joints.
        context: Where is computed.

    Returns:
        The forecast, and what the user should know.

    Raises:
        OutOfMemory: There is not so much.
    """
    share, triangles = mesh.measure_share(), len(mesh.triangles)

    def count_bytes(height: int, width: int) -> int:
        texels = share * height * width
        looked_at = texels / choose_factor(side, texels) ** 2
        needed = _BYTES_OF_ATLAS * looked_at + _BYTES_PER_TEXEL * texels
        needed += _BYTES_OF_VIEWS * texels * mended
        needed += _BYTES_OF_TEXTURE * height * width + _BYTES_PER_TRIANGLE * triangles
        return round(needed + _BYTES_OF_RUN)

    more = count_bytes(height, width)
    needed = Forecast(more=more, peak=more + (context.describe_machine().in_use or 0))
    free = context.free_memory(torch.device("cpu"))
    return needed, forecast.check(needed, free, (height, width), count_bytes)


def count_cost(
    raster: Raster,
    channels: int,
    views: int,
    photo: tuple[int, int],
    model: TextureModel | None,
    network: NetworkFacts | None,
    evaluations: int,
    fineness: float = 1.0,
) -> Cost:
    """Count what a run over a surface takes.

    Args:
        raster: Of the surface.
        channels: Of the photo's maps together.
        views: Images that the network is shown of each.
        photo: Height and width of the photo at the surface's scale.
        model, network: That mend the joints; None for a sketch.
        evaluations: Of the objective.
        fineness: How many texels of the photo lie on one of the surface, on the mean.
    """
    shape = SurfaceShape(
        (raster.height, raster.width), len(raster.texels), photo, channels, views, fineness
    )
    products = model.products_per_texel(network) if model and network else 0.0
    layers = len(model.layer_names) if model else 0
    return count_surface_cost(shape, evaluations, products, layers)
