//! Text to tree: spans, tokens, the parser that never fails, and the printer.

pub mod ast;
pub mod depth;
pub mod diagnostic;
pub mod parser;
pub mod printer;
pub mod render;
pub mod source;
pub mod token;

pub use parser::{Parsed, parse};
