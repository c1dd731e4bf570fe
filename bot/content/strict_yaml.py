"""Parses YAML, but takes a key given twice for the mistake that it is."""

from __future__ import annotations

import yaml

# The fast parser where the platform has it.
LOADER = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader


def parse(text: str) -> object:
    """Return what a YAML text holds; None if it is empty.

    Raises:
        yaml.YAMLError: it is not valid YAML, or a key stands twice in a mapping.
    """
    node = yaml.compose(text, LOADER)
    if node:
        _refuse_repeated_keys(node)
    return yaml.load(text, LOADER)  # noqa: S506 - both loaders are safe


def _refuse_repeated_keys(node: yaml.Node) -> None:
    # YAML lets the last of two equal keys win: a writer would lose a text and not notice.
    children = list(node.value) if isinstance(node, yaml.CollectionNode) else []
    if isinstance(node, yaml.MappingNode):
        keys = [key.value for key, _ in children]
        children = [value for _, value in children]
        repeated = [key for key in keys if keys.count(key) > 1]
        if repeated:
            problem = f"the key {repeated[0]!r} stands twice"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark)
    for child in children:
        _refuse_repeated_keys(child)
