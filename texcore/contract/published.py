"""The networks that are published, by the names of their files in the user's cache.

Each name ends in eight digits of the hash of the file that is fetched. What else lies in the cache,
somebody has trained or brought; nobody can fetch it again.
"""

from __future__ import annotations

VGG19_NAME = "vgg19-dcbb9e9d"
VGG16_NAME = "vgg16-2ecbe4ce"
DEEPLAB_NAME = "deeplabv3_resnet50_coco-cd0a2569"
PUBLISHED = (VGG19_NAME, VGG16_NAME, DEEPLAB_NAME)
