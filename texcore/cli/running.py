"""What the verbs have in common that make a texture by a network: where, with which, how told."""

from __future__ import annotations

import argparse

from ..contract.choices import DEVICES


def add_running_options(parser: argparse.ArgumentParser) -> None:
    """Add the device, the network's weights, going on after a break, and the progress bar."""
    add_network_options(parser)
    parser.add_argument(
        "--resume", action="store_true", help="go on from the checkpoint of a run cut short"
    )
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar")


def add_network_options(parser: argparse.ArgumentParser) -> None:
    """Add the device and the network's weights."""
    parser.add_argument("--device", choices=DEVICES, default="auto")
    parser.add_argument(
        "--weights", default="auto", metavar="auto|vgg19|vgg16|random|FILE", help="the network"
    )
