crate::trials!("semantics":);
