"""What is measured on features and canvases, and how far two measures are apart."""

from .colour import colour_moments, moment_distance
from .distance import SCALINGS, TERMS, Target, feature_distance, statistics_distance, transformed
from .features import FeatureStatistics, features_gradient, mean_statistics, measure_features
from .smoothness import roughness
from .spectrum import Bands, band_power

__all__ = [
    "SCALINGS",
    "TERMS",
    "Bands",
    "FeatureStatistics",
    "Target",
    "band_power",
    "colour_moments",
    "feature_distance",
    "features_gradient",
    "mean_statistics",
    "measure_features",
    "moment_distance",
    "roughness",
    "statistics_distance",
    "transformed",
]
