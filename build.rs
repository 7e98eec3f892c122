//! Set-up of the link to libz3; see CONTRIBUTING.md.

fn main() {}
