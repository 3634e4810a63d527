crate::trials!("roundtrip":);
