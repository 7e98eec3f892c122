//! The `yamen` command.

fn main() {}
