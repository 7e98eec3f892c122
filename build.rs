//! Checks the libz3 that will be linked and lets the built programs find it from any folder.
//!
//! The z3-sys crate links whatever pkg-config offers and only warns when that is too old. So this
//! script asks the same question, fails with a way out, and writes the library's folder into
//! every program as its run path. A program that is to be carried elsewhere (`make wheel`,
//! `make tarball`) is built with `YAMEN_CARRIED` set and looks beside itself instead. The script
//! trusts the version that the pkg-config file states, which `make z3` has asked the library itself;
//! `solver::version::check` asks again at run time.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The oldest libz3 that the z3 crate supports; `scripts/libz3.py` and `src/solver/version.rs`
/// say the same.
const MINIMUM: &str = "4.13.3";

/// The minor versions of Python 3 whose folders a carried program looks into.
const PYTHONS: std::ops::RangeInclusive<u32> = 9..=19;

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=build/z3/lib/pkgconfig/z3.pc");
    println!("cargo::rerun-if-env-changed=Z3_LIBRARY_PATH_OVERRIDE");
    println!("cargo::rerun-if-env-changed=YAMEN_CARRIED");
    let brought_by_cargo = ["CARGO_FEATURE_VENDORED", "CARGO_FEATURE_GH_RELEASE", "DOCS_RS"];
    if brought_by_cargo.iter().any(|name| std::env::var_os(name).is_some()) {
        return ExitCode::SUCCESS;
    }
    match find_library() {
        Ok(folders) => {
            let folders = folders.iter().map(|path| path.canonicalize().unwrap_or(path.clone()));
            let folders = folders.map(|path| path.display().to_string()).collect::<Vec<_>>();
            for folder in &folders {
                println!("cargo::rustc-link-search=native={folder}");
            }
            let carried = std::env::var_os("YAMEN_CARRIED").is_some();
            for folder in if carried { beside_the_program() } else { folders } {
                println!("cargo::rustc-link-arg=-Wl,-rpath,{folder}");
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

/// Where a carried program finds libz3: in `../lib`, as the tarball has it, or in the package
/// z3-solver, wherever pip puts that beside the folder of programs. The loader asks for libz3 by
/// the name of its version (`libz3.so.5.4`), so that no other version is taken on the way.
fn beside_the_program() -> Vec<String> {
    let mac = std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "macos");
    let origin = if mac { "@loader_path" } else { "$ORIGIN" };
    let mut folders = vec![format!("{origin}/../lib"), format!("{origin}/../z3/lib")];
    for minor in PYTHONS.rev() {
        for packages in ["lib", "lib64"] {
            for kind in ["site-packages", "dist-packages"] {
                folders.push(format!("{origin}/../{packages}/python3.{minor}/{kind}/z3/lib"));
            }
        }
    }
    folders
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
