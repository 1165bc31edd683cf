"""Networks that turn an image into feature maps, and where their weights come from."""

from .network import FeatureNetwork, RandomBank, Vgg

__all__ = ["FeatureNetwork", "RandomBank", "Vgg"]
