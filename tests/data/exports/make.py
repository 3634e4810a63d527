"""Exports of small models with random weights, as `torch.onnx.export` writes them.

`logits.json` has what the models themselves compute. Made with torch 2.9.1, transformers 5.24.0, onnx 1.23 and onnxscript. What exporters say of where an operation comes from is left out but
for its module: it is most of a file. Usage: python make.py
"""

import json
import os
import onnx
import torch
import transformers as t

SIZES = dict(hidden_size=16, num_attention_heads=2, vocab_size=32)
DEEP = dict(num_hidden_layers=2, intermediate_size=32, max_position_embeddings=64)
MODELS = {
    # Guarded softmax, keys swapped with axes folded, repeated heads, a mask of padding.
    "llama_sdpa_mask": (t.LlamaForCausalLM, t.LlamaConfig(**SIZES, **DEEP, num_key_value_heads=1), "sdpa", True),
    # Neighbouring channels turned; no mask but a causal one.
    "gptj_sdpa": (t.GPTJForCausalLM, t.GPTJConfig(n_embd=16, n_layer=2, n_head=2, vocab_size=32, rotary_dim=4), "sdpa", False),
    # Batch and heads in one axis, biases by distance.
    "bloom_eager": (t.BloomForCausalLM, t.BloomConfig(hidden_size=16, n_layer=2, n_head=2, vocab_size=32), "eager", False),
    # Capped scores, a window in every other layer.
    "gemma2_eager": (
        t.Gemma2ForCausalLM,
        t.Gemma2Config(**SIZES, **DEEP, num_key_value_heads=1, head_dim=8, sliding_window=4),
        "eager",
        False,
    ),
    # Part of the channels turned, attention beside the feed-forward part.
    "gptneox_sdpa": (t.GPTNeoXForCausalLM, t.GPTNeoXConfig(**SIZES, **DEEP, rotary_pct=0.5), "sdpa", False),
    # Biases that are scaled with the products.
    "falcon_alibi_eager": (
        t.FalconForCausalLM,
        t.FalconConfig(**SIZES, num_hidden_layers=2, alibi=True, multi_query=False),
        "eager",
        False,
    ),
}


class Logits(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, input_ids, attention_mask=None):
        return self.model(input_ids=input_ids, attention_mask=attention_mask, use_cache=False).logits


def main():
    folder = os.path.dirname(os.path.abspath(__file__))
    ids = torch.randint(0, 32, (2, 6), generator=torch.Generator().manual_seed(1))
    seen = torch.ones_like(ids)
    seen[0, :2] = 0
    computed = {"input_ids": ids.flatten().tolist(), "attention_mask": seen.flatten().tolist()}
    for name, (kind, config, attention, has_mask) in MODELS.items():
        torch.manual_seed(0)
        model = Logits(kind._from_config(config, attn_implementation=attention).eval()).eval()
        given = (ids, seen) if has_mask else (ids,)
        names = ["input_ids", "attention_mask"][: len(given)]
        axes = {0: torch.export.Dim("batch", min=2, max=8), 1: torch.export.Dim("seq", min=2, max=32)}
        with torch.no_grad():
            program = torch.onnx.export(
                model, given, dynamo=True, dynamic_shapes={n: axes for n in names}, input_names=names, verbose=False
            )
        proto = program.model_proto
        for node in proto.graph.node:
            kept = [p for p in node.metadata_props if "name_scopes" in p.key]
            node.ClearField("metadata_props")
            node.ClearField("doc_string")
            node.metadata_props.extend(kept)
        del proto.graph.value_info[:]
        proto.ClearField("metadata_props")
        proto.graph.ClearField("metadata_props")
        onnx.save(proto, os.path.join(folder, f"{name}.onnx"))
        with torch.no_grad():
            computed[name] = [round(x, 7) for x in model(*given).flatten().tolist()]
    with open(os.path.join(folder, "logits.json"), "w") as file:
        json.dump(computed, file, indent=None)
        file.write("\n")


if __name__ == "__main__":
    main()
