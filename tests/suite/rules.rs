crate::trials!("rules":);
