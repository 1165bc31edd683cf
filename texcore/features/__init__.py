"""Networks that turn an image into feature maps, and where their weights come from."""

from .autoencoder import Autoencoder
from .network import FeatureNetwork, RandomBank, Vgg

__all__ = ["Autoencoder", "FeatureNetwork", "RandomBank", "Vgg"]
