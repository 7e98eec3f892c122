//! The interpreter of the typed core: the independent second opinion.
//!
//! It knows nothing of terms, solvers or encodings. Whatever an engine claims to have found is
//! executed here first, and on finite models it searches on its own.

pub mod again;
pub mod apart;
pub mod bearing;
pub mod beginnings;
pub mod closing;
pub mod deviations;
pub mod draws;
pub mod evaluate;
pub mod explicit;
pub mod game;
pub mod knowing;
pub mod next;
pub mod observe;
pub mod operate;
pub mod pairs;
pub mod progress;
pub mod replay;
pub mod simulate;
pub mod stays;
pub mod step;
pub mod ties;
pub mod valuations;
pub mod value;
