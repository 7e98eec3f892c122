//! What stands after a verdict: the text for people, the JSON for scripts, and its schemas.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

#[path = "report/ci.rs"]
mod ci;
#[path = "report/itf.rs"]
mod itf;
#[path = "report/json.rs"]
mod json;
#[path = "report/samples.rs"]
mod samples;
#[path = "report/text.rs"]
mod text;
