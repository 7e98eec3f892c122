//! Verifies specs from Rust: `cargo run --example library -- specs/`.

use std::path::PathBuf;

use yamen::govern::{self, files::Disk};
use yamen::report::text::{self, TextOptions};
use yamen::verify::{Options, verify};

fn main() {
    let paths: Vec<PathBuf> = std::env::args().skip(1).map(PathBuf::from).collect();
    let loaded = govern::load::load(&paths, &Disk);
    let mut diagnostics = loaded.diagnostics;
    let mut institutions = Vec::new();
    for institution in &loaded.institutions {
        let (core, found) = govern::elaborate(institution);
        diagnostics.extend(found);
        institutions.push(core);
    }
    for diagnostic in &diagnostics {
        eprintln!("{}: {}", diagnostic.code, diagnostic.message);
    }
    let never = || false;
    let silent = yamen::report::events::Silent;
    match verify(&loaded.sources, &institutions, &Options::default(), &silent, &never) {
        Ok(verified) => print!("{}", text::report(&verified.report, &TextOptions::default())),
        Err(diagnostics) => {
            for d in diagnostics {
                let (line, column) = loaded.sources.position(d.primary.0);
                let path = loaded.sources.path(d.primary.0.file).display().to_string();
                eprintln!("{path}:{line}:{column}: {}: {} {:?}", d.code, d.message, d.help);
            }
        }
    }
}
