//! Which libz3 this program runs with, and whether it is new enough.
//!
//! The build checks the library it links, but another one may be loaded when the program runs;
//! so the library itself is asked. Trusted: what it answers.

use std::fmt;

/// The oldest libz3 that the `z3` crate supports; `build.rs` and `scripts/libz3.py` say the same.
pub const MINIMUM: Version = Version { major: 4, minor: 13, patch: 3 };

/// A version of libz3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// First number.
    pub major: u32,
    /// Second number.
    pub minor: u32,
    /// Third number.
    pub patch: u32,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl Version {
    /// Reads the first `a.b.c` of a text such as `Z3 5.4.1.0`.
    pub fn parse(text: &str) -> Option<Version> {
        text.split_whitespace().find_map(|word| {
            let mut numbers = word.split('.').map(str::parse);
            let mut number = || numbers.next()?.ok();
            Some(Version { major: number()?, minor: number()?, patch: number()? })
        })
    }
}

/// The libz3 that was loaded cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "libz3 calls itself `{found}`, but {MINIMUM} or newer is needed; \
     run `make z3` in Yamen's repository and build again, or install a newer libz3"
)]
pub struct TooOld {
    /// What the library says of itself.
    pub found: String,
}

/// What the loaded libz3 says of itself: `5.4.1.0`, with `Z3` before it in some versions.
pub fn full_version() -> String {
    z3::full_version().to_owned()
}

/// The loaded libz3's version, if it is new enough.
///
/// ```
/// assert!(yamen::solver::version::check().is_ok());
/// ```
pub fn check() -> Result<Version, TooOld> {
    judge(&full_version())
}

/// A version that cannot be read counts as too old: nothing is known of what it can do.
fn judge(found: &str) -> Result<Version, TooOld> {
    Version::parse(found)
        .filter(|version| *version >= MINIMUM)
        .ok_or_else(|| TooOld { found: found.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_linked_library_is_new_enough() {
        assert!(check().is_ok(), "{}", full_version());
    }

    #[test]
    fn versions_are_read_from_what_z3_says() {
        let version = Version { major: 5, minor: 4, patch: 1 };
        assert_eq!(Version::parse("Z3 5.4.1.0"), Some(version));
        assert_eq!(Version::parse("5.4.1"), Some(version));
        assert_eq!(Version::parse("Z3 5.4"), None);
        assert_eq!(Version::parse(""), None);
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(judge("Z3 4.13.3.0").is_ok());
        assert!(judge("Z3 4.13.10.0").is_ok());
        assert!(judge("Z3 4.13.2.0").is_err());
        assert!(judge("Z3 4.8.12.0").is_err());
    }

    #[test]
    fn a_library_that_is_too_old_is_named_with_a_way_out() {
        let message = judge("Z3 4.8.12.0").map_err(|error| error.to_string());
        let expected = "libz3 calls itself `Z3 4.8.12.0`, but 4.13.3 or newer is needed; \
             run `make z3` in Yamen's repository and build again, or install a newer libz3";
        assert_eq!(message, Err(expected.to_owned()));
        assert!(judge("no version").is_err());
    }
}
