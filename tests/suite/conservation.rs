crate::trials!("conservation":);
