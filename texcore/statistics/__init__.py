"""What is measured on features and canvases, and how far two measures are apart."""

from .colour import colour_moments, moment_distance
from .features import (
    FeatureStatistics,
    feature_distance,
    features_gradient,
    mean_statistics,
    measure_features,
    statistics_distance,
)
from .spectrum import Bands, band_power

__all__ = [
    "Bands",
    "FeatureStatistics",
    "band_power",
    "colour_moments",
    "feature_distance",
    "features_gradient",
    "mean_statistics",
    "measure_features",
    "moment_distance",
    "statistics_distance",
]
