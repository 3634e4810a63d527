//! Which layer a task belongs to, told from the user's name.

/// The part of a name that stands for its layer.
///
/// Segments are separated by `.` or `/`. Up to and including the first segment that is a number, since
/// repeated layers are numbered: `transformer.h.3.attn.c_attn` is in `transformer.h.3`. A name without a
/// number is cut after two segments: `transformer.ln_f.add` is in `transformer.ln_f`.
pub fn layer_of(name: &str) -> &str {
    let mut filled = 0;
    let mut second_end = name.len();
    let mut start = 0;
    for end in name.match_indices(['.', '/']).map(|(at, _)| at).chain([name.len()]) {
        let segment = &name[start..end];
        start = end + 1;
        if segment.is_empty() {
            continue;
        }
        if segment.bytes().all(|b| b.is_ascii_digit()) {
            return &name[..end];
        }
        filled += 1;
        if filled == 2 {
            second_end = end;
        }
    }
    &name[..second_end]
}

#[cfg(test)]
mod tests {
    use super::layer_of;

    #[test]
    fn layers_are_numbered_or_two_segments() {
        for (name, layer) in [
            ("transformer.h.3.attn.c_attn", "transformer.h.3"),
            ("transformer.h.11", "transformer.h.11"),
            ("model.layers.12.mlp", "model.layers.12"),
            ("model.layers.12.mlp.experts.5.w1", "model.layers.12"),
            ("/model/layers.0/self_attn/q_proj/MatMul", "/model/layers.0"),
            ("transformer.wte", "transformer.wte"),
            ("transformer.ln_f.add.x", "transformer.ln_f"),
            ("lm_head", "lm_head"),
            ("layer.3é.x", "layer.3é"),
            ("..", ".."),
            ("", ""),
        ] {
            assert_eq!(layer_of(name), layer, "{name}");
        }
    }
}
