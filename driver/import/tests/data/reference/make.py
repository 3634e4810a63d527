#!/usr/bin/env python3
"""Writes the references of this folder: small configs with the logits that Hugging Face's transformers compute for them.

    pip install torch transformers
    make.py FOLDER

Weights are not stored: every number of a weight follows from the weight's name and its place in it (see `weight`), and the test
computes them again. Made with torch 2.9.1 and transformers 5.24.0 in double precision.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

SIZES = dict(vocab_size=40, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64)
MLA = dict(SIZES, num_key_value_heads=4, kv_lora_rank=16, qk_nope_head_dim=12, qk_rope_head_dim=8, v_head_dim=10,
           moe_intermediate_size=20, n_routed_experts=32, num_experts_per_tok=2, first_k_dense_replace=1,
           n_shared_experts=2)

CASES = {
    "gpt2": dict(model_type="gpt2", vocab_size=40, n_embd=32, n_layer=2, n_head=4, n_positions=64,
                 scale_attn_by_inverse_layer_idx=True),
    "bert": dict({k: v for k, v in SIZES.items() if k != "num_key_value_heads"}, model_type="bert", type_vocab_size=2),
    "llama": dict(SIZES, model_type="llama"),
    "llama-bias": dict(SIZES, model_type="llama", attention_bias=True, mlp_bias=True, tie_word_embeddings=True,
                       head_dim=10, hidden_act="gelu"),
    "llama-linear": dict(SIZES, model_type="llama", rope_scaling=dict(type="linear", factor=4.0)),
    "llama-dynamic": dict(SIZES, model_type="llama", max_position_embeddings=4,
                          rope_scaling=dict(type="dynamic", factor=3.0)),
    "llama-llama3": dict(SIZES, model_type="llama", rope_theta=500.0,
                         rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                           original_max_position_embeddings=16)),
    "llama-yarn": dict(SIZES, model_type="llama", rope_theta=500.0,
                       rope_scaling=dict(rope_type="yarn", factor=4.0, original_max_position_embeddings=16)),
    "mistral": dict(SIZES, model_type="mistral", sliding_window=3),
    "qwen2": dict(SIZES, model_type="qwen2"),
    "qwen3": dict(SIZES, model_type="qwen3", head_dim=12, use_sliding_window=True, sliding_window=4, max_window_layers=1),
    "gemma": dict(SIZES, model_type="gemma", head_dim=8, hidden_act="gelu"),
    "gemma2": dict(SIZES, model_type="gemma2", head_dim=8, sliding_window=4, query_pre_attn_scalar=24,
                   attn_logit_softcapping=5.0, final_logit_softcapping=3.0),
    "gemma3": dict(SIZES, model_type="gemma3_text", head_dim=8, sliding_window=3, sliding_window_pattern=2,
                   query_pre_attn_scalar=24, rope_theta=1000.0, rope_local_base_freq=100.0,
                   rope_scaling=dict(rope_type="linear", factor=8.0)),
    "phi3": dict(SIZES, model_type="phi3", sliding_window=5, max_position_embeddings=16,
                 original_max_position_embeddings=4, pad_token_id=0, tie_word_embeddings=False,
                 rope_scaling=dict(type="longrope", short_factor=[1.0, 1.5, 2.0, 2.5], long_factor=[3.0, 4.0, 5.0, 6.0])),
    "phi3-partial": dict(SIZES, model_type="phi3", partial_rotary_factor=0.5, pad_token_id=0),
    "mixtral": dict(SIZES, model_type="mixtral", num_local_experts=32, num_experts_per_tok=2),
    "mixtral-all": dict(SIZES, model_type="mixtral", num_local_experts=2, num_experts_per_tok=2),
    "qwen2-moe": dict(SIZES, model_type="qwen2_moe", num_experts=24, num_experts_per_tok=3, moe_intermediate_size=20,
                      shared_expert_intermediate_size=28, mlp_only_layers=[0]),
    "qwen3-moe": dict(SIZES, model_type="qwen3_moe", num_experts=16, num_experts_per_tok=2, moe_intermediate_size=20,
                      norm_topk_prob=True, head_dim=12),
    "deepseek-v2-lite": dict(MLA, model_type="deepseek_v2", q_lora_rank=None, topk_method="greedy", rope_theta=500.0,
                             rope_scaling=dict(type="yarn", factor=4.0, mscale=0.707, mscale_all_dim=0.707,
                                               beta_fast=32, beta_slow=1, original_max_position_embeddings=16)),
    "deepseek-v2": dict(MLA, model_type="deepseek_v2", q_lora_rank=14, topk_method="group_limited_greedy", n_group=4,
                        topk_group=2, routed_scaling_factor=16.0, attention_bias=True),
    "deepseek-v3": dict(MLA, model_type="deepseek_v3", q_lora_rank=14, n_group=4, topk_group=2,
                        routed_scaling_factor=2.5, norm_topk_prob=True),
}
# Names of an expert's weights in checkpoints: gate, up, down.
EXPERTS = {"mixtral": ("block_sparse_moe", "w1", "w3", "w2")}
SEQ = 8


def weight(name, shape):
    """FNV-1a of the name, then SplitMix64 at each place: the upper 24 bits, from -1 to 1."""
    seed = 0xCBF29CE484222325
    for byte in name.encode():
        seed = ((seed ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    n = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15) * np.arange(1, n + 1, dtype=np.uint64)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    unit = (z >> np.uint64(40)).astype(np.float64) / 2.0**23 - 1.0
    # Vectors are scales and biases.
    values = 0.5 + 0.5 * unit if len(shape) == 1 else 0.3 * unit
    return torch.tensor(values.reshape(shape), dtype=torch.float64)


def fill(model, model_type, tied):
    module, gate, up, down = EXPERTS.get(model_type, ("mlp", "gate_proj", "up_proj", "down_proj"))
    for name, tensor in model.state_dict().items():
        shape = list(tensor.shape)
        if tied and name == "lm_head.weight":
            continue
        path = name.replace(".mlp.", f".{module}.") if module != "mlp" else name
        base, _, last = path.rpartition(".")
        if base.endswith(".experts") and last in ("gate_up_proj", "down_proj"):
            one = lambda e, which, dims: weight(f"{base}.{e}.{which}.weight", dims)
            if last == "down_proj":
                made = [one(e, down, shape[1:]) for e in range(shape[0])]
            else:
                half = [shape[1] // 2, shape[2]]
                made = [torch.cat([one(e, gate, half), one(e, up, half)]) for e in range(shape[0])]
            value = torch.stack(made)
        else:
            value = weight(path, shape)
        tensor.copy_(value)


def main(folder):
    torch.set_grad_enabled(False)
    for case, fields in CASES.items():
        fields = dict(fields)
        config = AutoConfig.for_model(**json.loads(json.dumps(fields)))
        config._attn_implementation = config._experts_implementation = "eager"
        if fields["model_type"] == "bert":
            inner = AutoModel.from_config(config)
            model = torch.nn.Module()
            model.bert = inner
        else:
            model = inner = AutoModelForCausalLM.from_config(config)
        model = model.double().eval()
        fill(model, fields["model_type"], config.tie_word_embeddings)
        ids = torch.tensor([[(7 * i * i + 3 * i + 5) % 40 for i in range(SEQ)]])
        out = {"config": fields, "input_ids": ids[0].tolist()}
        if fields["model_type"] == "bert":
            types = torch.tensor([[i // 5 for i in range(SEQ)]])
            made = inner(ids, token_type_ids=types)
            out["token_type_ids"] = types[0].tolist()
            out["last_hidden_state"] = [float(f"{x:.9g}") for x in made.last_hidden_state.flatten().tolist()]
            out["pooler_output"] = [float(f"{x:.9g}") for x in made.pooler_output.flatten().tolist()]
        else:
            logits = inner(ids, use_cache=False).logits
            out["logits"] = [float(f"{x:.9g}") for x in logits.flatten().tolist()]
        Path(folder, f"{case}.json").write_text(json.dumps(out) + "\n")
        print(case, max(abs(x) for x in (out.get("logits") or out["pooler_output"])))


if __name__ == "__main__":
    main(sys.argv[1])
