crate::trials!("cli":);
