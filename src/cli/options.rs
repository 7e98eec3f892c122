//! Arguments that several verbs share.

use std::path::PathBuf;

use clap::builder::{StringValueParser, TypedValueParser};

/// Which specs.
#[derive(Clone, Debug, clap::Args)]
pub struct Paths {
    /// Specs, or folders with specs.
    #[arg(value_name = "PATH", default_value = "specs")]
    pub paths: Vec<PathBuf>,
}

/// What a list of messages is printed as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum MessageFormat {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object; its schema is schema/yamen.diagnostics.v1.schema.json.
    Json,
}

/// `NAME=VALUE`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// What is set.
    pub name: String,
    /// To what.
    pub value: String,
}

/// Reads `NAME=VALUE`.
pub fn setting() -> impl TypedValueParser<Value = Setting> {
    StringValueParser::new().try_map(|text: String| match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !value.trim().is_empty() => {
            Ok(Setting { name: name.trim().to_owned(), value: value.trim().to_owned() })
        }
        _ => Err(format!("write it as NAME=VALUE, for example quorum=4, not `{text}`")),
    })
}

/// Reads a number of seconds.
pub fn seconds() -> impl TypedValueParser<Value = f64> {
    StringValueParser::new().try_map(|text: String| match text.parse::<f64>() {
        Ok(seconds) if seconds > 0.0 && seconds <= MOST_SECONDS => Ok(seconds),
        Ok(_) => Err(format!("more than 0 and at most {MOST_SECONDS} seconds")),
        Err(_) => Err("a number of seconds, such as 60 or 0.5".to_owned()),
    })
}

/// A year or so: longer waits are slips of the pen, and cannot overflow a clock.
pub const MOST_SECONDS: f64 = 31_536_000.0;

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn parsed<T: Clone + Send + Sync + 'static>(
        parser: impl TypedValueParser<Value = T>,
        text: &str,
    ) -> Result<T, String> {
        let command = clap::Command::new("test");
        parser
            .parse_ref(&command, None, std::ffi::OsStr::new(text))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn settings_have_a_name_and_a_value() {
        let setting_of = |name: &str, value: &str| {
            Ok(Setting { name: name.to_owned(), value: value.to_owned() })
        };
        assert_eq!(parsed(setting(), "quorum=4"), setting_of("quorum", "4"));
        assert_eq!(parsed(setting(), " a.b = 1/2 "), setting_of("a.b", "1/2"));
        for wrong in ["quorum", "=4", "quorum=", ""] {
            assert!(parsed(setting(), wrong).unwrap_err().contains("NAME=VALUE"), "{wrong}");
        }
    }

    #[test]
    fn seconds_are_positive_and_finite() {
        assert_eq!(parsed(seconds(), "0.5"), Ok(0.5));
        for wrong in ["0", "-1", "NaN", "inf", "1e300", "soon"] {
            assert!(parsed(seconds(), wrong).is_err(), "{wrong}");
        }
    }
}
