//! Names, sorts and checking: from syntax tree to typed core.

pub mod core;
pub mod defect;
pub mod layout;
pub mod trace;
