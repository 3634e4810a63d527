crate::trials!("extraction":);
