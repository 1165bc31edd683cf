"""What is measured on features and canvases, and how far two measures are apart."""

from .colour import colour_moments, moment_distance
from .features import FeatureStatistics, feature_distance, mean_statistics, measure_features
from .spectrum import Bands, band_power

__all__ = [
    "Bands",
    "FeatureStatistics",
    "band_power",
    "colour_moments",
    "feature_distance",
    "mean_statistics",
    "measure_features",
    "moment_distance",
]
