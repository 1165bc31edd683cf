"""Pictures taken apart into regions, without anybody painting a mask."""

from .segment import MOST_REGIONS, Segmentation, segment, segment_things

__all__ = ["MOST_REGIONS", "Segmentation", "segment", "segment_things"]
