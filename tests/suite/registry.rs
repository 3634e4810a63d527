crate::trials!("registry":);
