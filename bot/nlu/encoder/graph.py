"""Builds the ONNX graph of a BERT sentence encoder and its head from their weights.

Architecture: Devlin et al. 2019 (BERT) with mean pooling and L2 normalisation as in
Reimers & Gurevych 2019 (Sentence-BERT). Written out by hand so that no training framework
is needed to serve it.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

from bot.nlu.encoder.weights import EPSILON, HEAD_SIZE, HEADS, HIDDEN, LAYERS, Array, Weights

OPSET = 17
IR_VERSION = 8


class _Builder:
    """Collects nodes and constants; every method returns the name of its output."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: dict[str, onnx.TensorProto] = {}

    def op(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: Array) -> str:
        self.constants[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, name: str, transpose: bool = False) -> str:
        value = self.weights[name].astype(np.float32)
        return self.constant(name, value.T if transpose else value)

    def linear(self, x: str, prefix: str) -> str:
        product = self.op("MatMul", x, self.weight(f"{prefix}.weight", transpose=True))
        return self.op("Add", product, self.weight(f"{prefix}.bias"))

    def norm(self, x: str, prefix: str) -> str:
        scale, bias = self.weight(f"{prefix}.weight"), self.weight(f"{prefix}.bias")
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=EPSILON)

    def gelu(self, x: str) -> str:
        inner = self.op("Erf", self.op("Div", x, self.scalar("sqrt2", np.sqrt(2.0))))
        half = self.op("Mul", x, self.scalar("half", 0.5))
        return self.op("Mul", half, self.op("Add", inner, self.scalar("one", 1.0)))

    def scalar(self, name: str, value: float) -> str:
        return self.constant(name, np.array(value, dtype=np.float32))

    def heads(self, x: str, order: list[int]) -> str:
        shape = self.constant("split_heads", np.array([0, 0, HEADS, HEAD_SIZE], dtype=np.int64))
        return self.op("Transpose", self.op("Reshape", x, shape), perm=order)


def _embeddings(b: _Builder) -> str:
    words = b.op("Gather", b.weight("embeddings.word_embeddings.weight"), "input_ids")
    table = b.weight("embeddings.position_embeddings.weight")
    length = b.op(
        "Slice",
        b.op("Shape", "input_ids"),
        b.constant("i1", np.array([1])),
        b.constant("i2", np.array([2])),
    )
    positions = b.op("Slice", table, b.constant("i0", np.array([0])), length, "i0")
    types = b.weights["embeddings.token_type_embeddings.weight"][0].astype(np.float32)
    total = b.op("Add", b.op("Add", words, positions), b.constant("token_type", types))
    return b.norm(total, "embeddings.LayerNorm")


def _attention(b: _Builder, x: str, prefix: str, bias: str) -> str:
    query = b.heads(b.linear(x, f"{prefix}.self.query"), [0, 2, 1, 3])
    key = b.heads(b.linear(x, f"{prefix}.self.key"), [0, 2, 3, 1])
    value = b.heads(b.linear(x, f"{prefix}.self.value"), [0, 2, 1, 3])
    scores = b.op("Div", b.op("MatMul", query, key), b.scalar("scale", HEAD_SIZE**0.5))
    weights = b.op("Softmax", b.op("Add", scores, bias), axis=-1)
    context = b.op("Transpose", b.op("MatMul", weights, value), perm=[0, 2, 1, 3])
    merged = b.op("Reshape", context, b.constant("merge", np.array([0, 0, HIDDEN])))
    return b.norm(
        b.op("Add", b.linear(merged, f"{prefix}.output.dense"), x), f"{prefix}.output.LayerNorm"
    )


def _layer(b: _Builder, x: str, index: int, bias: str) -> str:
    prefix = f"encoder.layer.{index}"
    attended = _attention(b, x, f"{prefix}.attention", bias)
    hidden = b.gelu(b.linear(attended, f"{prefix}.intermediate.dense"))
    output = b.linear(hidden, f"{prefix}.output.dense")
    return b.norm(b.op("Add", output, attended), f"{prefix}.output.LayerNorm")


def _pool(b: _Builder, x: str, mask: str) -> str:
    column = b.op("Unsqueeze", mask, b.constant("last", np.array([-1])))
    summed = b.op("ReduceSum", b.op("Mul", x, column), "i1", keepdims=0)
    count = b.op("ReduceSum", column, "i1", keepdims=0)
    mean = b.op("Div", summed, count)
    length = b.op("ReduceL2", mean, axes=[-1], keepdims=1)
    return b.op("Div", mean, length)


def _head(b: _Builder, embedding: str) -> str:
    scaled = b.op("Mul", embedding, b.scalar("root_hidden", HIDDEN**0.5))
    hidden = b.op("MatMul", scaled, b.weight("head.hidden.weight"))
    active = b.op("Relu", b.op("Add", hidden, b.weight("head.hidden.bias")))
    output = b.op("MatMul", active, b.weight("head.output.weight"))
    return b.op("Add", output, b.weight("head.output.bias"))


def build(weights: Weights) -> onnx.ModelProto:
    """Return the float32 encoder: `input_ids`, `attention_mask` [n, t] to `embedding` [n, 384].

    With a head among the weights (`head.*`, see `bot.nlu.encoder.tuning`), also to its `scores`
    [n, labels].
    """
    b = _Builder(weights)
    x = _embeddings(b)
    mask = b.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    wide = b.op("Unsqueeze", mask, b.constant("middle", np.array([1, 2])))
    hidden_away = b.op("Mul", b.op("Sub", b.scalar("one", 1.0), wide), b.scalar("low", -1e4))
    for index in range(LAYERS):
        x = _layer(b, x, index, hidden_away)
    embedding = _pool(b, x, mask)
    b.nodes.append(helper.make_node("Identity", [embedding], ["embedding"]))
    outputs = [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", HIDDEN])]
    if "head.output.bias" in weights:
        labels = len(weights["head.output.bias"])
        b.nodes.append(helper.make_node("Identity", [_head(b, embedding)], ["scores"]))
        outputs.append(helper.make_tensor_value_info("scores", TensorProto.FLOAT, ["n", labels]))
    ids = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "t"])
        for name in ("input_ids", "attention_mask")
    ]
    graph = helper.make_graph(b.nodes, "sentence_encoder", ids, outputs, [*b.constants.values()])
    opsets = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    onnx.checker.check_model(model)
    return model


def quantise(model: onnx.ModelProto) -> bytes:
    """Return the model with int8 weights per channel (dynamic quantisation) but for its head."""
    # The quantiser tells of every tensor it leaves alone, on the root logger.
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        return _quantised(model)
    finally:
        logging.disable(before)


def _quantised(model: onnx.ModelProto) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "float.onnx", Path(folder) / "int8.onnx"
        onnx.save(model, str(source))
        # The head is small, and what it loses goes straight into the scores.
        head = [node.name for node in model.graph.node if _of_head(node)]
        quantize_dynamic(
            source, target, per_channel=True, weight_type=QuantType.QInt8, nodes_to_exclude=head
        )
        return target.read_bytes()


def _of_head(node: onnx.NodeProto) -> bool:
    return any(name.startswith("head.") for name in node.input)
