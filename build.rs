//! Checks the libz3 that will be linked and lets the built programs find it from any folder.
//!
//! The z3-sys crate links whatever pkg-config offers and only warns when that is too old. So this
//! script asks the same question, fails with a way out, and writes the library's folder into
//! every program as its run path. It trusts the version that the pkg-config file states, which
//! `make z3` has asked the library itself; `solver::version::check` asks again at run time.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The oldest libz3 that the z3 crate supports; `scripts/libz3.py` and `src/solver/version.rs`
/// say the same.
const MINIMUM: &str = "4.13.3";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build/z3/lib/pkgconfig/z3.pc");
    println!("cargo::rerun-if-env-changed=Z3_LIBRARY_PATH_OVERRIDE");
    let brought_by_cargo = ["CARGO_FEATURE_VENDORED", "CARGO_FEATURE_GH_RELEASE", "DOCS_RS"];
    if brought_by_cargo.iter().any(|name| std::env::var_os(name).is_some()) {
        return ExitCode::SUCCESS;
    }
    match find_library() {
        Ok(folders) => {
            for folder in folders.iter().map(|path| path.canonicalize().unwrap_or(path.clone())) {
                println!("cargo::rustc-link-search=native={}", folder.display());
                println!("cargo::rustc-link-arg=-Wl,-rpath,{}", folder.display());
            }
            ExitCode::SUCCESS
        }
        Err(reason) => {
            println!("cargo::error=no suitable libz3 ({MINIMUM} or newer) was found: {reason}");
            println!("cargo::error=run `make z3`, which finds or brings one, and build again");
            ExitCode::FAILURE
        }
    }
}

/// The folders of a libz3 that is new enough.
fn find_library() -> Result<Vec<PathBuf>, String> {
    let mut question = pkg_config::Config::new();
    match question.atleast_version(MINIMUM).cargo_metadata(false).probe("z3") {
        Ok(library) => Ok(library.link_paths),
        Err(pkg_config::Error::Command { .. }) => library_without_pkg_config(),
        Err(error) => Err(cause(&error)),
    }
}

/// Without pkg-config, z3-sys links `-lz3` from the folder that .cargo/config.toml names.
fn library_without_pkg_config() -> Result<Vec<PathBuf>, String> {
    let none = "neither pkg-config nor the folder build/z3 is there";
    let folder = std::env::var("Z3_LIBRARY_PATH_OVERRIDE").map_err(|_| none)?;
    if Path::new(&folder).join("pkgconfig/z3.pc").exists() {
        Ok(vec![PathBuf::from(folder)])
    } else {
        Err(none.to_owned())
    }
}

/// The line of pkg-config's error that says what is wrong.
fn cause(error: &pkg_config::Error) -> String {
    let text = match error {
        pkg_config::Error::ProbeFailure { output, .. }
        | pkg_config::Error::Failure { output, .. } => {
            String::from_utf8_lossy(&output.stderr).into_owned()
        }
        other => other.to_string(),
    };
    let telling = text.lines().find(|line| line.contains("z3")).unwrap_or("pkg-config failed");
    telling.trim().to_owned()
}
